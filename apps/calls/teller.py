"""What a narration is made of: lines, and who tells them. PURE but for the language."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from apps.calls import wording as w
from apps.calls.wording import decimal, word
from apps.events import vocabulary as v
from contactcenter.lib import phone

STEP_SYMBOLS = {
    "menu": "dialpad",
    "message": "campaign",
    "collect": "pin",
    "condition": "alt_route",
    "set_variable": "edit",
    "queue": "groups",
    "dial": "phone_forwarded",
    "survey": "rate_review",
    "hang_up": "call_end",
    "web_request": "cloud_sync",
    "voicemail": "voicemail",
    "callback": "phone_callback",
    "record_prompt": "mic",
    "record_sound": "mic",
}


@dataclass(frozen=True, slots=True)
class Considered:
    """QU-14: one who was considered. `call`: id of the call, if it was a waiting caller."""

    name: str
    score: tuple[float, ...]
    note: str
    chosen: bool
    call: str = ""

    @property
    def figures(self) -> list[str]:
        """The score as it is read; -1 stands for never."""
        return ["–" if number == -1 else f"{round(number)}" if number == round(number) else decimal(number) for number in self.score]


@dataclass(frozen=True, slots=True)
class Line:
    """`symbol`: name of a Material Symbol. `tone`: calm, good, bad. `technical`: of interest when a fault is looked for."""

    at: float
    symbol: str
    sentence: str
    seconds: float | None = None
    tone: str = "calm"
    technical: bool = False
    why: str = ""
    figures: tuple[str, ...] = ()  # what the numbers of the scores are
    considered: tuple[Considered, ...] = ()
    recording: str = ""


@dataclass(slots=True)
class Teller:
    names: Mapping[str, str]
    country: str
    lines: list[Line] = field(default_factory=list)
    begun: dict[tuple[str, Any], int] = field(default_factory=dict)  # what is not complete yet -> its line
    steps: dict[int, tuple[str, str]] = field(default_factory=dict)  # step -> kind and name
    roles: dict[str, str] = field(default_factory=dict)  # leg -> role

    def add(self, event: v.Event, symbol: str, sentence: str, **more: Any) -> None:
        self.lines.append(Line(event.at, symbol, sentence, **more))

    def begin(self, key: tuple[str, Any], event: v.Event, symbol: str, sentence: str, **more: Any) -> None:
        self.begun[key] = len(self.lines)
        self.add(event, symbol, sentence, **more)

    def complete(self, key: tuple[str, Any], event: v.Event, symbol: str, sentence: str, **more: Any) -> None:
        """The line that `key` began, told to its end; a line of its own if its beginning is not known."""
        place = self.begun.pop(key, None)
        if place is None:
            self.add(event, symbol, sentence, **more)
        else:
            self.lines[place] = replace(self.lines[place], symbol=symbol, sentence=sentence, **more)

    def lasted(self, key: tuple[str, Any], event: v.Event) -> float:
        """Seconds since what `key` began; 0 if its beginning is not known."""
        place = self.begun.get(key)
        return event.at - self.lines[place].at if place is not None else 0.0

    def name(self, kind: str, row_id: int | None) -> str:
        """As it was called; else its number."""
        return self.names.get(f"{kind}:{row_id}") or f"{row_id}"

    def person(self, agent: int | None, number: str = "") -> str:
        if agent is not None:
            return self.name("agent", agent)
        return phone.pretty(number, self.country) if number else _("an external number")

    def step(self, step: int) -> str:
        kind, name = self.steps.get(step, ("", str(step)))
        return _("%(kind)s «%(name)s»") % {"kind": word(w.STEP_KINDS, kind) or _("Step"), "name": name}

    def step_symbol(self, step: int) -> str:
        return STEP_SYMBOLS.get(self.steps.get(step, ("", ""))[0], "account_tree")
