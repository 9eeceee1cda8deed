"""AU-02: somebody calls in, proves himself by his personal code, chooses a sound by its number and speaks it. PURE.

    code ──► proving ──► number ──► finding ──► sound (record_prompt.py) ──► another? ── anything but 1 ──► next
     ▲          │           ▲          │          │ *                          │ 1
     └── wrong ─┤           └─ unknown ┴──────────┴────────────────────────────┘
                └── three times, or no code is looked at now ──► refused

Typing is the business of `Collect`, speaking that of `RecordPrompt`; `phase` says whose turn it is and, after a colon, where that one is.
Whose code it is and which sounds there are, the switch knows, and nobody else: neither this step nor a dry run can tell a good code.
"""

from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace

from apps.accounts.codes import LENGTH
from apps.events.vocabulary import Event
from apps.flows.kinds.collect import Collect
from apps.flows.kinds.record_prompt import RecordPrompt
from apps.flows.kinds.step import ERROR, Broken, Leave, Outcome, Stay, Step, Way, gettext_noop
from apps.flows.kinds.tries import used_up
from apps.flows.kinds.voicemail import BEEP, GREETING, REVIEW
from apps.flows.known import Known
from apps.flows.run import (
    Action,
    CodeProved,
    DigitPressed,
    FindSound,
    Input,
    Played,
    PlayPrompts,
    Prompt,
    ProveCode,
    Run,
    Say,
    SoundFound,
    StopPrompts,
    TimePassed,
)

CODE, PROVING, NUMBER, FINDING, SOUND, ANOTHER = "", "proving", "number", "finding", "sound", "another"
USER, TAKES, SAVED = "user", "takes", "saved"  # what the step keeps: who he is, recordings so far, sounds saved so far
TRIES = 3  # of the code, and of each number
LONGEST_NUMBER = 9  # digits
ANSWERED_WITHIN = 5.0  # seconds; the switch answers at once
ANSWER_WITHIN = 5.0  # seconds from the end of the question
SPEAK = "record_after_tone"  # keys of what the system speaks
OUTCOMES = ("recorded", "refused", "empty", "error")


