"""Tries of a step that asks: how they are used up, and what is said of them when none is left. PURE."""

from msgspec.structs import replace

from apps.flows.kinds.step import Leave, Step
from apps.flows.run import Action, Run


def used_up(run: Run, *, silent: bool = False, invalid: bool = False) -> Run:
    """One more try is over. Neither silent nor invalid: the caller wanted to begin again."""
    return replace(run, tries=run.tries + 1, silent=run.silent + silent, invalid=run.invalid + invalid)


def give_up(step: Step, run: Run, last: str, actions: tuple[Action, ...] = ()) -> Leave:
    """`no_input`: never a digit; `invalid`: always a wrong one; else `maximum_tries`. `last`: the exit where that one leads nowhere."""
    result = {run.silent: "no_input", run.invalid: "invalid"}.get(run.tries, "maximum_tries")
    return Leave(result if result in step.exits else last, result, actions=actions)
