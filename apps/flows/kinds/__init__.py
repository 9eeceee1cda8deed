"""The kinds of steps: the one place that lists them (IV-01). A new kind is a module here, a table in models.py, a line below. PURE."""

from apps.flows.kinds.callback import Callback
from apps.flows.kinds.collect import Collect
from apps.flows.kinds.condition import Condition
from apps.flows.kinds.dial import Dial
from apps.flows.kinds.hang_up import HangUp
from apps.flows.kinds.menu import Menu
from apps.flows.kinds.message import Message
from apps.flows.kinds.opening_hours import OpeningHours
from apps.flows.kinds.queue import Queue
from apps.flows.kinds.record_prompt import RecordPrompt
from apps.flows.kinds.record_sound import RecordSound
from apps.flows.kinds.set_variable import SetVariable
from apps.flows.kinds.step import Step
from apps.flows.kinds.survey import Survey
from apps.flows.kinds.voicemail import Voicemail
from apps.flows.kinds.web import WebRequest

AnyStep = (
    Message
    | Menu
    | Collect
    | Condition
    | SetVariable
    | Queue
    | Dial
    | WebRequest
    | Voicemail
    | Callback
    | Survey
    | HangUp
    | OpeningHours
    | RecordSound
    | RecordPrompt  # of the system's own flows (errands.py): not to be chosen, so not in KINDS
)  # fmt: skip

KINDS: dict[str, type[Step]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        Message,
        Menu,
        Collect,
        Condition,
        SetVariable,
        Queue,
        Dial,
        WebRequest,
        Voicemail,
        Callback,
        Survey,
        HangUp,
        OpeningHours,
        RecordSound,
    )
}
