"""Builds a flow in a few lines, as a frozen graph or as rows.

flow = (
    FlowBuilder("Main line")
    .message("Welcome", 1, next="Menu")
    .menu("Menu", 2, {"1": ("Invoice", "Invoice queue"), "2": ("Support", "Support queue")}, maximum_tries="Goodbye")
    .queue("Invoice queue", 10)
    .queue("Support queue", 20)
    .hang_up("Goodbye")
    .after_fault("Goodbye")
)
graph = flow.graph()          # step ids 1, 2, 3 … in the order of the lines; the first line is the first step
version = flow.publish()      # the same in the database; sounds and queues are then rows (see `a_sound`, `a_queue`)
"""

from collections.abc import Iterable
from typing import Any, Self

from apps.audio.models import Prompt, PromptVersion
from apps.flows import services
from apps.flows.graph import FlowGraph
from apps.flows.kinds import KINDS
from apps.flows.kinds.condition import Branch
from apps.flows.kinds.menu import Choice
from apps.flows.models import Flow, FlowVersion
from apps.queues.models import Queue

Sound = Prompt | int


def a_sound(name: str, languages: Iterable[str] = ("nb", "en")) -> Prompt:
    """A prompt with an active version in each of `languages` (the file itself is not there)."""
    prompt = Prompt.objects.create(name=name)
    for language in languages:
        PromptVersion.objects.create(prompt=prompt, language=language, active=True, file=f"audio/{name}-{language}.wav")
    return prompt


def a_queue(name: str, **fields: Any) -> Queue:
    return Queue.objects.create(name=name, **fields)


class FlowBuilder:
    def __init__(self, name: str, language: str = "nb") -> None:
        self.name = name
        self.language = language
        self.steps: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []  # kind, name, fields, exit -> name of the step
        self.fault: str | None = None

    def message(self, name: str, *sounds: Sound, **exits: str) -> Self:
        return self._step("message", name, {"sounds": sounds}, exits)

    def menu(
        self, name: str, sound: Sound | None, choices: dict[str, tuple[str, str]], *, fields: dict | None = None, **exits: str
    ) -> Self:
        """`choices`: digit -> (label, step it leads to)."""
        labels = {digit: label for digit, (label, _) in choices.items()}
        targets = {digit: target for digit, (_, target) in choices.items() if target}
        return self._step("menu", name, {"sound": sound, "choices": labels, **(fields or {})}, targets | exits)

    def queue(self, name: str, queue: Queue | int | None, **exits: str) -> Self:
        return self._step("queue", name, {"queue": queue}, exits)

    def dial(self, name: str, number: str, *, timeout: int = 30, **exits: str) -> Self:
        return self._step("dial", name, {"number": number, "timeout": timeout}, exits)

    def web(self, name: str, url: str, *, fields: dict | None = None, **exits: str) -> Self:
        return self._step("web_request", name, {"url": url, **(fields or {})}, exits)

    def voicemail(self, name: str, sound: Sound | None, *, fields: dict | None = None, **exits: str) -> Self:
        return self._step("voicemail", name, {"sound": sound, **(fields or {})}, exits)

    def callback(self, name: str, sound: Sound | None = None, *, fields: dict | None = None, **exits: str) -> Self:
        return self._step("callback", name, {"sound": sound, **(fields or {})}, exits)

    def collect(self, name: str, sound: Sound | None, variable: str = "number", *, fields: dict | None = None, **exits: str) -> Self:
        return self._step("collect", name, {"sound": sound, "variable": variable, **(fields or {})}, exits)

    def condition(self, name: str, *branches: tuple[dict[str, Any], str], **exits: str) -> Self:
        """`branches`: (columns, step it leads to), in their order."""
        targets = {f"branch_{slot}": target for slot, (_, target) in enumerate(branches, start=1) if target}
        return self._step("condition", name, {"branches": [columns for columns, _ in branches]}, targets | exits)

    def set_variable(self, name: str, variable: str, value: str, **exits: str) -> Self:
        return self._step("set_variable", name, {"variable": variable, "value": value}, exits)

    def survey(self, name: str, sound: Sound | None, *, fields: dict | None = None, **exits: str) -> Self:
        return self._step("survey", name, {"sound": sound, **(fields or {})}, exits)

    def record_sound(self, name: str, **exits: str) -> Self:
        return self._step("record_sound", name, {}, exits)

    def hang_up(self, name: str = "Goodbye") -> Self:
        return self._step("hang_up", name, {}, {})

    def opening_hours(self, name: str, calendar: Any, exits: dict[str, str]) -> Self:
        """`exits`: name that the calendar gives -> step; as a graph, the calendar gives no others."""
        return self._step("opening_hours", name, {"calendar": calendar, "names": tuple(exits)}, exits)

    def after_fault(self, name: str) -> Self:
        self.fault = name
        return self

    def _step(self, kind: str, name: str, fields: dict[str, Any], exits: dict[str, str]) -> Self:
        self.steps.append((kind, name, fields, exits))
        return self

    # -- as a graph

    def graph(self, version: int = 1, flow: int = 1) -> FlowGraph:
        ids = {name: number for number, (_, name, _, _) in enumerate(self.steps, start=1)}
        steps = {
            ids[name]: KINDS[kind](
                id=ids[name], name=name, exits={exit_: ids[target] for exit_, target in exits.items()}, **_frozen(fields)
            )
            for kind, name, fields, exits in self.steps
        }
        fault = ids[self.fault] if self.fault else None
        return FlowGraph(version=version, flow=flow, name=self.name, language=self.language, start=1, default_exit=fault, steps=steps)

    # -- as rows

    def save(self) -> FlowVersion:
        """A new flow with this draft."""
        flow = services.create_flow(name=self.name, language=self.language)
        return self.fill(services.draft_of(flow))

    def fill(self, draft: FlowVersion) -> FlowVersion:
        rows = {name: services.add_step(draft, kind, name, **_columns(fields)) for kind, name, fields, _ in self.steps}
        for _, name, _, exits in self.steps:
            services.wire(rows[name], {exit_: rows[target] for exit_, target in exits.items()})
        services.set_entrances(draft, start=rows[self.steps[0][1]], default_exit=rows[self.fault] if self.fault else None)
        return draft

    def publish(self) -> FlowVersion:
        return services.publish(self.save())

    def flow(self) -> Flow:
        return self.publish().flow


def _frozen(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a row as those of the frozen struct."""
    answer = {name: getattr(value, "pk", value) for name, value in fields.items()}
    if "sounds" in answer:
        answer["prompts"] = tuple(getattr(sound, "pk", sound) for sound in answer.pop("sounds"))
    if "choices" in answer:
        answer["choices"] = tuple(Choice(digit, label) for digit, label in answer["choices"].items())
    if isinstance(answer.get("branches"), list):  # a condition's, as columns
        answer["branches"] = tuple(
            Branch(slot, **{"label": f"branch {slot}", **_frozen(columns)}) for slot, columns in enumerate(answer["branches"], start=1)
        )
    if "sound" in answer:
        answer["prompt"] = answer.pop("sound")
    if "check_digit" in answer:
        answer["check"] = answer.pop("check_digit")
    return answer


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    return {"prompt" if name == "sound" else name: value for name, value in fields.items() if name != "names"}
