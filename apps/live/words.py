"""What the scripts of pages say, by key, in the language of the request. They get it as JSON in the page: one way, no second catalogue.

A refusal says what happened, what it means for the customer and what to do.
"""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Of the test call's page."""
    return {**shared(), **_test_call(), **_causes()}


def shared() -> dict[str, str]:
    """Of every page with a live connection."""
    return {**_page(), **_refusals(), **_media()}


def _page() -> dict[str, str]:
    return {
        "product": _("Contact centre"),
        "link.offline": _("No connection to the server. The page reconnects by itself; a call that is on goes on."),
        "link.cut": _("No connection to the server: the customer hears music. The page comes back into the call by itself."),
        "link.signed_out": _("You are signed out. Sign in again to go on working."),
        "try.again": _("Try again"),
        "theme.light": _("Light colours"),
        "theme.dark": _("Dark colours"),
        "theme.auto": _("Colours as the system has them"),
    }


def _test_call() -> dict[str, str]:
    return {
        "test.idle": _("Not connected"),
        "test.calling": _("Calling …"),
        "test.connected": _("Connected"),
        "test.ended": _("The call is over"),
        "test.StepEntered": _("Step: {name}"),
        "test.StepLeft": _("{result} {value}"),
        "test.StepFailed": _("The step is broken: {reason}"),
        "test.QueueEntered": _("In the queue, place {position}"),
        "test.QueueLeft": _("Left the queue: {exit}"),
        "test.OfferMade": _("An agent's phone rings"),
        "test.ConversationStarted": _("An agent has answered"),
        "test.HoldStarted": _("On hold"),
        "test.HoldEnded": _("Off hold"),
        "test.CallEnded": _("End: {cause}"),
        "test.pressed": _("You pressed {digit}"),
    }


def _causes() -> dict[str, str]:
    """Codes of the journal in words."""
    return {
        "word.caller_hung_up": _("the caller hung up"),
        "word.agent_hung_up": _("the agent hung up"),
        "word.flow_ended": _("the call flow ended"),
        "word.refused": _("refused"),
        "word.error": _("an error"),
        "word.cell_lost": _("the media process was lost"),
        "word.recovered": _("the call was gone when the switch came back"),
        "word.answered": _("answered"),
        "word.hung_up": _("hung up"),
        "word.maximum_wait": _("waited too long"),
        "word.full": _("the queue is full"),
        "word.no_agents": _("no agents"),
        "word.choice": _("Chosen:"),
        "word.no_input": _("Nothing was pressed"),
        "word.invalid": _("Not a choice:"),
        "word.maximum_tries": _("Too many tries"),
        "word.played": _("Played to the end"),
    }


def _refusals() -> dict[str, str]:
    """By the codes of the switch (requests.RefusalCode), of the gateway (protocol.MediaRefused) and of the live connection."""
    return {
        "refused.not_logged_on": _("You are not logged on to the queues. Log on first."),
        "refused.no_call": _("The call is over already."),
        "refused.not_now": _("That is not possible just now. Look at the status above and try again."),
        "refused.unknown_profile": _("This profile is not yours any more. Reload the page and choose another."),
        "refused.unknown_reason": _("This pause reason does not exist any more. Reload the page."),
        "refused.no_softphone": _("The softphone is not ready yet. Permit the microphone and let the test of the sound finish."),
        "refused.no_trunk": _(
            "No trunk for calls out is set up, so no other phone can ring. Use the softphone, or tell your administrator."
        ),
        "refused.in_call": _("Not in a call: the test would take your sound away from the customer."),
        "refused.disposition_required": _("Choose first how the call went (D): the queue demands it. Then the wrap-up ends."),
        "refused.wrap_up_limit": _("This wrap-up cannot be made that much longer. Your administrator has set how long one may be."),
        "refused.unknown_disposition": _("This cannot be chosen any more. Choose another."),
        "refused.not_your_call": _("This call is not yours, or was too long ago."),
        "refused.not_allowed": _("Your administrator has not allowed this."),
        "refused.no_line_out": _("No trunk for calls out is set up, so nobody can be called. Tell your administrator."),
        "refused.number_denied": _("This number may not be called: it costs extra, or your administrator has closed it."),
        "refused.calls_out_used_up": _("You have made as many calls as you may make in a day. Ask your team leader."),
        "refused.unknown_caller_id": _("You may not show this number any more. Choose another."),
        "refused.unknown_target": _("This target does not exist any more. Choose another."),
        "refused.agent_not_free": _("This agent is not free any more. Choose another."),
        "refused.agent_unreachable": _("This agent's phone cannot be reached just now. Choose another."),
        "refused.queue_closed": _("This queue takes nobody now: it is full, or nobody is logged on. Choose another."),
        "refused.cell_full": _("No more people fit into this call. Let somebody leave it first."),
        "refused.gone": _("The caller has hung up."),
        "refused.taken": _("The call was answered in another window."),
        "refused.busy": _("All lines are in use. Try again in a moment."),
        "refused.bad_offer": _("The browser's sound could not be set up. Reload the page; the customer goes on waiting."),
        "refused.unreachable": _("Your sound does not get through. The call goes to the next agent; test the softphone again."),
        "refused.failed": _("The sound could not be connected. The call goes to the next agent; test the softphone again."),
        "refused.no_gateway": _("The sound service is not running. Tell your administrator; you can log on with an external phone."),
        "refused.no_answer_from_switch": _("The server did not answer. Calls go on; try again in a few seconds."),
        "refused.no_answer_from_gateway": _("The sound service did not answer. Try again in a few seconds."),
        "refused.bad_number": _("This is no telephone number. Write it as you would dial it."),
        "refused.bad_clock": _("This is no date and time."),
        "refused.no_draft": _("This draft is not there any more. Reload the page."),
        "refused.other_page": _("Another window has the phone."),
        "refused.too_many": _("Too many things at once. Wait a moment."),
        "refused.bad_message": _("This page is older than the server. Reload it."),
        "refused.fault": _("Something went wrong on the server. Try again; tell your administrator if it stays so."),
        "refused.offline": _("No connection to the server. Try again when the page is connected."),
    }


def _media() -> dict[str, str]:
    """By the codes of the browser's media (static/softphone/errors.js)."""
    return {
        "media.microphone-denied": _("The browser may not use the microphone. Allow it with the sign left of the address, then try again."),
        "media.microphone-missing": _("No microphone was found. Plug in the headset, then try again."),
        "media.microphone-busy": _("Another program uses the microphone. Close it there, then try again."),
        "media.speaker-missing": _("No other loudspeaker was found. Plug it in, then try again."),
        "media.insecure-page": _("Browsers give a microphone to pages with https only. Ask your administrator for the https address."),
        "media.no-media-path": _("The sound does not get through to the server: a firewall may be in between. Tell your administrator."),
        "media.bad-answer": _("The browser refused the server's sound. Reload the page, or use Chrome, Edge or Firefox."),
        "media.closed": _("The test was interrupted. Try again."),
    }
