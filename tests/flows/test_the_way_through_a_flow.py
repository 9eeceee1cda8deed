"""Golden examples of the interpreter: what a caller does, and what is asked for and told."""

import pytest

from apps.events.vocabulary import StepEntered, StepFailed, StepLeft
from apps.flows import interpreter as f
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

WELCOME, CHOOSE, SORRY = 101, 102, 103
INVOICE, SUPPORT = 10, 20


def main_line(**menu) -> FlowBuilder:
    return (
        FlowBuilder("Main line")
        .message("Welcome", WELCOME, next="Menu")
        .menu("Menu", CHOOSE, {"1": ("Invoice", "Invoice queue"), "2": ("Support", "Ask the boss")}, maximum_tries="Goodbye", **menu)
        .queue("Invoice queue", INVOICE, full="Sorry", maximum_wait="Sorry")
        .dial("Ask the boss", "+4722334455", busy="Sorry", no_answer="Sorry")
        .message("Sorry", SORRY, next="Goodbye")
        .hang_up("Goodbye")
        .after_fault("Sorry")
    )


def at_the_menu(**menu) -> Caller:
    kari = Caller(main_line(**menu))
    kari.hears(f.Played())
    assert kari.step == "Menu"
    return kari


def test_a_flow_begins_with_its_first_step():
    """IV-03, IV-05."""
    kari = Caller(main_line())
    assert kari.said == [StepEntered(at=1000.0, call="call-1", step=1, kind="message", name="Welcome"), f.PlayPrompts((WELCOME,))]


def test_a_call_that_waits_begins_when_the_caller_is_connected():
    graph = main_line().graph()
    run = f.waiting(graph, 5.0, "call-1")
    assert f.handle(graph, run, f.CallerGone(), 6.0) == (run, [])
    begun, said = f.handle(graph, run, f.Begin(), 7.0)
    assert (begun, said) == f.start(graph, 7.0, "call-1")
    assert f.handle(graph, begun, f.Begin(), 8.0) == (begun, [])


def test_after_the_message_comes_the_menu():
    kari = Caller(main_line())
    kari.now += 3.5
    assert kari.hears(f.Played()) == [
        StepLeft(at=1003.5, call="call-1", step=1, exit="next", result="played", seconds=3.5),
        StepEntered(at=1003.5, call="call-1", step=2, kind="menu", name="Menu"),
        f.PlayPrompts((CHOOSE,), barge_in=True),
    ]


def test_a_digit_stops_the_prompt_and_chooses():
    """IV-02 barge-in, IV-05 choice."""
    kari = at_the_menu()
    kari.now += 1
    assert kari.presses("1") == [
        f.StopPrompts(),
        StepLeft(at=1001.0, call="call-1", step=2, exit="1", result="choice", value="1", label="Invoice", seconds=1.0),
        StepEntered(at=1001.0, call="call-1", step=3, kind="queue", name="Invoice queue"),
        f.JoinQueue(INVOICE, frozenset({"full", "maximum_wait"})),
    ]


def test_without_barge_in_digits_count_only_after_the_prompt():
    """IV-02."""
    kari = at_the_menu(fields={"barge_in": False})
    assert kari.said[-1] == f.PlayPrompts((CHOOSE,), barge_in=False)
    assert kari.presses("1") == []
    kari.hears(f.Played())
    kari.presses("1")
    assert kari.step == "Invoice queue"


def test_the_seconds_for_the_first_digit_count_from_the_end_of_the_prompt():
    """IV-02: 5 s."""
    kari = at_the_menu()
    assert f.next_timer(kari.run) is None
    kari.now = 1010.0
    kari.hears(f.Played())
    assert f.next_timer(kari.run) == 1015.0
    assert kari.waits(4.9) == []
    assert kari.waits(0.1) == [f.PlayPrompts((CHOOSE,), barge_in=True)]


def test_silence_is_asked_three_times_then_it_is_no_input():
    """IV-02 repeat 2, IV-05 no input. The exit is that of maximum tries where no input has none of its own."""
    kari = at_the_menu()
    for _ in range(3):
        kari.hears(f.Played())
        kari.waits(5)
    assert kari.left() == ("maximum_tries", "no_input")
    assert kari.step == ""
    assert kari.said[-1] == f.EndCall("flow_ended")


