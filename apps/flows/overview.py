"""What the pages about a version show: its steps in words, its picture, its problems, what it changes."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from apps.flows.compile import Problem, compile_version, read_graphs, step_link
from apps.flows.diagram import Box, Line, Picture, draw, shown_ways
from apps.flows.differences import Difference, differences, merged
from apps.flows.faults import Fault, recent_faults
from apps.flows.graph import FlowGraph
from apps.flows.kinds import AnyStep
from apps.flows.kinds.step import Way
from apps.flows.models import TABLES, FlowVersion


class ExitRow(Struct, frozen=True):
    """`target` empty: it leads nowhere."""

    label: str
    target: str = ""
    link: str = ""


class StepRow(Struct, frozen=True):
    name: str
    kind: str
    link: str
    exits: tuple[ExitRow, ...]
    problems: tuple[Problem, ...]
    first: bool
    after_fault: bool


class Drawn(Struct, frozen=True):
    """A box of the picture with what the reader can do there."""

    box: Box
    link: str
    problems: tuple[Problem, ...]
    spoken: str
    mark: str = ""  # what publishing does to it: added, changed, removed
    mark_in_words: str = ""


MARKS = {"added": _("new"), "changed": _("changed"), "removed": _("gone")}


class Overview:
    """`against`: the version to compare with; the picture then has its steps too, and says what became of them."""

    def __init__(self, version: FlowVersion, against: FlowVersion | None = None) -> None:
        self.version, self.against = version, against
        self.graph, self.problems = compile_version(version)
        self._by_step: dict[int | None, list[Problem]] = defaultdict(list)
        for problem in self.problems:
            self._by_step[problem.step].append(problem)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.warning]

    @cached_property
    def steps(self) -> list[StepRow]:
        return [self._row(step) for step in self.graph.steps.values()]

    @cached_property
    def picture(self) -> Picture:
        return draw(self._compared[0], cache(gettext))  # a few words, a thousand times

    @cached_property
    def _compared(self) -> tuple[FlowGraph, dict[int, str]]:
        """What is drawn, and the marks of its steps."""
        if self.against is None:
            return self.graph, {}
        return merged(read_graphs([self.against])[self.against.pk], self.graph)

    @cached_property
    def faults(self) -> list[Fault]:
        return recent_faults(self.graph, timezone.now())

    @property
    def boxes(self) -> list[Drawn]:
        return [self._drawn(box) for box in self.picture.boxes]

    @property
    def lines(self) -> Sequence[Line]:
        return self.picture.lines

    def of_step(self, step: int) -> list[Problem]:
        return self._by_step[step]

    def _row(self, step: AnyStep) -> StepRow:
        exits = tuple(self._exit(way, step) for way in shown_ways(step))
        first, after_fault = step.id == self.graph.start, step.id == self.graph.default_exit
        problems = tuple(self._by_step[step.id])
        return StepRow(step.name, gettext(step.title), step_link(self.graph.version, step.id), exits, problems, first, after_fault)

    def _exit(self, way: Way, step: AnyStep) -> ExitRow:
        target = self.graph.steps.get(step.exits.get(way.name, 0))
        if target is None:
            return ExitRow(label_of(way))
        return ExitRow(label_of(way), target.name, step_link(self.graph.version, target.id))

    def _drawn(self, box: Box) -> Drawn:
        problems, mark = tuple(self._by_step[box.step]), self._compared[1].get(box.step, "")
        words = str(MARKS[mark]) if mark else ""
        said = [f"{box.title}: {box.name}", *([words] if words else []), *(problem.text.rstrip(".") for problem in problems)]
        version = self.against.pk if self.against and mark == "removed" else self.graph.version
        return Drawn(box, step_link(version, box.step), problems, ". ".join(said), mark, words)


def label_of(way: Way) -> str:
    return way.label if way.label_is_own else gettext(way.label)


def step_form_link(kind: str, step: int) -> str:
    return reverse(f"admin:{TABLES[kind]._meta.app_label}_{TABLES[kind]._meta.model_name}_change", args=[step])


def active_beside(version: FlowVersion) -> FlowVersion | None:
    """What callers get now, if that is another version."""
    return FlowVersion.objects.select_related("flow").filter(flow=version.flow, state="active").exclude(pk=version.pk).first()


def changes_in_words(version: FlowVersion, active: FlowVersion | None) -> list[str] | None:
    """What publishing `version` changes for callers who get `active` now; None: there is nothing to compare with."""
    if active is None:
        return None
    graphs = read_graphs([active, version])
    words = [_in_words(difference) for difference in differences(graphs[active.pk], graphs[version.pk])]
    return words + _entrance_changes(active, version)


def _in_words(difference: Difference) -> str:
    if difference.what == "added":
        return gettext("“%(step)s” is new.") % {"step": difference.name}
    if difference.what == "removed":
        return gettext("“%(step)s” is gone.") % {"step": difference.name}
    parts = [gettext("its settings")] if difference.settings else []
    parts += [gettext("where “%(exit)s” leads") % {"exit": label_of(way)} for way in difference.exits]
    return gettext("“%(step)s” is changed: %(parts)s.") % {"step": difference.name, "parts": ", ".join(parts)}


def _entrance_changes(active: FlowVersion, version: FlowVersion) -> list[str]:
    words = []
    if str(active.start) != str(version.start):
        words.append(gettext("The first step is “%(step)s”.") % {"step": version.start})
    if str(active.default_exit) != str(version.default_exit):
        words.append(gettext("The step after a fault is “%(step)s”.") % {"step": version.default_exit})
    return words


def test_call_link(flow_id: int) -> str:
    """Empty where this installation has no page for test calls."""
    try:
        return f"{reverse('test_call')}?flow={flow_id}"
    except NoReverseMatch:
        return ""


def test_call_options_link() -> str:
    """As above."""
    try:
        return reverse("test_call_options")
    except NoReverseMatch:
        return ""