class RecordSound(Step, frozen=True, kw_only=True, tag="record_sound"):
    title: ClassVar[str] = gettext_noop("Record a sound")
    purpose: ClassVar[str] = gettext_noop("Lets people with a telephone code record sounds.")
    icon: ClassVar[str] = "mic"
    listens: ClassVar[bool] = True

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("next", gettext_noop("After recording"), required=True),
            Way("refused", gettext_noop("Code refused"), required=True),
            ERROR,
        )

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        return self._ask(run, CODE, ("code_enter",))

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        if isinstance(heard, Played) and heard.error and run.playing:
            return Broken(f"A sound could not be played: {heard.error}")
        part, _, inner = run.phase.partition(":")
        return _PARTS[part](self, replace(run, phase=inner), heard, now)

    def gone(self, run: Run, now: float) -> tuple[Event, ...]:
        part, _, inner = run.phase.partition(":")
        return self._speaker(run).gone(replace(run, phase=inner), now) if part == SOUND else ()

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        """Whether his code is good, and whether he speaks; a dry run knows no codes and no sounds."""
        part, _, inner = run.phase.partition(":")
        typed: tuple[Input, ...] = tuple(map(DigitPressed, "0" * LENGTH + "#"))
        proved, found = CodeProved(user=1), SoundFound(1)
        if part == SOUND:
            return self._spoken(run, inner)
        if part in (CODE, PROVING):
            before = typed if part == CODE else ()
            return dict.fromkeys(OUTCOMES, (*before, proved)) | {"refused": (*before, CodeProved(blocked=True))}
        if part in (NUMBER, FINDING):
            return dict.fromkeys(OUTCOMES, (DigitPressed("1"), DigitPressed("#"), found) if part == NUMBER else (found,))
        return {}

    def _spoken(self, run: Run, inner: str) -> dict[str, tuple[Input, ...]]:
        if inner == REVIEW:
            return dict.fromkeys(OUTCOMES, (DigitPressed("1"),))
        told = self._speaker(run).outcomes(replace(run, phase=inner))
        return {{"message": "recorded"}.get(name, name): heard for name, heard in told.items()}

    # -- who he is

    def _code_entry(self) -> Collect:
        return Collect(
            id=self.id, name=self.name, prompt="code_enter", wrong="code_wrong", minimum=LENGTH, maximum=LENGTH, tries=TRIES,
            confirm=False, variable="code", sensitive=True,
        )  # fmt: skip

    def _code(self, run: Run, heard: Input, now: float) -> Outcome:
        outcome = self._code_entry().hear(run, heard, now)
        if not isinstance(outcome, Leave):
            return outcome
        if outcome.exit != "next":
            return replace(outcome, exit="refused")
        proving = replace(run, phase=PROVING, typed="", playing=False, timer=now + ANSWERED_WITHIN)
        return Stay(proving, (*outcome.actions, ProveCode(outcome.variables["code"])))

    def _proving(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case CodeProved(blocked=True):
                return Leave("refused", "refused")
            case CodeProved(user=None):
                run = used_up(run, invalid=True)
                return self._ask(run, CODE, ("code_wrong", "code_enter")) if run.tries < TRIES else Leave("refused", "refused")
            case CodeProved(user=user):
                return self._ask_number(replace(run, kept={USER: user}))
            case TimePassed() if run.timer is not None and now >= run.timer:
                return Broken(gettext_noop("The code could not be checked."))
        return Stay(replace(run, phase=PROVING))

    # -- which sound

    def _number_entry(self) -> Collect:
        return Collect(
            id=self.id, name=self.name, prompt="sound_enter", maximum=LONGEST_NUMBER, tries=TRIES, confirm=False, variable="sound"
        )

    def _ask_number(self, run: Run, *before: Action) -> Stay:
        return self._ask(replace(run, tries=0, silent=0, invalid=0), NUMBER, ("sound_enter",), *before)

    def _number(self, run: Run, heard: Input, now: float) -> Outcome:
        outcome = self._number_entry().hear(run, heard, now)
        if isinstance(outcome, Stay):
            return _within(NUMBER, outcome)
        if isinstance(outcome, Broken):
            return outcome
        if outcome.exit != "next":
            return self._over(run, outcome.result, *outcome.actions)
        number = outcome.variables["sound"]
        finding = replace(run, phase=FINDING, typed=number, playing=False, timer=now + ANSWERED_WITHIN)
        return Stay(finding, (*outcome.actions, FindSound(run.kept[USER], number)))

    def _finding(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case SoundFound(allowed=False):
                return Leave("refused", "refused")
            case SoundFound(sound=None):
                run = used_up(run, invalid=True)
                asked = run.tries < TRIES
                return self._ask(run, NUMBER, ("sound_unknown", "sound_enter")) if asked else self._over(run, "invalid")
            case SoundFound():
                run = replace(run, tries=0, silent=0, invalid=0)
                return self._ask(run, SOUND, ("you_have_entered", Say(run.typed), "star_for_another", SPEAK, BEEP))
            case TimePassed() if run.timer is not None and now >= run.timer:
                return Broken(gettext_noop("The sound could not be looked up."))
        return Stay(replace(run, phase=FINDING))

    # -- speaking it

    def _speaker(self, run: Run) -> RecordPrompt:
        return RecordPrompt(id=self.id, name=self.name, prompt=SPEAK, first=run.kept.get(TAKES, 0))

    def _sound(self, run: Run, heard: Input, now: float) -> Outcome:
        if run.phase == GREETING and heard == DigitPressed("*"):
            return self._ask_number(_counted(run), *self._stop(run))
        outcome = self._speaker(run).hear(run, heard, now)
        if isinstance(outcome, Stay):
            return _within(SOUND, outcome)
        if isinstance(outcome, Broken):
            return outcome
        saved = outcome.exit == "next"
        run = _counted(replace(run, kept=run.kept | {SAVED: run.kept.get(SAVED, 0) + saved}))
        return self._ask(run, ANOTHER, ("sound_saved" if saved else "sound_not_saved", "another_sound"), *outcome.actions)

    def _another(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case Played() if run.playing:
                run = replace(run, playing=False, timer=now + ANSWER_WITHIN)
            case DigitPressed(digit="1"):
                return self._ask_number(run, *self._stop(run))
            case DigitPressed():
                return self._over(run, "not_saved", *self._stop(run))
            case TimePassed() if run.timer is not None and now >= run.timer:
                return self._over(run, "not_saved")
        return Stay(replace(run, phase=ANOTHER))

    # -- all of them

    def _ask(self, run: Run, phase: str, prompts: tuple[Prompt, ...], *before: Action) -> Stay:
        return Stay(replace(run, phase=phase, typed="", playing=True, timer=None), (*before, PlayPrompts(prompts, barge_in=True)))

    def _stop(self, run: Run) -> tuple[Action, ...]:
        return (StopPrompts(),) if run.playing else ()

    def _over(self, run: Run, otherwise: str, *actions: Action) -> Leave:
        """`otherwise`: the result if nothing was saved."""
        return Leave("next", "saved" if run.kept.get(SAVED) else otherwise, actions=actions)


def _within(part: str, stay: Stay) -> Stay:
    return replace(stay, run=replace(stay.run, phase=f"{part}:{stay.run.phase}".removesuffix(":")))


def _counted(run: Run) -> Run:
    """The recordings of this sound are over: those of the next one get names of their own."""
    return replace(run, kept=run.kept | {TAKES: run.kept.get(TAKES, 0) + run.tries + 1})


_PARTS: dict[str, Callable[[RecordSound, Run, Input, float], Outcome]] = {
    CODE: RecordSound._code,
    PROVING: RecordSound._proving,
    NUMBER: RecordSound._number,
    FINDING: RecordSound._finding,
    SOUND: RecordSound._sound,
    ANOTHER: RecordSound._another,
}