def test_wrong_digits_are_invalid_and_take_their_own_exit():
    """IV-02, IV-05 invalid."""
    kari = at_the_menu(invalid="Sorry")
    assert kari.presses("9") == [f.StopPrompts(), f.PlayPrompts((CHOOSE,), barge_in=True)]
    kari.presses("*")
    kari.presses("#")
    assert kari.left() == ("invalid", "invalid")
    assert kari.step == "Sorry"


def test_silence_and_wrong_digits_together_are_maximum_tries():
    """IV-05 maximum tries."""
    kari = at_the_menu(invalid="Sorry", no_input="Sorry")
    kari.presses("9")
    kari.hears(f.Played())
    kari.waits(5)
    kari.presses("8")
    assert kari.left() == ("maximum_tries", "maximum_tries")


def test_a_digit_after_the_choice_is_discarded():
    kari = at_the_menu()
    kari.presses("1")
    assert kari.presses("2") == []
    assert kari.step == "Invoice queue"


def test_a_sub_menu_takes_a_digit_that_comes_at_once():
    """IV-02: a sub-menu is another menu step."""
    flow = (
        FlowBuilder("Two menus")
        .menu("First", CHOOSE, {"1": ("More", "Second"), "2": ("Stop", "Goodbye")}, maximum_tries="Goodbye")
        .menu("Second", CHOOSE, {"1": ("Back", "First"), "2": ("Stop", "Goodbye")}, maximum_tries="Goodbye")
        .hang_up()
    )
    kari = Caller(flow)
    kari.presses("1")
    assert kari.step == "Second"
    kari.presses("1")
    assert kari.step == "First"


def test_tries_of_one_menu_do_not_count_in_the_next():
    flow = (
        FlowBuilder("Two menus")
        .menu("First", CHOOSE, {"1": ("More", "Second"), "2": ("Stop", "Goodbye")}, maximum_tries="Goodbye")
        .menu("Second", CHOOSE, {"1": ("Back", "First"), "2": ("Stop", "Goodbye")}, maximum_tries="Goodbye")
        .hang_up()
    )
    kari = Caller(flow)
    for digit in "9919":
        kari.presses(digit)
    for _ in range(2):
        kari.hears(f.Played())
        kari.waits(5)
    assert kari.left() == ("maximum_tries", "maximum_tries")
    ola = Caller(flow)
    for digit in "9919":
        ola.presses(digit)
    ola.presses("8")
    assert ola.step == "Second"
    ola.presses("7")
    assert ola.left() == ("maximum_tries", "invalid")


def test_the_path_tells_the_agent_what_was_chosen():
    kari = at_the_menu()
    kari.presses("1")
    assert [(passed.name, passed.label) for passed in kari.run.path] == [("Welcome", ""), ("Menu", "Invoice")]


def test_a_full_queue_takes_its_exit():
    """QU-08."""
    kari = at_the_menu()
    kari.presses("1")
    kari.hears(f.QueueLeft("full"))
    assert kari.left() == ("full", "full")
    assert kari.step == "Sorry"


def test_after_the_conversation_the_call_ends_unless_the_flow_goes_on():
    """QU-08 answered."""
    kari = at_the_menu()
    kari.presses("1")
    kari.hears(f.QueueLeft("answered"))
    assert kari.left() == ("", "answered")
    assert kari.said[-1] == f.EndCall("agent_hung_up")

    ola = Caller(FlowBuilder("Survey").queue("Queue", INVOICE, answered="Thanks").message("Thanks", SORRY, next="Bye").hang_up("Bye"))
    ola.hears(f.QueueLeft("answered"))
    assert ola.left() == ("answered", "answered")
    assert ola.step == "Thanks"


def test_an_exit_of_the_queue_that_leads_nowhere_is_a_fault_that_does_not_drop_the_caller():
    """IV-09: the queue's limits may have changed after the flow was published."""
    kari = at_the_menu()
    kari.presses("1")
    kari.hears(f.QueueLeft("no_agents"))
    assert isinstance(kari.said[0], StepFailed)
    assert kari.left() == ("default", "no_agents")
    assert kari.step == "Sorry"


