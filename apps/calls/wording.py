"""Words for what the facts say in codes. PURE but for the language: gettext in the reader's own."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

STEP_KINDS = {
    "message": gettext_noop("Message"),
    "menu": gettext_noop("Menu"),
    "collect": gettext_noop("Value"),
    "condition": gettext_noop("Condition"),
    "set_variable": gettext_noop("Variable"),
    "queue": gettext_noop("Queue step"),
    "dial": gettext_noop("Dial step"),
    "survey": gettext_noop("Survey question"),
    "hang_up": gettext_noop("Hang-up step"),
    "opening_hours": gettext_noop("Opening hours"),
    "web_request": gettext_noop("Web request"),
    "voicemail": gettext_noop("Voicemail"),
    "callback": gettext_noop("Callback order"),
    "record_prompt": gettext_noop("Record a sound"),
    "record_sound": gettext_noop("Record a sound"),
}
STEP_RESULTS = {
    "choice": gettext_noop("chose %(choice)s"),
    "no_input": gettext_noop("no input"),
    "invalid": gettext_noop("only invalid input"),
    "maximum_tries": gettext_noop("all tries used up"),
    "played": gettext_noop("played to the end"),
    "ordered": gettext_noop("callback ordered"),
    "already_ordered": gettext_noop("ordered already"),
    "declined": gettext_noop("declined"),
    "saved": gettext_noop("saved"),
    "not_saved": gettext_noop("not saved"),
    "refused": gettext_noop("the code was refused"),
    "message_left": gettext_noop("message left"),
    "too_short": gettext_noop("no message"),
    "fetched": gettext_noop("the web service answered"),
    "collected": gettext_noop("typed %(choice)s"),
    "set": gettext_noop("set to “%(choice)s”"),
    "branch": gettext_noop("took the branch “%(choice)s”"),
    "otherwise": gettext_noop("no branch applied"),
    "hung_up": gettext_noop("the caller hung up"),
    "transferred": gettext_noop("transferred by an agent"),
    "answered": gettext_noop("answered"),
    "busy": gettext_noop("busy"),
    "no_answer": gettext_noop("no answer"),
    "error": gettext_noop("a fault"),
    "maximum_wait": gettext_noop("longest wait reached"),
    "full": gettext_noop("the queue was full"),
    "closed": gettext_noop("outside opening hours"),
    "no_agents": gettext_noop("no agents logged on"),
    "opening_hours": gettext_noop("now %(choice)s"),
}
QUEUE_EXITS = {
    "answered": gettext_noop("Answered from the queue %(queue)s after %(time)s"),
    "hung_up": gettext_noop("The caller left the queue %(queue)s after %(time)s"),
    "maximum_wait": gettext_noop("Longest wait in the queue %(queue)s reached after %(time)s"),
    "full": gettext_noop("The queue %(queue)s was full"),
    "no_agents": gettext_noop("No agents were logged on to the queue %(queue)s"),
    "taken_back": gettext_noop("The agent gave up waiting in the queue %(queue)s after %(time)s"),
    "returned": gettext_noop("The caller left the queue %(queue)s after %(time)s: the agent is free"),
    "error": gettext_noop("A fault ended the wait in the queue %(queue)s after %(time)s"),
}
OFFER_RESULTS = {
    "answered": gettext_noop("answered"),
    "rejected": gettext_noop("rejected"),
    "no_answer": gettext_noop("not answered"),
    "busy": gettext_noop("busy"),
    "error": gettext_noop("the agent's phone could not be reached"),
    "caller_gone": gettext_noop("the caller hung up"),
    "withdrawn": gettext_noop("taken back"),
}
CAUSES = {
    "caller_hung_up": gettext_noop("The caller hung up"),
    "agent_hung_up": gettext_noop("The agent hung up"),
    "flow_ended": gettext_noop("The call flow ended the call"),
    "refused": gettext_noop("The call was refused"),
    "error": gettext_noop("A fault ended the call"),
    "media_lost": gettext_noop("No sound came from the telephone any more"),
    "busy": gettext_noop("Busy"),
    "no_answer": gettext_noop("Nobody answered"),
    "rejected": gettext_noop("The call was rejected"),
    "unreachable": gettext_noop("The number could not be reached"),
    "cancelled": gettext_noop("The agent gave up"),
    "phone_busy": gettext_noop("The agent's own phone was busy"),
    "phone_no_answer": gettext_noop("The agent's own phone was not answered"),
    "phone_unreachable": gettext_noop("The agent's own phone could not be reached"),
    "cell_lost": gettext_noop("The call was cut off: its media process was lost"),
    "recovered": gettext_noop("The call ended while the system restarted"),
}
FAULTS = {
    "offered_without_offer": gettext_noop("a call rang that nobody was offering"),
    "connected_without_call": gettext_noop("in a call that had none with the agent"),
    "call_without_status": gettext_noop("a call was kept that was over"),
    "without_end": gettext_noop("a pause had no end"),
    "not_distributed": gettext_noop("the distribution saw the agent in another status"),
    "offer_unknown": gettext_noop("the offer was taken back"),
    "conversation_unknown": gettext_noop("the agent's status knew nothing of the conversation"),
    "call_out_unknown": gettext_noop("the agent's status knew nothing of the call out"),
    "timer_missing": gettext_noop("a time limit was not running"),
    "ringing_for_nobody": gettext_noop("a telephone rang for nobody"),
    "talking_to_nobody": gettext_noop("the caller was connected with nobody"),
    "place_without_chance": gettext_noop("the distribution did not see where the caller waited"),
}
ENDED_BY = {"caller": gettext_noop("the caller"), "agent": gettext_noop("the agent"), "system": gettext_noop("the system")}
RECORDING_MODES = {
    "manual": gettext_noop("the agent starts it"),
    "pausable": gettext_noop("the agent may pause"),
    "pending": gettext_noop("kept if the agent saves it"),
    "forced": gettext_noop("always"),
}
TRIGGERS = {
    "caller_arrived": gettext_noop("A caller came while agents were free: these agents were considered."),
    "agent_free": gettext_noop("The agent became free: these waiting callers were considered."),
}
AGENT_FIGURES = (gettext_noop("Level"), gettext_noop("Conversations"), gettext_noop("Seconds since the last offer, or ready"))
REQUEST_FIGURES = (
    gettext_noop("Score"),
    gettext_noop("Importance of the queue"),
    gettext_noop("Waited (s)"),
    gettext_noop("Agent's level"),
)
LEG_ROLES = {
    "caller": gettext_noop("The caller's connection"),
    "agent": gettext_noop("The agent's connection"),
    "external": gettext_noop("The external connection"),
    "consulted": gettext_noop("The consulted party's connection"),
    "listener": gettext_noop("The listener's connection"),
    "unknown": gettext_noop("A connection"),
}

GRADES = {"good": gettext_noop("Good sound"), "fair": gettext_noop("Fair sound"), "poor": gettext_noop("Poor sound")}
GRADE_SYMBOLS = {"good": "signal_cellular_alt", "fair": "signal_cellular_alt_2_bar", "poor": "signal_cellular_alt_1_bar"}


def word(table: dict[str, str], code: str) -> str:
    """The words for `code`; a code that this version does not know stands for itself."""
    return _(table[code]) if code in table else code.replace("_", " ")


def decimal(number: float) -> str:
    """With one decimal in the reader's language; `number_format` alone would cut it off instead of rounding."""
    return number_format(round(number, 1), decimal_pos=1)


def moment(at: datetime) -> str:
    """'2026-03-02 10:00:39' in the user's zone: seconds matter when calls are compared."""
    return localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """'4.2 s', '20 s', '2:13 min', '1:02:13 h'."""
    if seconds < 9.95:
        return _("%(number)s s") % {"number": decimal(max(0.0, seconds))}
    whole = round(seconds)
    if whole < 60:
        return _("%(number)s s") % {"number": whole}
    if whole < 3600:
        return _("%(number)s min") % {"number": f"{whole // 60}:{whole % 60:02d}"}
    return _("%(number)s h") % {"number": f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"}
