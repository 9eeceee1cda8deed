"""Somebody who is led through a flow by the interpreter alone."""

from apps.events.vocabulary import StepEntered, StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows.known import NOTHING, Known
from tests.flows.flow_builder import FlowBuilder


class Caller:
    """Somebody in a flow, at a time that only he moves."""

    def __init__(self, flow: FlowBuilder, known: Known = NOTHING, **variables: str) -> None:
        self.graph, self.known = flow.graph(), known
        self.now = 1000.0
        self.run, self.said = f.start(self.graph, self.now, "call-1", variables, known)

    def hears(self, *inputs: f.Input) -> list:
        """What the flow says to the last of `inputs`."""
        for heard in inputs:
            self.run, self.said = f.handle(self.graph, self.run, heard, self.now, self.known)
        return self.said

    def waits(self, seconds: float) -> list:
        self.now += seconds
        return self.hears(f.TimePassed())

    def presses(self, digits: str) -> list:
        return self.hears(*map(f.DigitPressed, digits))

    @property
    def step(self) -> str:
        return self.graph.steps[self.run.step].name if self.run.step else ""

    def actions(self) -> list:
        return [said for said in self.said if not isinstance(said, StepEntered | StepLeft | StepFailed)]

    def left(self) -> tuple[str, str]:
        fact = next(said for said in self.said if isinstance(said, StepLeft))
        return fact.exit, fact.result