def test_a_caller_who_hangs_up_leaves_his_step():
    """IV-05 hung up."""
    kari = at_the_menu()
    kari.now += 2
    assert kari.hears(f.CallerGone()) == [StepLeft(at=1002.0, call="call-1", step=2, exit="", result="hung_up", seconds=2.0)]
    assert kari.run.over
    assert kari.hears(f.Played(), f.DigitPressed("1"), f.CallerGone()) == []


def test_a_queue_that_the_caller_left_by_hanging_up_ends_the_flow():
    kari = at_the_menu()
    kari.presses("1")
    kari.hears(f.QueueLeft("hung_up"))
    assert kari.left() == ("", "hung_up")
    assert kari.actions() == []
    assert kari.run.over


@pytest.mark.parametrize("result", ["busy", "no_answer"])
def test_a_dialled_number_that_does_not_answer_takes_that_exit(result):
    kari = at_the_menu()
    kari.presses("2")
    assert kari.said[-1] == f.DialNumber("+4722334455", 30)
    kari.hears(f.Dialled(result))
    assert kari.left() == (result, result)
    assert kari.step == "Sorry"


def test_a_dialled_number_that_answers_talks_until_it_hangs_up():
    kari = at_the_menu()
    kari.presses("2")
    assert kari.hears(f.Dialled("answered")) == []
    kari.hears(f.Dialled("ended"))
    assert kari.left() == ("", "answered")
    assert kari.said[-1] == f.EndCall("flow_ended")


def test_a_missing_sound_goes_to_the_default_exit_and_is_told():
    """IV-09."""
    kari = Caller(main_line())
    kari.hears(f.Played(error="sound 101 has no file"))
    assert kari.said[0] == StepFailed(at=1000.0, call="call-1", step=1, reason="A sound could not be played: sound 101 has no file")
    assert kari.left() == ("default", "error")
    assert kari.step == "Sorry"


def test_the_error_exit_of_the_step_comes_before_the_default_exit():
    """IV-09."""
    kari = Caller(
        FlowBuilder("x").message("Welcome", 1, error="Other", next="Bye").message("Other", 2, next="Bye").hang_up("Bye").after_fault("Bye")
    )
    kari.hears(f.Played(error="gone"))
    assert kari.left() == ("error", "error")
    assert kari.step == "Other"


def test_a_default_exit_that_is_broken_itself_ends_the_call():
    """IV-09."""
    kari = Caller(main_line())
    kari.hears(f.Played(error="gone"), f.Played(error="gone too"))
    assert kari.left() == ("", "error")
    assert kari.said[-1] == f.EndCall("error")
    assert kari.run.over


def test_a_flow_without_a_first_step_goes_to_the_default_exit():
    graph = main_line().graph()
    from msgspec.structs import replace

    run, said = f.start(replace(graph, start=99), 0.0, "call-1")
    assert isinstance(said[0], StepFailed)
    assert run.step == graph.default_exit
    run, said = f.start(replace(graph, start=99, default_exit=None), 0.0, "call-1")
    assert said[-1] == f.EndCall("error")
    assert run.over


def test_a_call_that_goes_round_for_ever_is_led_out_after_500_steps():
    """Limit of visits: the default exit, once; then the call ends."""
    flow = FlowBuilder("Round").message("A", 1, next="B").message("B", 2, next="A").message("Sorry", 3, next="A").after_fault("Sorry")
    kari = Caller(flow)
    entered = 1
    for _ in range(2 * f.VISITS_MAX):
        if kari.run.over:
            break
        said = kari.hears(f.Played())
        entered += sum(isinstance(fact, StepEntered) for fact in said)
        if any(isinstance(fact, StepFailed) for fact in said):
            assert kari.step == "Sorry"
            assert entered == f.VISITS_MAX + 1
    assert entered == f.VISITS_MAX + f.GRACE
    assert kari.said[-1] == f.EndCall("error")
