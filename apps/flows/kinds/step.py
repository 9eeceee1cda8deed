"""What every kind of step has in common, and the few answers a step can give. PURE.

A kind is one module here: a frozen struct that says how a step behaves (`enter`, `hear`), which ways lead out of it
(`ways_out`) and what is wrong with it (`problems`). Words for administrators are written in English and marked with
`gettext_noop`; whoever shows them translates them.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from msgspec import Struct

from apps.events.vocabulary import Event
from apps.flows.known import Known
from apps.flows.run import Action, Input, Run


def gettext_noop(text: str) -> str:
    """Mark `text` for the catalogue of translations (xgettext knows the name) and leave it as it is."""
    return text


class Way(Struct, frozen=True):
    """A way out of a step. `unattended`: it can be taken without the caller or anybody else having had a say."""

    name: str
    label: str
    required: bool = False
    unattended: bool = False
    label_is_own: bool = False  # the administrator's own word, not to be translated


ERROR = Way("error", gettext_noop("Error"), unattended=True)


class Finding(Struct, frozen=True):
    """Something wrong with a step or a flow. `text` is a sentence with %(name)s places for `values`."""

    code: str
    text: str
    values: dict[str, Any] = {}
    step: int | None = None
    warning: bool = False


class QueueFacts(Struct, frozen=True):
    """What the checks know of a queue. `sounds`: prompts that it plays of its own."""

    name: str
    active: bool = True
    maximum_callers: int | None = None
    maximum_wait: int | None = None
    sounds: frozenset[int] = frozenset()
    opening_hours: bool = False


class Surroundings(Struct, frozen=True):
    """What a flow leans on. `sounds`: prompts with an active version in the flow's language."""

    sounds: frozenset[int] = frozenset()
    queues: dict[int, QueueFacts] = {}
    sound_names: dict[int, str] = {}


# -- what a step answers


class Stay(Struct, frozen=True):
    """The step goes on, with this `run`."""

    run: Run
    actions: tuple[Action, ...] = ()


class Leave(Struct, frozen=True):
    """The step is done. `cause`: why the call ends if this exit leads nowhere; empty: that would be a fault of the flow."""

    exit: str
    result: str
    value: str = ""
    label: str = ""
    actions: tuple[Action, ...] = ()
    cause: str = ""
    variables: dict[str, str] = {}  # of the call, that are set or changed
    secret: bool = False  # nobody is shown what they are now
    labels: dict[str, str] = {}  # variable -> the name under which agents see it from now on


class Broken(Struct, frozen=True):
    """IV-09: the step cannot do its work. `reason` in words for the administrator."""

    reason: str


Outcome = Stay | Leave | Broken


class Step(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One step of a flow. `exits`: name of the exit -> id of the step it leads to; what is not wired is absent."""

    title: ClassVar[str] = ""
    listens: ClassVar[bool] = False  # to digits
    UNCOMPARED: ClassVar[tuple[str, ...]] = ()  # fields that may differ although nobody has changed anything
    purpose: ClassVar[str] = ""  # one sentence: what it does to a caller
    icon: ClassVar[str] = "crop_square"  # a Material Symbol, by name

    id: int
    name: str
    exits: dict[str, int] = {}

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def ways_out(self) -> tuple[Way, ...]:
        """In the order in which an administrator thinks of them."""
        return (ERROR,)

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        raise NotImplementedError

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        """Late and foreign inputs are natural (a digit after the choice, the end of an old playback): they change nothing."""
        return Stay(run)

    def gone(self, run: Run, now: float) -> tuple[Event, ...]:
        """The caller hangs up in this step: what becomes true by that, besides that the step is left."""
        return ()

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        """What keeps this step, taken alone, from working. The graph as a whole is checked in check.py."""
        for way in self.ways_out():
            if way.required and way.name not in self.exits:
                yield self.finding("unwired", gettext_noop("The exit “%(exit)s” leads nowhere."), exit=Label.of(way))

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        """What others may decide while it waits, for dry runs: name -> what the step then hears. The first one is assumed."""
        return {}

    def sets(self) -> tuple[str, ...]:
        """Names of the variables that it may set."""
        return ()

    def reads(self) -> tuple[str, ...]:
        """Names of the variables that it looks at."""
        return ()

    def finding(self, code: str, text: str, *, warning: bool = False, **values: Any) -> Finding:
        return Finding(code, text, values, step=self.id, warning=warning)

    def silent(self, prompts: tuple[int, ...], around: Surroundings) -> Iterator[Finding]:
        """Prompts that cannot be heard in the flow's language."""
        for prompt in prompts:
            if prompt not in around.sounds:
                yield self.finding(
                    "missing_audio",
                    gettext_noop("The sound “%(sound)s” has no active version in the flow's language."),
                    sound=around.sound_names.get(prompt, prompt),
                )


class Label(str):
    """A word of ours inside the values of a finding: it is translated too."""

    __slots__ = ()

    @classmethod
    def of(cls, way: Way) -> str:
        return way.label if way.label_is_own else cls(way.label)
