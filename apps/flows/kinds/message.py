"""IV-03: play one or more sounds, then go on. PURE."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Input, Played, PlayPrompts, Run


class Message(Step, frozen=True, kw_only=True, tag="message"):
    title: ClassVar[str] = gettext_noop("Message")
    purpose: ClassVar[str] = gettext_noop("Plays one or more sounds, then goes on.")
    icon: ClassVar[str] = "volume_up"

    prompts: tuple[int, ...] = ()

    def ways_out(self) -> tuple[Way, ...]:
        return (Way("next", gettext_noop("Then"), required=True, unattended=True), ERROR)

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if not self.prompts:
            return Broken(gettext_noop("No sound is chosen."))
        return Stay(replace(run, playing=True), (PlayPrompts(self.prompts),))

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played(error="") if run.playing:
                return Leave("next", "played")
            case Played(error=error) if run.playing:
                return Broken(f"A sound could not be played: {error}")
        return Stay(run)

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if not self.prompts:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        yield from self.silent(self.prompts, around)
