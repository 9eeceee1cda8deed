"""IV-03: play one or more sounds, say a variable after them if wanted (AU-05), then go on. PURE."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from msgspec.structs import replace

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Input, Played, PlayPrompts, Prompt, Run, Say


class Message(Step, frozen=True, kw_only=True, tag="message"):
    title: ClassVar[str] = gettext_noop("Message")
    purpose: ClassVar[str] = gettext_noop("Plays one or more sounds, then goes on.")
    icon: ClassVar[str] = "volume_up"

    prompts: tuple[int, ...] = ()
    variable: str = ""  # that is said after the sounds; one that is not set is silent
    how: Literal["digits", "number", "time"] = "digits"

    def ways_out(self) -> tuple[Way, ...]:
        return (Way("next", gettext_noop("Then"), required=True, unattended=True), ERROR)

    def reads(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if not self.prompts and not self.variable:
            return Broken(gettext_noop("No sound is chosen."))
        text = run.variables.get(self.variable, "")
        prompts: tuple[Prompt, ...] = (*self.prompts, Say(text, self.how)) if text else self.prompts
        return Stay(replace(run, playing=True), (PlayPrompts(prompts),)) if prompts else Leave("next", "played")

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played(error="") if run.playing:
                return Leave("next", "played")
            case Played(error=error) if run.playing:
                return Broken(f"A sound could not be played: {error}")
        return Stay(run)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if not self.prompts and not self.variable:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        yield from self.silent(self.prompts, around)
