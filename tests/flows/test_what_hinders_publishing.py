"""IV-06: publishing checks the whole graph and refuses with a list of reasons, each with a link."""

import pytest
from django.urls import Resolver404, resolve

from apps.audio.models import PromptVersion
from apps.flows import compile as compiler
from apps.flows import services
from apps.flows.models import Exit, Step
from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def welcome():
    return a_sound("Welcome")


@pytest.fixture
def support():
    return a_queue("Support")


def problems(version) -> dict[str, list[str]]:
    """Code -> steps that have the problem."""
    found: dict[str, list[str]] = {}
    for problem in compiler.compile_version(version)[1]:
        found.setdefault(problem.code, []).append(problem.step_name)
    return found


def whole(welcome, support) -> FlowBuilder:
    return (
        FlowBuilder("Main line")
        .message("Welcome", welcome, next="Menu")
        .menu("Menu", welcome, {"1": ("Support", "Support"), "2": ("Boss", "Boss")}, maximum_tries="Goodbye")
        .queue("Support", support)
        .dial("Boss", "+4722334455", busy="Support", no_answer="Support")
        .hang_up("Goodbye")
        .after_fault("Goodbye")
    )


def test_a_whole_flow_has_no_problems_and_becomes_the_graph_that_was_drawn(welcome, support):
    version = whole(welcome, support).save()
    graph, found = compiler.compile_version(version)
    assert found == []
    drawn = whole(welcome, support).graph(version.pk, version.flow_id)
    first = min(graph.steps)
    numbers = {step.name: step.id - first + 1 for step in graph.steps.values()}
    assert numbers == {step.name: step.id for step in drawn.steps.values()}
    for step in graph.steps.values():
        twin = drawn.steps[numbers[step.name]]
        assert {name: target - first + 1 for name, target in step.exits.items()} == twin.exits
        assert type(step) is type(twin)
        assert {f: getattr(step, f) for f in step.__struct_fields__ if f not in ("id", "exits")} == {
            f: getattr(twin, f) for f in twin.__struct_fields__ if f not in ("id", "exits")
        }
    assert (graph.start, graph.default_exit) == (first, first + 4)


def test_an_empty_draft_says_what_is_missing():
    draft = services.draft_of(services.create_flow(name="Empty"))
    assert set(problems(draft)) == {"no_start", "no_default_exit"}


def test_exits_that_must_lead_somewhere(welcome, support):
    """Unwired exits."""
    version = (
        FlowBuilder("x")
        .message("Welcome", welcome)
        .menu("Menu", welcome, {"1": ("A", ""), "2": ("B", "Welcome")})
        .dial("Boss", "+4722334455")
        .queue("Queue", support)
        .after_fault("Queue")
        .save()
    )
    texts = [problem.text for problem in compiler.compile_version(version)[1] if problem.code == "unwired"]
    assert texts == [f"The exit “{name}” leads nowhere." for name in ("Then", "1 A", "Maximum tries", "Busy", "No answer")]


def test_steps_that_nothing_leads_to(welcome, support):
    """Unreachable steps: those behind the first step and the step after a fault are reached."""
    flow = whole(welcome, support).message("Forgotten", welcome, next="Island").message("Island", welcome, next="Goodbye")
    assert problems(flow.save()) == {"unreachable": ["Forgotten", "Island"]}


def test_circles_in_which_nobody_is_asked(welcome, support):
    """Loops without input. A circle through a menu is none: the caller can leave it."""
    flow = (
        FlowBuilder("Round")
        .menu("Menu", welcome, {"1": ("Again", "Menu"), "2": ("In", "Welcome")}, maximum_tries="Bye", no_input="Menu")
        .message("Welcome", welcome, next="Full")
        .queue("Full", support, full="Wait", no_agents="Menu")
        .message("Wait", welcome, next="Full")
        .hang_up("Bye")
        .after_fault("Bye")
    )
    found = compiler.compile_version(flow.save())[1]
    assert [problem.code for problem in found] == ["loop"]
    assert "Full → Wait → Full" in found[0].text or "Wait → Full → Wait" in found[0].text


def test_a_message_that_leads_to_itself_is_a_circle(welcome):
    flow = FlowBuilder("x").message("Welcome", welcome, next="Welcome").hang_up("Bye").after_fault("Bye")
    assert problems(flow.save()) == {"loop": ["Welcome"]}


def test_sounds_that_cannot_be_heard_in_the_flows_language(support):
    """Missing audio."""
    english = a_sound("Only English", languages=["en"])
    flow = whole(english, support)
    version = flow.save()
    assert problems(version) == {"missing_audio": ["Welcome", "Menu"]}
    PromptVersion.objects.create(prompt=english, language="nb", active=False)
    assert "missing_audio" in problems(version)
    PromptVersion.objects.update(active=True)
    assert problems(version) == {}


def test_the_queues_welcome_must_be_heard_too(welcome):
    support = a_queue("Support", welcome=a_sound("Queue welcome", languages=[]))
    assert problems(whole(welcome, support).save()) == {"missing_audio": ["Support"]}


def test_steps_without_sound_and_queue_and_number(welcome):
    """Unknown queue."""
    flow = (
        FlowBuilder("x")
        .message("Silent", next="Menu")
        .menu("Menu", None, {"1": ("A", "Nowhere"), "2": ("B", "Boss")}, maximum_tries="Nowhere")
        .queue("Nowhere", None)
        .dial("Boss", "", busy="Nowhere", no_answer="Nowhere")
        .after_fault("Nowhere")
    )
    assert problems(flow.save()) == {"no_sound": ["Silent", "Menu"], "unknown_queue": ["Nowhere"], "bad_number": ["Boss"]}


