"""IV-01: the switch orders a web request with its commit, waits for nobody, and knows late answers from good ones."""

from apps.events import vocabulary as v
from apps.flows.graph import FlowGraph
from apps.flows.kinds import Message, WebRequest
from apps.flows.web.orders import WebOrder, WebResult
from tests.switch.company import Company, configuration


def company() -> Company:
    steps = (
        WebRequest(id=1, name="Ask", url="https://crm.example/{caller}", exits={"next": 2, "error": 3}),
        Message(id=2, name="Known", prompts=(1,)),
        Message(id=3, name="Sorry", prompts=(2,)),
    )
    graph = FlowGraph(version=1, flow=1, name="CRM", language="nb", start=1, default_exit=3, steps={step.id: step for step in steps})
    return CountingCompany(configuration(graph))


class CountingCompany(Company):
    def take(self, outcome):
        self.orders = [*getattr(self, "orders", ()), *outcome.web_orders]
        return super().take(outcome)

    def at(self, call: str) -> str:
        run = self.core.world.calls[call].run
        return self.core.world.graphs[run.version].steps[run.step].name


def test_a_request_is_ordered_once_and_its_answer_takes_the_caller_on():
    office = company()
    kari = office.caller()
    assert office.orders == [WebOrder(call=kari.id, number=1, url="https://crm.example/%2B4790000001", method="GET")]
    office.tell(WebResult(call=kari.id, number=1, status=200))
    assert office.at(kari.id) == "Known"


def test_when_no_fetcher_answers_the_error_exit_is_taken_after_two_seconds():
    """IV-09"""
    office = company()
    kari = office.caller()
    office.passes(1.99)
    assert office.at(kari.id) == "Ask"
    office.passes(0.01)
    assert office.at(kari.id) == "Sorry"
    assert office.of(v.StepFailed)
    office.tell(WebResult(call=kari.id, number=1, status=200))
    assert office.at(kari.id) == "Sorry"


def test_an_answer_for_a_call_that_has_ended_is_of_no_interest():
    office = company()
    kari = office.caller()
    kari.hangs_up()
    before = len(office.facts)
    office.tell(WebResult(call=kari.id, number=1, status=200))
    assert len(office.facts) == before
