"""IV-01: the caller leaves a message. PURE.

    greeting and beep ──► recording ── # or the maximum ──► closing ──► review ── 1, or silence ──► next
           ▲                  │                               │           │ 2: heard again, 3
           └──────────────────┼───────────────────────────────┼───────────┘
                              └── hangs up: it is kept        └── shorter than the minimum: empty

Whoever hangs up has left his message, unless it is too short: people do not wait for questions. What is not kept is discarded by name, so
that its file goes too.
"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from apps.events.vocabulary import Event, RecordingDiscarded, VoicemailLeft
from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Action, DigitPressed, Input, Played, PlayPrompts, Run, StartTape, StopPrompts, StopTape, Tape, Taped, TimePassed

GREETING, RECORDING, CLOSING, REVIEW = "", "recording", "closing", "review"
BEEP, QUESTION = "beep", "keep_or_again"  # keys of what the system plays
CLOSED_WITHIN = 5.0  # seconds that a cell has to complete the file, after which the message is kept as it is
ANSWER_WITHIN = 5.0  # seconds from the end of the question
ASKED_AT_MOST = 3
RECORDINGS_AT_MOST = 10


class Voicemail(Step, frozen=True, kw_only=True, tag="voicemail"):
    title: ClassVar[str] = gettext_noop("Voicemail")
    TAPE: ClassVar[str] = "voicemail"
    listens: ClassVar[bool] = True
    purpose: ClassVar[str] = gettext_noop("Records a message of the caller.")
    icon: ClassVar[str] = "voicemail"

    prompt: int | str | None = None  # a sound, or the key of what the system speaks
    maximum: float = 120.0  # seconds of a message
    minimum: float = 2.0  # a shorter one is none
    review: bool = True  # ask whether to keep it
    team: int | None = None  # that looks after the messages

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("next", gettext_noop("After the message"), required=True),
            Way("empty", gettext_noop("No message"), required=True),
            ERROR,
        )

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if self.prompt is None:
            return Broken(gettext_noop("No sound is chosen."))
        return Stay(replace(run, playing=True), (PlayPrompts((self.prompt, BEEP), barge_in=True),))

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played(error=error) if run.playing and error:
                return Broken(f"A sound could not be played: {error}")
            case Taped(recording=recording) if recording == self._recording(run):
                return self._taped(run, heard, now)
        return {GREETING: self._greet, RECORDING: self._record, CLOSING: self._close, REVIEW: self._ask}[run.phase](run, heard, now)

    def gone(self, run: Run, now: float) -> tuple[Event, ...]:
        """The caller hangs up in the middle of it."""
        if run.phase == GREETING:
            return ()
        seconds = self._spoken(run, now) if run.phase == RECORDING else float(run.typed)
        return (self._left(run, now, seconds) if seconds >= self.minimum else self._discarded(run, now),)

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        """He speaks for ten seconds, or says nothing, or it cannot be recorded."""
        tape = self._recording(run)
        if run.phase in (GREETING, RECORDING):
            ends = {"message": 10.0, "empty": 0.0}
            return {name: (DigitPressed("#"), Taped(tape, seconds)) for name, seconds in ends.items()} | {
                "error": (Taped(tape, 0.0, "full"),)
            }
        return {"message": (Taped(tape, 10.0),)} if run.phase == CLOSING else {}

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if self.prompt is None:
            yield self.finding("no_sound", gettext_noop("No sound is chosen."))
        elif isinstance(self.prompt, int):
            yield from self.silent((self.prompt,), around)

    # -- the phases

    def _greet(self, run: Run, heard: Input, now: float) -> Outcome:
        """A digit leads to the beep at once."""
        if isinstance(heard, DigitPressed):
            return Stay(replace(run, playing=True), (StopPrompts(), PlayPrompts((BEEP,))))
        if isinstance(heard, Played) and run.playing:
            tape = StartTape(self._recording(run), self.TAPE)
            return Stay(replace(run, phase=RECORDING, playing=False, timer=now + self.maximum), (tape,))
        return Stay(run)

    def _record(self, run: Run, heard: Input, now: float) -> Outcome:
        ended = heard == DigitPressed("#") or (isinstance(heard, TimePassed) and now >= (run.timer or now))
        if not ended:
            return Stay(run)
        closing = replace(run, phase=CLOSING, typed=f"{self._spoken(run, now):.2f}", timer=now + CLOSED_WITHIN)
        return Stay(closing, (StopTape(self._recording(run)),))

    def _close(self, run: Run, heard: Input, now: float) -> Outcome:
        """The file is not reported complete in time: what there is of it is found later."""
        return self._kept(run, now) if isinstance(heard, TimePassed) and now >= (run.timer or now) else Stay(run)

    def _taped(self, run: Run, heard: Taped, now: float) -> Outcome:
        if run.phase not in (RECORDING, CLOSING):
            return Stay(run)
        if heard.error:
            return Broken(gettext_noop("The message could not be recorded."))
        run = replace(run, typed=f"{heard.seconds:.2f}")
        if heard.seconds < self.minimum:
            return Leave("empty", "too_short", actions=(self._discarded(run, now),))
        return self._question(replace(run, invalid=0)) if self.review else self._kept(run, now)

    def _question(self, run: Run, *before: Action, listen: bool = False) -> Stay:
        prompts = (Tape(self._recording(run)), QUESTION) if listen else (QUESTION,)
        return Stay(replace(run, phase=REVIEW, playing=True, timer=None), (*before, PlayPrompts(prompts, barge_in=True)))

    def _ask(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played() if run.playing:
                return Stay(replace(run, playing=False, timer=now + ANSWER_WITHIN))
            case DigitPressed(digit=digit):
                return self._answered(run, digit, now)
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._not_understood(run, now)
        return Stay(run)

    def _answered(self, run: Run, digit: str, now: float) -> Outcome:
        stop = (StopPrompts(),) if run.playing else ()
        if digit == "1":
            return self._kept(run, now, *stop)
        if digit == "2":
            return self._question(run, *stop, listen=True)
        if digit == "3" and run.tries + 1 < RECORDINGS_AT_MOST:
            again = replace(run, phase=GREETING, typed="", tries=run.tries + 1, playing=True, timer=None)
            return Stay(again, (*stop, self._discarded(run, now), PlayPrompts((BEEP,))))
        return self._not_understood(run, now, *stop)

    def _not_understood(self, run: Run, now: float, *before: Action) -> Outcome:
        """Silence must not lose a message: it is kept."""
        run = replace(run, invalid=run.invalid + 1)
        return self._question(run, *before) if run.invalid < ASKED_AT_MOST else self._kept(run, now, *before)

    def _kept(self, run: Run, now: float, *actions: Action) -> Leave:
        return Leave("next", "message_left", actions=(*actions, self._left(run, now, float(run.typed))))

    # -- the message

    def _recording(self, run: Run) -> str:
        """An id of its own for each visit of the step and each recording in it."""
        return f"{run.call}-m{run.visits}.{run.tries}"

    def _spoken(self, run: Run, now: float) -> float:
        """Seconds since the beep, while it is recorded: `timer` is when the maximum is reached."""
        return max(0.0, now - ((run.timer or now) - self.maximum))

    def _left(self, run: Run, now: float, seconds: float) -> VoicemailLeft:
        return VoicemailLeft(
            at=now, call=run.call, recording=self._recording(run), step=self.id, box=self.name, team=self.team, seconds=seconds
        )

    def _discarded(self, run: Run, now: float) -> RecordingDiscarded:
        return RecordingDiscarded(at=now, call=run.call, recording=self._recording(run))