def test_a_queue_that_is_switched_off(welcome):
    assert problems(whole(welcome, a_queue("Support", active=False)).save()) == {"inactive_queue": ["Support"]}


def test_a_maximum_needs_the_exit_for_it(welcome):
    """QU-08: a maximum without a wired full exit is refused."""
    support = a_queue("Support", maximum_callers=5, maximum_wait=600)
    version = whole(welcome, support).save()
    assert set(problems(version)) == {"full_unwired", "maximum_wait_unwired"}
    queue_step, goodbye = (Step.objects.get(version=version, name=name) for name in ("Support", "Goodbye"))
    services.wire(queue_step, {"full": goodbye, "maximum_wait": goodbye})
    assert problems(version) == {}


def test_a_menu_has_two_choices_at_least(welcome):
    """IV-02."""
    flow = FlowBuilder("x").menu("Menu", welcome, {"1": ("A", "Bye")}, maximum_tries="Bye").hang_up("Bye").after_fault("Bye")
    assert problems(flow.save()) == {"few_choices": ["Menu"]}


def test_more_than_six_choices_are_published_with_a_warning(welcome):
    """IV-02."""
    choices = {str(digit): (f"Choice {digit}", "Bye") for digit in range(1, 8)}
    version = FlowBuilder("x").menu("Menu", welcome, choices, maximum_tries="Bye").hang_up("Bye").after_fault("Bye").save()
    [problem] = compiler.compile_version(version)[1]
    assert (problem.code, problem.warning) == ("many_choices", True)
    assert services.publish(version).state == "active"


def test_every_problem_has_a_link_to_where_it_is_put_right(welcome, support):
    version = FlowBuilder("x").message("Welcome").menu("Menu", None, {}).queue("Queue", None).dial("Boss", "").save()
    for problem in compiler.compile_version(version)[1]:
        try:
            page, _, place = problem.link.partition("#")
            match = resolve(page)
        except Resolver404:
            pytest.fail(f"{problem.code} leads to {problem.link}, which is no page")
        assert int(match.kwargs["object_id"]) == version.pk
        assert place == (f"step-{problem.step}" if problem.step else "")


def test_problems_speak_the_readers_language(welcome, settings):
    """The sentences are marked for translation, their values too (PF: English and Norwegian)."""
    from django.utils import translation

    version = FlowBuilder("x").message("Welcome", welcome).after_fault("Welcome").save()
    with translation.override("en"):
        [problem] = compiler.compile_version(version)[1]
    assert problem.text == "The exit “Then” leads nowhere."


def test_an_exit_into_another_version_is_no_exit(welcome, support):
    """Rows that the services would not have written are read without harm."""
    other = whole(welcome, support).save()
    version = FlowBuilder("y").message("Welcome", welcome, next="Bye").hang_up("Bye").after_fault("Bye").save()
    step = Step.objects.get(version=version, name="Welcome")
    with pytest.raises(ValueError):
        services.wire(step, {"next": Step.objects.get(version=other, name="Menu")})
    Exit.objects.filter(step=step).update(target=Step.objects.get(version=other, name="Menu"))
    assert problems(version) == {"unwired": ["Welcome"]}


def test_what_is_wrong_with_steps_that_collect_ask_and_decide(welcome):
    flow = (
        FlowBuilder("x")
        .collect("Silent", None, "", next="If", maximum_tries="If")
        .condition("If", ({"variable": "typo", "operator": "in_list", "label": "A"}, "Set"), otherwise="Set")
        .set_variable("Set", "caller", "{nobody}", next="Ask")
        .survey("Ask", None, next="Empty")
        .condition("Empty", otherwise="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )
    assert problems(flow.save()) == {
        "no_sound": ["Silent", "Ask"],
        "no_variable": ["Silent", "Set"],
        "no_list": ["If"],
        "no_branches": ["Empty"],
        "unset_variable": ["If", "Set"],
    }


def test_a_circle_of_steps_that_decide_by_themselves_is_found(welcome):
    flow = (
        FlowBuilder("x")
        .condition("If", ({"label": "A", "operator": "empty"}, "Set"), otherwise="Bye")
        .set_variable("Set", "a", "1", next="If")
        .hang_up("Bye")
        .after_fault("Bye")
    )
    assert problems(flow.save()) == {"loop": ["If"]}


def test_steps_that_collect_ask_and_decide_become_the_graph_that_was_drawn(welcome):
    """Columns, parts and exits of the new kinds reach the interpreter."""
    from apps.numbers.models import NumberList

    vip = NumberList.objects.create(name="VIP")
    flow = (
        FlowBuilder("x")
        .collect("Collect", welcome, fields={"check_digit": "luhn", "sensitive": True, "tries": 2}, next="If", maximum_tries="Bye")
        .condition("If", ({"label": "VIP", "operator": "in_list", "numbers": vip}, "Set"), otherwise="Ask")
        .set_variable("Set", "vip", "yes", next="Ask")
        .survey("Ask", welcome, fields={"highest": 6}, next="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )
    version = flow.save()
    graph, found = compiler.compile_version(version)
    assert found == []
    drawn = {step.name: step for step in flow.graph().steps.values()}
    for step in graph.steps.values():
        twin = drawn[step.name]
        assert {f: getattr(step, f) for f in step.__struct_fields__ if f not in ("id", "exits")} == {
            f: getattr(twin, f) for f in twin.__struct_fields__ if f not in ("id", "exits")
        }
        assert step.exits.keys() == twin.exits.keys()
    copy, _ = compiler.compile_version(services.new_draft(services.publish(version)))
    assert [(step.name, *step.exits) for step in copy.steps.values()] == [(step.name, *step.exits) for step in graph.steps.values()]
