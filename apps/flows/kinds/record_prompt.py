"""AU-02: somebody speaks a sound by telephone: after the tone, # ends; 1 saves, 2 plays it, 3 records it again. PURE.

As voicemail, but nothing is kept unless it is saved: a sound that callers hear must not be replaced by somebody who hung up.
It is a step of the system's own flows (errands.py), and a part of record_sound.py; by itself no kind that administrators choose.
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.events.vocabulary import Event, PromptRecorded
from apps.flows.kinds.step import Finding, Leave, Outcome, Surroundings, gettext_noop
from apps.flows.kinds.voicemail import ASKED_AT_MOST, Voicemail
from apps.flows.run import Action, Run


class RecordPrompt(Voicemail, frozen=True, kw_only=True, tag="record_prompt"):
    title: ClassVar[str] = gettext_noop("Record a sound")
    TAPE: ClassVar[str] = "prompt"

    minimum: float = 0.5
    maximum: float = 600.0
    first: int = 0  # number of its first recording: the step may be a part of one that has made others before

    def gone(self, run: Run, now: float) -> tuple[Event, ...]:
        return (self._discarded(run, now),) if run.phase else ()

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        return iter(())

    def _not_understood(self, run: Run, now: float, *before: Action) -> Outcome:
        run = replace(run, invalid=run.invalid + 1)
        if run.invalid < ASKED_AT_MOST:
            return self._question(run, *before)
        return Leave("empty", "not_saved", actions=(*before, self._discarded(run, now)))

    def _recording(self, run: Run) -> str:
        return f"{run.call}-m{run.visits}.{self.first + run.tries}"

    def _kept(self, run: Run, now: float, *actions: Action) -> Leave:
        recorded = PromptRecorded(at=now, call=run.call, recording=self._recording(run), seconds=float(run.typed))
        return Leave("next", "saved", actions=(*actions, recorded))
