"""QU-08: wait in a queue for an agent; what happens there is the switch's matter, the exits are the flow's. PURE."""

from collections.abc import Iterator
from typing import ClassVar

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, QueueFacts, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import Input, JoinQueue, QueueLeft, Run
from apps.hours.opening import exit_at


class Queue(Step, frozen=True, kw_only=True, tag="queue"):
    title: ClassVar[str] = gettext_noop("Queue")
    purpose: ClassVar[str] = gettext_noop("The caller waits for an agent.")
    icon: ClassVar[str] = "groups"

    queue: int | None = None

    def ways_out(self) -> tuple[Way, ...]:
        return (
            Way("answered", gettext_noop("After the conversation")),
            Way("closed", gettext_noop("Outside opening hours"), unattended=True),
            Way("maximum_wait", gettext_noop("Maximum wait")),
            Way("full", gettext_noop("Queue full"), unattended=True),
            Way("no_agents", gettext_noop("No agents logged on"), unattended=True),
            ERROR,
        )

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if self.queue is None:
            return Broken(gettext_noop("No queue is chosen."))
        if not self._open(now + run.shift, known):
            return Leave("closed", "closed")
        return Stay(run, (JoinQueue(self.queue, frozenset(self.exits)),))

    def _open(self, instant: float, known: Known) -> bool:
        """A queue without opening hours is always open."""
        calendar = known.calendars.get(known.queue_hours.get(self.queue or 0, 0))
        return calendar is None or exit_at(calendar, instant) == calendar.open_exit

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case QueueLeft(exit="hung_up"):
                return Leave("", "hung_up", cause="caller_hung_up")
            case QueueLeft(exit="answered"):
                return Leave("answered", "answered", cause="agent_hung_up")
            case QueueLeft(exit="error"):
                return Broken(gettext_noop("The queue could not take the call."))
            case QueueLeft(exit=name):
                return Leave(name, name)
        return Stay(run)

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        return {name: (QueueLeft(name),) for name in ("answered", "maximum_wait", "full", "no_agents", "hung_up", "error")}

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        facts = around.queues.get(self.queue or 0)
        if facts is None:
            yield self.finding("unknown_queue", gettext_noop("No queue is chosen."))
            return
        if not facts.active:
            yield self.finding("inactive_queue", gettext_noop("The queue “%(queue)s” is not active."), queue=facts.name)
        yield from self.silent(tuple(sorted(facts.sounds)), around)
        yield from self._unwired_limits(facts)

    def _unwired_limits(self, facts: QueueFacts) -> Iterator[Finding]:
        if facts.maximum_callers is not None and "full" not in self.exits:
            text = gettext_noop("The queue “%(queue)s” has a maximum of callers, and the exit “Queue full” leads nowhere.")
            yield self.finding("full_unwired", text, queue=facts.name)
        if facts.opening_hours and "closed" not in self.exits:
            text = gettext_noop("The queue “%(queue)s” has opening hours, and the exit “Outside opening hours” leads nowhere.")
            yield self.finding("closed_unwired", text, queue=facts.name)
        if facts.maximum_wait is not None and "maximum_wait" not in self.exits:
            text = gettext_noop("The queue “%(queue)s” has a maximum wait, and the exit “Maximum wait” leads nowhere.")
            yield self.finding("maximum_wait_unwired", text, queue=facts.name)
