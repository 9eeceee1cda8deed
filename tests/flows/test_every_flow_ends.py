"""Properties of the interpreter on random graphs and random inputs, broken graphs included."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.events.vocabulary import StepEntered, StepFailed, StepLeft
from apps.flows import interpreter as f
from apps.flows.graph import FlowGraph
from apps.flows.kinds import (
    KINDS,
    Callback,
    Collect,
    Condition,
    Dial,
    HangUp,
    Menu,
    Message,
    OpeningHours,
    Queue,
    RecordSound,
    SetVariable,
    Survey,
    Voicemail,
    WebRequest,
    condition,
    web,
)
from apps.flows.kinds.menu import DIGITS, Choice

IDS = st.integers(1, 8)
PROMPTS = st.integers(1, 3)


def exits(*names: str) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(names), st.integers(1, 9), max_size=len(names))  # 9: a step that is not there


CHOICES = st.lists(st.sampled_from(DIGITS), unique=True, max_size=4).map(
    lambda digits: tuple(Choice(digit, f"choice {digit}") for digit in digits)
)
VARIABLES = st.sampled_from(["caller", "a", "b"])
BRANCHES = st.lists(
    st.builds(
        condition.Branch,
        st.integers(1, 3),
        st.just("label"),
        VARIABLES,
        st.sampled_from([*condition.OPERATORS, condition.IN_LIST]),
        st.sampled_from(["", "1", "[0-9]+", "("]),
        st.none() | PROMPTS,
    ),
    max_size=3,
    unique_by=lambda branch: branch.slot,
).map(tuple)
STEPS = {
    Message: {"prompts": st.lists(PROMPTS, max_size=2).map(tuple), "exits": exits("next", "error")},
    Menu: {
        "prompt": st.none() | PROMPTS,
        "choices": CHOICES,
        "repeat": st.integers(0, 3),
        "barge_in": st.booleans(),
        "exits": exits(*DIGITS[:4], "no_input", "invalid", "maximum_tries", "error"),
    },
    Collect: {
        "prompt": st.none() | PROMPTS,
        "wrong": st.none() | PROMPTS,
        "minimum": st.integers(0, 3),
        "maximum": st.integers(1, 4),
        "check": st.sampled_from(["", "luhn", "mod11", "national_identity"]),
        "pattern": st.sampled_from(["", "1+", "("]),
        "confirm": st.booleans(),
        "tries": st.integers(1, 3),
        "barge_in": st.booleans(),
        "variable": VARIABLES,
        "sensitive": st.booleans(),
        "shown_as": st.sampled_from(["", "Number"]),
        "exits": exits("next", "no_input", "invalid", "maximum_tries", "error"),
    },
    Condition: {"branches": BRANCHES, "exits": exits("branch_1", "branch_2", "branch_3", "otherwise", "error")},
    SetVariable: {"variable": VARIABLES, "value": st.sampled_from(["", "1", "{a}{b}x"]), "exits": exits("next", "error")},
    Survey: {
        "prompt": st.none() | PROMPTS,
        "repeat": st.integers(0, 3),
        "barge_in": st.booleans(),
        "exits": exits("next", "no_input", "invalid", "maximum_tries", "error"),
    },
    Queue: {"queue": st.none() | PROMPTS, "exits": exits("answered", "maximum_wait", "full", "no_agents", "error")},
    Dial: {"number": st.sampled_from(["+4722334455", ""]), "exits": exits("busy", "no_answer", "ended", "error")},
    WebRequest: {
        "url": st.sampled_from(["https://crm.example/{caller}", ""]),
        "readings": st.sampled_from([(), (web.Reading("level", "level"),)]),
        "branch_on": st.sampled_from(["", "level", "status"]),
        "branches": st.sampled_from([(), (web.Branch("gold"), web.Branch("404"))]),
        "exits": exits("=gold", "=404", "next", "error"),
    },
    Voicemail: {
        "prompt": st.none() | PROMPTS,
        "maximum": st.sampled_from([3.0, 20.0]),
        "review": st.booleans(),
        "exits": exits("next", "empty", "error"),
    },
    Callback: {"prompt": st.none() | PROMPTS, "tries": st.integers(1, 3), "exits": exits("next", "already", "declined", "error")},
    OpeningHours: {"calendar": st.none() | PROMPTS, "names": st.just(("Open", "Closed")), "exits": exits("Open", "Closed", "error")},
    RecordSound: {"exits": exits("next", "refused", "error")},
    HangUp: {},
}


@st.composite
def graphs(draw) -> FlowGraph:
    numbers = draw(st.lists(IDS, unique=True, min_size=1))
    kinds = st.sampled_from(list(STEPS))
    steps = {}
    for number in numbers:
        kind = draw(kinds)
        steps[number] = kind(id=number, name=f"step {number}", **{name: draw(field) for name, field in STEPS[kind].items()})
    start, fault = draw(st.integers(0, 8)), draw(st.none() | IDS)
    return FlowGraph(version=1, flow=1, name="Random", language="nb", start=start, default_exit=fault, steps=steps)


INPUTS = st.one_of(
    st.builds(f.Begin),
    st.builds(f.CodeProved, st.sampled_from([None, 7, 7, 7]), st.sampled_from([False, False, True])),
    st.builds(f.SoundFound, st.sampled_from([None, 17, 17]), st.sampled_from([True, True, False])),
    st.builds(f.CallbackTaken, st.sampled_from(["ordered", "already"])),
    st.builds(f.Taped, st.sampled_from(["call-1-m1.0", "call-1-m2.0", "call-1-m2.1"]), st.floats(0, 9), st.sampled_from(["", "", "full"])),
    st.builds(f.Played, st.sampled_from(["", "", "gone"])),
    st.builds(f.DigitPressed, st.sampled_from("0123456789*#A")),
    st.builds(f.TimePassed),
    st.builds(f.QueueLeft, st.sampled_from(["answered", "hung_up", "maximum_wait", "full", "no_agents", "error", "unheard of"])),
    st.builds(
        f.WebAnswered, st.integers(1, 5), st.sampled_from([200, 404]), st.just({"level": "gold"}), st.sampled_from(["", "", "late", "?"])
    ),
    st.builds(f.Dialled, st.sampled_from(["answered", "busy", "no_answer", "error", "ended"])),
)
MOMENTS = st.lists(st.tuples(INPUTS, st.floats(0, 10)), max_size=60)


def drive(graph: FlowGraph, moments: list[tuple[f.Input, float]]) -> tuple[f.Run, list, float]:
    now = 1000.0
    run, said = f.start(graph, now, "call-1")
    for heard, seconds in moments:
        now += seconds
        run, more = f.handle(graph, run, heard, now)
        said += more
    return run, said, now


def next_input(graph: FlowGraph, run: f.Run, stubborn: bool) -> f.Input:
    """What the step at hand waits for, from a caller who never chooses (or always presses 1) and is never sent away."""
    step = graph.steps[run.step]
    if isinstance(step, Queue):
        return f.QueueLeft("full")
    if isinstance(step, Dial):
        return f.Dialled("busy")
    if isinstance(step, WebRequest):
        return f.WebAnswered(run.visits)
    if run.playing:
        return f.Played()
    if isinstance(step, Voicemail):
        return f.TimePassed()
    return f.DigitPressed("1") if stubborn and not run.typed else f.TimePassed()


def test_every_kind_is_among_the_random_steps():
    assert set(STEPS) == set(KINDS.values())


@given(graphs(), MOMENTS)
def test_nothing_that_happens_raises_and_each_step_entered_is_left_once(graph, moments):
    """IV-05."""
    run, said, now = drive(graph, moments)
    _, last = f.handle(graph, run, f.CallerGone(), now)
    entered = [fact.step for fact in said + last if isinstance(fact, StepEntered)]
    left = [fact.step for fact in said + last if isinstance(fact, StepLeft)]
    assert entered == left


@given(graphs(), MOMENTS)
def test_the_end_is_told_once_and_is_the_last_that_is_said(graph, moments):
    run, said, now = drive(graph, moments)
    ends = [action for action in said if isinstance(action, f.EndCall)]
    assert len(ends) <= 1
    if ends:
        assert said[-1] is ends[0]
        assert run.over
    if run.over:
        assert f.next_timer(run) is None
        for heard in (f.Played(), f.DigitPressed("1"), f.TimePassed(), f.QueueLeft("full"), f.CallerGone(), f.Begin()):
            assert f.handle(graph, run, heard, now) == (run, [])


@settings(max_examples=60, deadline=None)
@given(graphs(), st.booleans())
def test_a_call_that_never_hangs_up_comes_to_an_end(graph, stubborn):
    """The limit of visits bounds every flow, however it is wired."""
    now = 0.0
    run, _ = f.start(graph, now, "call-1")
    for _ in range(10 * (f.VISITS_MAX + f.GRACE)):
        if run.over:
            return
        now = max(now, f.next_timer(run) or now)
        run, _ = f.handle(graph, run, next_input(graph, run, stubborn), now)
    raise AssertionError("the call goes on and on")


@given(graphs(), MOMENTS)
def test_a_caller_is_dropped_by_a_fault_only_where_nothing_was_wired_for_it(graph, moments):
    """IV-09."""
    _, said, _ = drive(graph, moments)
    for before, after in zip(said, said[1:], strict=False):
        if isinstance(before, StepFailed) and isinstance(after, StepLeft) and after.exit == "":
            assert graph.steps[after.step].exits.get("error") not in graph.steps
            assert graph.default_exit not in graph.steps or graph.default_exit == after.step


@given(graphs(), MOMENTS)
def test_the_same_inputs_give_the_same_answers_also_after_a_restart(graph, moments):
    """What the switch keeps of a call in its snapshot is all that the interpreter needs."""
    decode_run, decode_graph = msgspec.json.Decoder(f.Run).decode, msgspec.json.Decoder(FlowGraph).decode
    now = 1000.0
    run, said = f.start(graph, now, "call-1")
    for heard, seconds in moments:
        now += seconds
        again = f.handle(decode_graph(msgspec.json.encode(graph)), decode_run(msgspec.json.encode(run)), heard, now)
        run, said = f.handle(graph, run, heard, now)
        assert again == (run, said)
