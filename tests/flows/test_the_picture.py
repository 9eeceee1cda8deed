"""The picture of a flow: every step has its box, every wired exit its line, and nothing hides behind anything."""

from hypothesis import given

from apps.flows.diagram import Picture, draw
from apps.flows.graph import FlowGraph
from tests.flows.flow_builder import FlowBuilder
from tests.flows.test_every_flow_ends import graphs


def columns(picture: Picture) -> dict[str, int]:
    return {box.name: box.column for box in picture.boxes}


def test_a_caller_goes_from_left_to_right():
    flow = (
        FlowBuilder("x")
        .message("Welcome", 1, next="Menu")
        .menu("Menu", 1, {"1": ("Long way", "Message"), "2": ("Bye", "Bye"), "3": ("Again", "Menu")}, maximum_tries="Bye")
        .message("Message", 1, next="Queue")
        .queue("Queue", 1, full="Menu", no_agents="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
    )
    picture = draw(flow.graph())
    assert columns(picture) == {"Welcome": 0, "Menu": 1, "Message": 2, "Queue": 3, "Bye": 4}
    names = {box.step: box.name for box in picture.boxes}
    back = {(names[line.source], names[line.target]) for line in picture.lines if line.back}
    assert back == {("Menu", "Menu"), ("Queue", "Menu")}


def test_what_nothing_leads_to_stands_last():
    flow = FlowBuilder("x").message("Welcome", 1, next="Bye").hang_up("Bye").message("Forgotten", 1, next="Bye")
    assert columns(draw(flow.graph())) == {"Welcome": 0, "Bye": 1, "Forgotten": 2}


def test_a_box_shows_exits_that_must_be_wired_and_those_that_are():
    """IV-01: the editor shows what is not wired."""
    flow = FlowBuilder("x").menu("Menu", 1, {"1": ("A", "")}, invalid="Bye").hang_up("Bye")
    menu = draw(flow.graph(), str.upper).boxes[0]
    assert [(port.label, port.missing) for port in menu.ports] == [("1 A", True), ("INVALID", False), ("MAXIMUM TRIES", True)]
    assert (menu.first, menu.title, menu.name) == (True, "MENU", "Menu")


def test_an_empty_draft_has_an_empty_picture():
    assert draw(FlowGraph(version=1, flow=1, name="Empty", language="nb")).boxes == ()


@given(graphs())
def test_boxes_do_not_overlap_and_lines_keep_clear_of_them(graph):
    picture = draw(graph)
    assert {box.step for box in picture.boxes} == set(graph.steps)
    for box in picture.boxes:
        assert box.right < picture.width
        assert box.bottom < picture.height
        for other in picture.boxes:
            if other is not box and other.column == box.column:
                assert other.y >= box.bottom or box.y >= other.bottom
    tops, bottoms = min(box.y for box in picture.boxes), max(box.bottom for box in picture.boxes)
    for line in picture.lines:
        if "V" in line.path:  # a detour: its lane is above or below all boxes
            lane = int(line.path.split("V")[1].split()[0])
            assert lane < tops or lane > bottoms
            assert 0 < lane < picture.height


@given(graphs())
def test_every_wired_exit_that_can_be_taken_has_its_line(graph):
    wired = sum(step.exits.get(way.name) in graph.steps for step in graph.steps.values() for way in step.ways_out())
    assert len(draw(graph).lines) == wired
