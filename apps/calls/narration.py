"""AR-02: a call's facts as sentences for people. PURE but for the language: no database, no clock.

A line is begun by one fact and may be completed by a later one: a step is entered and left, an offer made and ended. It
stands where it began.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.calls import passing_on
from apps.calls import wording as w
from apps.calls.teller import Considered, Line, Teller
from apps.calls.wording import decimal, duration, word
from apps.events import vocabulary as v
from contactcenter.lib import phone


def narrate(entries: list[v.Entry], names: Mapping[str, str], country: str) -> list[Line]:
    """The lines of one call, oldest first. `names`: "agent:17" -> what was called so. `country`: how numbers are written ("NO")."""
    teller = Teller(names, country)
    for entry in entries:
        if tell := _TELL.get(type(entry.event)):
            tell(teller, entry.event)
    return teller.lines


def _call_arrived(t: Teller, e: v.CallArrived) -> None:
    caller = phone.pretty(e.caller, t.country) or _("A caller without number")
    if e.agent is not None:
        _called_out(t, e)
        return
    called = _("The system called %(caller)s") if e.placed else _("%(caller)s called %(number)s")
    sentence = called % {"caller": caller, "number": phone.pretty(e.dialled, t.country)}
    if e.forwarded_from:
        sentence += _(", forwarded from %(number)s") % {"number": phone.pretty(e.forwarded_from, t.country)}
    t.roles[e.leg] = "caller"
    t.add(e, "call_received", sentence)


def _called_out(t: Teller, e: v.CallArrived) -> None:
    shown = {"number": phone.pretty(e.caller, t.country), "shown": phone.pretty(e.dialled, t.country)}
    t.roles[e.leg] = "caller"
    sentence = _("%(agent)s calls %(number)s, showing %(shown)s") if e.dialled else _("%(agent)s calls %(number)s")
    sentence %= {"agent": t.name("agent", e.agent), **shown}
    t.add(e, "call_made", sentence + (_(", as %(who)s wanted") % {"who": t.person(e.by)} if e.by is not None else ""))


def _call_ended(t: Teller, e: v.CallEnded) -> None:
    t.add(e, "call_end", word(w.CAUSES, e.cause), tone="bad" if e.cause in ("error", "cell_lost", "recovered") else "calm")


def _leg(t: Teller, leg: str) -> str:
    return word(w.LEG_ROLES, t.roles.get(leg, "unknown"))


def _leg_started(t: Teller, e: v.LegStarted) -> None:
    t.roles[e.leg] = e.role
    t.add(e, "cable", _("%(leg)s is being set up") % {"leg": _leg(t, e.leg)}, technical=True)


def _leg_connected(t: Teller, e: v.LegConnected) -> None:
    t.add(e, "cable", _("%(leg)s stands") % {"leg": _leg(t, e.leg)}, technical=True)


def _leg_finished(t: Teller, e: v.LegFinished) -> None:
    sentence = _("%(leg)s ended (SIP %(code)s)") % {"leg": _leg(t, e.leg), "code": e.code}
    if e.received:
        share = 100 * e.lost / (e.received + e.lost)
        figures = {"lost": decimal(share), "jitter": round(e.jitter_ms)}
        sentence += _(": %(lost)s %% of the audio lost, jitter %(jitter)s ms") % figures
    if e.sent:
        figures = {"lost": decimal(100 * e.sent_lost / e.sent), "jitter": round(e.sent_jitter_ms)}
        sentence += _("; on its way there %(lost)s %% lost, jitter %(jitter)s ms") % figures
    t.add(e, "cable", sentence, technical=True)


def _step_entered(t: Teller, e: v.StepEntered) -> None:
    t.steps[e.step] = (e.kind, e.name)
    t.begin(("step", e.step), e, t.step_symbol(e.step), t.step(e.step))


def _step_left(t: Teller, e: v.StepLeft) -> None:
    """A queue step lasts until the conversation is over, and the queue has lines of its own: no time for it."""
    choice = f"{e.value} {e.label}".strip() or e.exit
    parts = {"step": t.step(e.step), "result": word(w.STEP_RESULTS, e.result) % {"choice": choice}, "time": duration(e.seconds)}
    timed = t.steps.get(e.step, ("",))[0] != "queue" and e.seconds > 0
    sentence = (_("%(step)s: %(result)s after %(time)s") if timed else _("%(step)s: %(result)s")) % parts
    tone = "bad" if e.result == "error" else "calm"
    t.complete(("step", e.step), e, t.step_symbol(e.step), sentence, seconds=e.seconds if timed else None, tone=tone)


def _step_failed(t: Teller, e: v.StepFailed) -> None:
    t.add(e, "error", _("%(step)s is broken: %(reason)s") % {"step": t.step(e.step), "reason": e.reason}, tone="bad")


def _survey_answered(t: Teller, e: v.SurveyAnswered) -> None:
    t.add(e, "rate_review", _("Answered “%(question)s” with %(answer)s") % {"question": e.question, "answer": e.answer})


def _queue_entered(t: Teller, e: v.QueueEntered) -> None:
    parts = {"queue": t.name("queue", e.queue), "position": e.position}
    sentence = _("Waiting in the queue %(queue)s, number %(position)s") if e.position else _("Waiting in the queue %(queue)s")
    t.add(e, "hourglass_top", sentence % parts)


def _queue_left(t: Teller, e: v.QueueLeft) -> None:
    parts = {"queue": t.name("queue", e.queue), "time": duration(e.waited)}
    sentence = word(w.QUEUE_EXITS, e.exit) if e.exit in w.QUEUE_EXITS else _("Left the queue %(queue)s after %(time)s")
    t.add(e, "hourglass_bottom", sentence % parts, seconds=e.waited, tone="good" if e.exit == "answered" else "bad")


def _considered(t: Teller, e: v.OfferMade) -> tuple[Considered, ...]:
    callers = e.trigger == "agent_free"
    return tuple(
        Considered(_considered_name(t, e, one.id, callers), one.score, one.note, index == 0, one.id if callers else "")
        for index, one in enumerate(e.considered)
    )


def _considered_name(t: Teller, e: v.OfferMade, candidate: str, caller: bool) -> str:
    if not caller:
        return t.names.get(f"agent:{candidate}") or candidate
    return _("This call") if candidate == e.call else _("Another call")


def _offer_made(t: Teller, e: v.OfferMade) -> None:
    sentence = _("Offered to %(agent)s") % {"agent": t.name("agent", e.agent)}
    figures = w.REQUEST_FIGURES if e.trigger == "agent_free" else w.AGENT_FIGURES
    why = {"why": word(w.TRIGGERS, e.trigger), "figures": tuple(_(figure) for figure in figures), "considered": _considered(t, e)}
    t.begin(("offer", e.leg), e, "notifications", sentence, **why)


def _confirmation_asked(t: Teller, e: v.ConfirmationAsked) -> None:
    sentence = _("The telephone of %(agent)s answered and was asked for a key") % {"agent": t.name("agent", e.agent)}
    t.add(e, "dialpad", sentence)


def _offer_ended(t: Teller, e: v.OfferEnded) -> None:
    parts = {"agent": t.name("agent", e.agent), "result": word(w.OFFER_RESULTS, e.result), "time": duration(e.seconds)}
    sentence = _("Offered to %(agent)s: %(result)s after %(time)s") % parts
    good = e.result == "answered"
    symbol = "notifications_active" if good else "notifications_off"
    t.complete(("offer", e.leg), e, symbol, sentence, seconds=e.seconds, tone="good" if good else "bad")


def _conversation_started(t: Teller, e: v.ConversationStarted) -> None:
    t.add(e, "record_voice_over", _("Conversation with %(who)s") % {"who": t.person(e.agent)}, tone="good")


def _conversation_ended(t: Teller, e: v.ConversationEnded) -> None:
    parts = {"who": t.person(e.agent), "time": duration(e.seconds), "by": word(w.ENDED_BY, e.by), "held": duration(e.held)}
    sentence = _("Conversation with %(who)s ended by %(by)s after %(time)s") % parts
    if e.holds:
        sentence += _(", of it %(held)s on hold") % parts
    t.add(e, "voice_over_off", sentence, seconds=e.seconds)


def _disposition_chosen(t: Teller, e: v.DispositionChosen) -> None:
    parts = {"agent": t.name("agent", e.agent), "name": e.name}
    t.add(e, "task_alt", _("%(agent)s chose the disposition “%(name)s”") % parts)


def _hold_started(t: Teller, e: v.HoldStarted) -> None:
    t.begin(("hold", e.agent), e, "phone_paused", _("On hold"))


def _hold_ended(t: Teller, e: v.HoldEnded) -> None:
    t.complete(("hold", e.agent), e, "phone_paused", _("On hold for %(time)s") % {"time": duration(e.seconds)}, seconds=e.seconds)


def _mute_changed(t: Teller, e: v.MuteChanged) -> None:
    sentence = _("%(agent)s switched the microphone off") if e.muted else _("%(agent)s switched the microphone on")
    t.add(e, "mic_off" if e.muted else "mic", sentence % {"agent": t.name("agent", e.agent)})


def _media_lost(t: Teller, e: v.AgentMediaLost) -> None:
    sentence = _("The connection to %(agent)s was lost: the caller hears music") % {"agent": t.name("agent", e.agent)}
    t.begin(("lost", e.agent), e, "wifi_off", sentence, tone="bad")


def _media_back(t: Teller, e: v.AgentMediaBack) -> None:
    seconds = t.lasted(("lost", e.agent), e)
    parts = {"agent": t.name("agent", e.agent), "time": duration(seconds)}
    sentence = _("The connection to %(agent)s was lost for %(time)s: the caller heard music") % parts
    t.complete(("lost", e.agent), e, "wifi", sentence, seconds=seconds, tone="bad")


def _recording_began(t: Teller, e: v.RecordingBegan) -> None:
    if e.tape != "conversation":
        t.add(e, "radio_button_checked", _("The caller is recorded"), technical=True)
        return
    sentence = _("Recording (%(mode)s)") % {"mode": word(w.RECORDING_MODES, e.mode)}
    t.add(e, "radio_button_checked", sentence, recording=e.recording)


def _recording_paused(t: Teller, e: v.RecordingPaused) -> None:
    t.begin(("gap", e.recording), e, "pause_circle", _("Recording paused"))


def _recording_resumed(t: Teller, e: v.RecordingResumed) -> None:
    seconds = t.lasted(("gap", e.recording), e)
    sentence = _("Recording paused for %(time)s") % {"time": duration(seconds)}
    t.complete(("gap", e.recording), e, "pause_circle", sentence, seconds=seconds)


def _recording_masked(t: Teller, e: v.RecordingMasked) -> None:
    sentence = _("%(agent)s masks the recording: a tone is recorded") % {"agent": t.name("agent", e.agent)}
    t.begin(("mask", e.recording), e, "visibility_off", sentence)


def _recording_unmasked(t: Teller, e: v.RecordingUnmasked) -> None:
    seconds = t.lasted(("mask", e.recording), e)
    parts = {"agent": t.name("agent", e.agent), "time": duration(seconds)}
    sentence = _("%(agent)s masked the recording for %(time)s: a tone was recorded") % parts
    t.complete(("mask", e.recording), e, "visibility_off", sentence, seconds=seconds)


def _recording_finished(t: Teller, e: v.RecordingFinished) -> None:
    if e.error:
        t.add(e, "error", _("The recording failed: %(error)s") % {"error": e.error}, tone="bad")
        return
    t.add(e, "stop_circle", _("Recording ended: %(time)s of audio") % {"time": duration(e.seconds)}, seconds=e.seconds)


def _recording_discarded(t: Teller, e: v.RecordingDiscarded) -> None:
    t.add(e, "delete", _("The recording was not kept"))


def _prompt_recorded(t: Teller, e: v.PromptRecorded) -> None:
    t.add(e, "mic", _("A sound was recorded: %(time)s") % {"time": duration(e.seconds)}, seconds=e.seconds, tone="good")


def _prompt_chosen(t: Teller, e: v.PromptChosen) -> None:
    parts = {"who": t.person(e.by), "sound": t.name("prompt", e.prompt)}
    t.add(e, "mic", _("%(who)s records the sound “%(sound)s”") % parts)


def _phone_code_refused(t: Teller, e: v.PhoneCodeRefused) -> None:
    told = _("The telephone code was wrong") if e.reason == "wrong" else _("No telephone code was looked at: too many were wrong")
    t.add(e, "lock", told, tone="bad")


def _callback_ordered(t: Teller, e: v.CallbackOrdered) -> None:
    t.add(e, "phone_callback", _("Ordered a callback to %(number)s") % {"number": phone.pretty(e.number, t.country)}, tone="good")


def _voicemail_left(t: Teller, e: v.VoicemailLeft) -> None:
    sentence = _("Message left in «%(box)s»: %(time)s") % {"box": e.box, "time": duration(e.seconds)}
    t.add(e, "voicemail", sentence, seconds=e.seconds, recording=e.recording, tone="good")


def _recording_stored(t: Teller, e: v.RecordingStored) -> None:
    t.add(e, "inventory_2", _("The recording is in the archive"), technical=True)


def _state_mended(t: Teller, e: v.StateMended) -> None:
    about = _("%(agent)s and the call did not agree, which was mended: %(fault)s")
    alone = _("Something in the call was not right, and was mended: %(fault)s")
    parts = {"agent": t.name("agent", e.agent) if e.agent is not None else "", "fault": word(w.FAULTS, e.fault)}
    t.add(e, "healing", (about if e.agent is not None else alone) % parts, tone="bad")


_TELL: dict[type, Callable[[Teller, Any], None]] = {
    v.CallArrived: _call_arrived,
    v.CallEnded: _call_ended,
    v.LegStarted: _leg_started,
    v.LegConnected: _leg_connected,
    v.LegFinished: _leg_finished,
    v.StepEntered: _step_entered,
    v.StepLeft: _step_left,
    v.StepFailed: _step_failed,
    v.SurveyAnswered: _survey_answered,
    v.QueueEntered: _queue_entered,
    v.QueueLeft: _queue_left,
    v.OfferMade: _offer_made,
    v.ConfirmationAsked: _confirmation_asked,
    v.OfferEnded: _offer_ended,
    v.ConversationStarted: _conversation_started,
    v.ConversationEnded: _conversation_ended,
    v.DispositionChosen: _disposition_chosen,
    v.HoldStarted: _hold_started,
    v.HoldEnded: _hold_ended,
    v.MuteChanged: _mute_changed,
    v.AgentMediaLost: _media_lost,
    v.AgentMediaBack: _media_back,
    v.RecordingBegan: _recording_began,
    v.RecordingPaused: _recording_paused,
    v.RecordingResumed: _recording_resumed,
    v.RecordingMasked: _recording_masked,
    v.RecordingUnmasked: _recording_unmasked,
    v.RecordingFinished: _recording_finished,
    v.RecordingDiscarded: _recording_discarded,
    v.PromptRecorded: _prompt_recorded,
    v.PromptChosen: _prompt_chosen,
    v.PhoneCodeRefused: _phone_code_refused,
    v.StateMended: _state_mended,
    v.CallbackOrdered: _callback_ordered,
    v.VoicemailLeft: _voicemail_left,
    v.RecordingStored: _recording_stored,
    v.PresenceChanged: lambda teller, event: None,  # about the agent, not the call
    **passing_on.TELL,
}
