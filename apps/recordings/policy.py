"""RC-01: which recording mode applies to a conversation. PURE."""

from collections.abc import Iterable

STRICTNESS = ("off", "manual", "pausable", "pending", "forced")  # each stricter than those before it
OFF, MANUAL, PAUSABLE, PENDING, FORCED = STRICTNESS


def mode(queue_mode: str, agent_mode: str = OFF, *, refused: bool = False) -> str:
    """The strictest mode of queue and agent wins, except that pending on the queue beats forced on the agent.

    `refused`: the caller said no to recording (RC-04), which beats every mode. Errors: ValueError for a mode that does not exist.
    """
    strictest = max(queue_mode, agent_mode, key=STRICTNESS.index)
    if refused:
        return OFF
    return PENDING if queue_mode == PENDING and agent_mode == FORCED else strictest


def strictest(modes: Iterable[str]) -> str:
    """For an agent whose team has a mode too. None given: off."""
    return max(modes, key=STRICTNESS.index, default=OFF)


def starts_at_answer(mode: str) -> bool:
    """RC-02: without anybody's doing."""
    return mode in (PAUSABLE, PENDING, FORCED)


def may_pause(mode: str) -> bool:
    """RC-02: the agent may stop and resume."""
    return mode in (MANUAL, PAUSABLE)
