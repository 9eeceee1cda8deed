"""What the desk's scripts say, by key, in the language of the request. `{…}` is filled in by the script."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.live import words as live_words


def words() -> dict[str, str]:
    return {**_statuses(), **_calls(), **_transfer(), **_queues(), **_directory(), **_phone(), **live_words.shared()}


def _statuses() -> dict[str, str]:
    return {
        "status.logged_off": _("Logged off"),
        "status.ready": pgettext("an agent's status", "Ready"),
        "status.offered": _("Ringing"),
        "status.connected": _("In a call"),
        "status.wrap_up": _("Wrap-up"),
        "status.busy": pgettext("an agent's status", "Busy"),
        "status.no_answer": _("No answer"),
        "status.pause": pgettext("an agent's status", "Pause"),
        "pending.log_off": _("Log-off follows"),
        "pending.pause": _("Then: {reason}"),
        "why.phone_busy": _("Your phone was busy when a call came."),
        "why.rejected": _("You rejected a call."),
        "why.no_answer": _("You did not answer a call."),
        "why.error": _("A call could not reach your phone."),
        "why.no_answer_limit": _("You were logged off: several calls in a row were not answered."),
        "why.error_limit": _("You were logged off: several calls in a row could not reach your phone."),
        "why.media_lost": _("Your sound was away for more than 30 seconds, so the conversation has ended."),
        "why.midnight": _("You were logged off at midnight."),
        **_calls_out(),
        **_quality(),
        **_summary(),
        **_sound_test(),
        "idle.ready": _("You get the next call."),
        "idle.pause": _("You get no calls until you are ready again."),
        "idle.left": _("Ready again in {seconds} s"),
    }


def _calls() -> dict[str, str]:
    return {
        "caller.withheld": _("Withheld number"),
        "call.incoming": _("Incoming call: {caller}"),
        "call.announce": _("Incoming call from {caller}, {queue}. Enter answers, Escape rejects."),
        "call.announce.asked": _("{asks}: {caller}. Enter answers, Escape rejects."),
        "call.ringing": _("Incoming call"),
        "call.confirm": _("Press 1 on your phone to take the call, 2 to refuse it"),
        "call.confirm.out": _("Press 1 on your phone, then the number is called"),
        "call.talking": _("In a call"),
        "call.held": _("On hold: the customer hears music"),
        "call.consulting": _("Consult: the customer hears music"),
        "call.three_party": _("Three-party call"),
        "call.lost": _("Your sound is gone: the customer hears music"),
        "call.answering": _("Connecting …"),
        "call.test": _("Test call"),
        "mute.on": _("Unmute"),
        "mute.off": _("Mute"),
        "hold.on": _("Resume"),
        "hold.off": _("Hold"),
        "record.on": _("Recording"),
        "record.paused": _("Recording paused"),
        "record.failed": _("The recording failed: this call is not recorded"),
        "record.masked": _("Recording masked"),
        "record.pause": _("Pause recording"),
        "record.resume": _("Resume recording"),
        "earlier.none": _("No earlier calls."),
        "earlier.withheld": _("The number is withheld, so earlier calls are not known."),
        "earlier.nobody": _("Nobody on the line."),
        "earlier.count": _("Earlier calls: {count}"),
        "call.missed": _("not answered"),
        "day.none": _("No calls yet today."),
        "day.more": _("The newest {count} are shown."),
        "day.calls.one": ngettext("call", "calls", 1),
        "day.calls.other": ngettext("call", "calls", 2),
    }


def _transfer() -> dict[str, str]:
    return {
        "consult.waiting": _("You wait in {who}"),
        "consult.ringing": _("Ringing {who} …"),
        "consult.talking": _("You talk to {who}"),
        "consult.three_party": _("You, the customer and {who} hear each other"),
        "consult.found": _("You talk to {who}, from {queue}"),
        "consult.back": _("Back to the customer"),
        "consult.without": _("Go on without {who}"),
        "in_vain.busy": _("{who} is busy: you have the customer back."),
        "in_vain.no_answer": _("{who} does not answer: you have the customer back."),
        "in_vain.rejected": _("{who} does not take the call: you have the customer back."),
        "in_vain.unreachable": _("{who} could not be reached: you have the customer back."),
        "in_vain.hung_up": _("{who} has hung up: you have the customer back."),
        "in_vain.media_lost": _("The sound of {who} is gone: you have the customer back."),
        "in_vain.maximum_wait": _("Nobody in {who} was free in time: you have the customer back."),
        "in_vain.no_agents": _("The last agent of {who} has logged off: you have the customer back."),
        "in_vain.error": _("A fault has ended it with {who}: you have the customer back."),
        "asked.consult": _("{who} asks you about a customer"),
        "asked.transfer": _("{who} transfers a customer to you"),
        "asked.returned": _("Your transfer failed: the customer is back"),
        "asked.consulting": _("You talk to {who}: the customer hears music"),
        "asked.three_party": _("You, {who} and the customer hear each other"),
        "asked.lost": _("Your sound is gone"),
        "target.number": _("Call this number"),
        "target.queue": _("Queue: {waiting} waiting, {ready} ready"),
        "target.unserved": _("Queue: nobody is logged on"),
        "target.flow": _("Call flow"),
        "targets.failed": _("The list could not be fetched. It is asked for again; a number can be typed."),
    }


def _calls_out() -> dict[str, str]:
    return {
        "call.phone": _("Your phone rings: answer it, then the number is called"),
        "call.phone.here": _("Connecting your phone …"),
        "call.dialling": _("Dialling …"),
        "call.alerting": _("It rings there"),
        "call.dialled": _("Dialled"),
        "call.shown": _("Shown"),
        "out.busy": _("{number} is busy."),
        "out.no_answer": _("{number} does not answer."),
        "out.rejected": _("{number} rejected the call."),
        "out.unreachable": _("{number} could not be reached. Look at the number, or tell your administrator."),
        "out.error": _("A fault ended the call to {number}. Try again."),
        "out.media_lost": _("Your sound was away, so the call to {number} has ended."),
        "out.cell_lost": _("A fault ended the call to {number}. Try again."),
        "out.recovered": _("A fault ended the call to {number}. Try again."),
        "out.phone_busy": _("Your own phone was busy, so {number} was not called."),
        "out.phone_no_answer": _("Your own phone was not answered, so {number} was not called."),
        "out.phone_unreachable": _("Your own phone could not be reached, so {number} was not called."),
        "call_back": _("Call {who}"),
        "went.busy": pgettext("whom an agent called", "Busy"),
        "went.no_answer": _("No answer"),
        "went.rejected": pgettext("whom an agent called", "Rejected"),
        "went.unreachable": pgettext("whom an agent called", "Not reached"),
        "went.cancelled": pgettext("whom an agent called", "Given up"),
        "went.phone_busy": _("Own phone busy"),
        "went.phone_no_answer": _("Own phone not answered"),
        "went.phone_unreachable": _("Own phone not reached"),
        "went.media_lost": _("Sound lost"),
        "went.error": _("A fault ended the call"),
    }


def _quality() -> dict[str, str]:
    return {
        "quality.good": _("Good sound"),
        "quality.fair": _("Fair sound"),
        "quality.poor": _("Poor sound"),
        "quality.loss": _("{number} %"),
        "quality.jitter": _("{number} ms"),
        "quality.rtt": _("{number} ms"),
        "quality.means.good": _("Nothing to do: your network carries the sound well."),
        "quality.advice.loss": _("Your network loses sound: use a cable instead of wireless, or move closer to the access point."),
        "quality.advice.jitter": _("The sound comes unevenly: stop downloads and video, and use a cable instead of wireless."),
        "quality.advice.delay": _("The sound takes long: switch off a VPN if you may, or tell your administrator."),
    }


def _sound_test() -> dict[str, str]:
    return {
        "sound.connecting": _("Connecting …"),
        "sound.speak": _("Speak now, for ten seconds: you hear yourself a moment later."),
        "sound.figures": _("{loss} % lost, jitter {jitter} ms, round trip {rtt} ms, MOS {mos}"),
        "sound.fine": _(
            "Your voice went to the server and came back well. Did you not hear yourself? Then choose another loudspeaker, or turn it up."
        ),
        "sound.no_voice": _("Nothing was heard from your microphone. Is it switched off at the headset? Else choose another one below."),
        "sound.nothing_back": _(
            "Your microphone works, but nothing came back from the server. Test again; if it stays so, tell your administrator."
        ),
        "sound.faint": _("You are hard to hear: bring the microphone closer to your mouth, or turn it up in the system's settings."),
        "sound.poor.loss": _(
            "Your network loses sound on the way: use a cable instead of wireless, or move closer to the access point. Then test again."
        ),
        "sound.poor.jitter": _("The sound comes back unevenly: stop downloads and video, use a cable instead of wireless, and test again."),
        "sound.poor.delay": _("The sound takes long: switch off a VPN if you may, and test again; or tell your administrator."),
    }


def _summary() -> dict[str, str]:
    return {
        "note.saving": _("Saving …"),
        "note.saved": _("Saved"),
        "note.unsaved": _("Not saved yet: it is tried again"),
        "note.rest": _("{count} characters left"),
        "disposition": _("How did it go?"),
        "disposition.required": _("How did it go? (required)"),
        "wrap_up.extend": _("+{seconds} s"),
        "wrap_up.no_more": _("It cannot be made longer than that."),
        "owes": _("Choose how it went: the wrap-up does not end before."),
        "owes.late": _("The wrap-up is over as soon as you have chosen how it went."),
    }


def _queues() -> dict[str, str]:
    return {
        "queue.ready": _("{count} ready"),
        "queue.staff": _("{ready} ready, {connected} in calls, {paused} away"),
        "queues.none": _("No queue to show."),
        "waiting.title": _("Waiting now"),
    }


def _directory() -> dict[str, str]:
    return {
        "search.waits": _("Searching …"),
        "search.none": _("Nothing found."),
        "search.found.one": ngettext("{count} contact", "{count} contacts", 1),
        "search.found.other": ngettext("{count} contact", "{count} contacts", 2),
        "search.more": _("The first {count}. Write more to see others."),
        "search.lost": _("The directory does not answer. The search goes on when the connection is back."),
        "search.failed": _("The directory does not answer. Write on to try again."),
        "search.hits": _("Contacts"),
        "search.no_number": _("No number"),
        "number.mobile": _("Mobile"),
        "number.work": _("Work"),
        "number.home": _("Home"),
        "number.other": _("Other"),
        "customer.several": _("Several contacts have this number:"),
        "customer.more": _("and {count} more"),
    }


def _phone() -> dict[str, str]:
    return {
        "phone.online": _("Softphone ready"),
        "phone.checking": _("Testing the softphone …"),
        "phone.off": _("Softphone off"),
        "phone.offline": _("Softphone offline"),
        "phone.no_microphone": _("No microphone"),
        "phone.no_path": _("No media path"),
        "phone.other": _("Phone in another window"),
        "phone.external": _("External phone {number}"),
        "phone.not_tested": _("Will ask for the microphone and test the sound."),
        "phone.tested": _("Microphone and sound path work."),
        "other.page": _("This page is open in another window, and that window has the phone."),
        "other.take": _("Use the phone here"),
        "sign.in": _("Sign in"),
        "device.default": _("As the system chooses"),
        "device.away": _("Unplugged: {device}"),
        "device.away.nameless": _("The chosen one is not there"),
        "device.gone": _("Unplugged: {device}. The desk uses what the system chooses until that is back."),
        "device.back": _("In use again: {device}"),
    }
