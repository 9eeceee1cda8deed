"""Run in the product's environment: every sound that the flow plays is a tone of its own, so that a telephone can tell them apart.

One number: welcome, a condition on the caller's number, a menu, a value that is read back, the queue Support. The other one: opening
hours, a variable and a condition on it, a survey question, a telephone outside, goodbye.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.audio.models import Prompt
    from apps.flows.models import FlowVersion, Step

FROM = "+4790000099"  # who calls
NUMBER, OUTSIDE = "+4722330044", "+4722330045"
DIALLED = "+4799999998"
HERTZ = {str(digit): 600 + 90 * digit for digit in range(10)} | {
    "welcome": 1600,
    "menu": 1750,
    "ask": 1900,
    "entered": 2050,
    "confirm": 2200,
    "important": 2350,
    "survey": 2500,
    "goodbye": 2650,
}
SECONDS = {"menu": 4.0, "ask": 4.0, "confirm": 0.6, "survey": 4.0}  # long enough to be interrupted
SYSTEM = {f"digit_{digit}": str(digit) for digit in range(10)} | {"you_have_entered": "entered", "confirm_or_again": "confirm"}
OWN = ("welcome", "menu", "ask", "important", "survey", "goodbye")


def build() -> None:
    from apps.audio.models import Prompt

    for key, name in SYSTEM.items():
        _speak(Prompt.objects.get(key=key), name)
    sounds = {name: _speak(Prompt.objects.create(name=f"Tone {name}"), name) for name in OWN}
    _inside(sounds)
    _outside(sounds)


def _speak(prompt: "Prompt", name: str) -> "Prompt":
    from apps.audio import services as audio
    from apps.audio import sound

    audio.add_version(prompt, language="nb", made=sound.tone(HERTZ[name], SECONDS.get(name, 0.4)))
    return prompt


def _inside(sounds: "dict[str, Prompt]") -> None:
    from apps.flows import services as flows
    from apps.queues.models import Queue

    draft = flows.draft_of(flows.create_flow(name="Tones", language="nb"))
    mobile = {"label": "Mobile", "variable": "caller", "operator": "begins_with", "value": "+4790"}
    steps = {
        "Welcome": flows.add_step(draft, "message", "Welcome", sounds=[sounds["welcome"]]),
        "Mobile?": flows.add_step(draft, "condition", "Mobile?", branches=[mobile]),
        "Menu": flows.add_step(draft, "menu", "Menu", prompt=sounds["menu"], choices={"1": "Customer", "2": "Bye"}),
        "Customer": flows.add_step(
            draft, "collect", "Customer", prompt=sounds["ask"], variable="customer", minimum=4, maximum=6, sensitive=True
        ),
        "Support": flows.add_step(draft, "queue", "Support", queue=Queue.objects.get(name="Support")),
        "Bye": flows.add_step(draft, "hang_up", "Bye"),
    }
    _publish(NUMBER, draft, steps, {
        "Welcome": {"next": "Mobile?"},
        "Mobile?": {"branch_1": "Menu", "otherwise": "Bye"},
        "Menu": {"1": "Customer", "2": "Bye", "maximum_tries": "Bye"},
        "Customer": {"next": "Support", "maximum_tries": "Bye"},
        "Support": {"full": "Bye", "maximum_wait": "Bye"},
    })  # fmt: skip


def _outside(sounds: "dict[str, Prompt]") -> None:
    from apps.flows import services as flows
    from apps.hours.models import Calendar

    always = Calendar.objects.create(name="Night and day", open_exit="Open", default_exit="Open", holiday_exit="Open")
    draft = flows.draft_of(flows.create_flow(name="Tones outside", language="nb"))
    mobile = {"label": "Mobile", "variable": "priority", "operator": "is", "value": f"high {FROM}"}
    steps = {
        "Hours": flows.add_step(draft, "opening_hours", "Hours", calendar=always),
        "Priority": flows.add_step(draft, "set_variable", "Priority", variable="priority", value="high {caller}"),
        "Important?": flows.add_step(draft, "condition", "Important?", branches=[mobile]),
        "Important": flows.add_step(draft, "message", "Important", sounds=[sounds["important"]]),
        "How was it?": flows.add_step(draft, "survey", "How was it?", prompt=sounds["survey"]),
        "Expert": flows.add_step(draft, "dial", "Expert", number=DIALLED),
        "Goodbye": flows.add_step(draft, "message", "Goodbye", sounds=[sounds["goodbye"]]),
        "Bye": flows.add_step(draft, "hang_up", "Bye"),
    }
    _publish(OUTSIDE, draft, steps, {
        "Hours": {"Open": "Priority", "Closed": "Bye"},
        "Priority": {"next": "Important?"},
        "Important?": {"branch_1": "Important", "otherwise": "Bye"},
        "Important": {"next": "How was it?"},
        "How was it?": {"next": "Expert"},
        "Expert": {"busy": "Bye", "no_answer": "Bye", "ended": "Goodbye"},
        "Goodbye": {"next": "Bye"},
    })  # fmt: skip


def _publish(number: str, draft: "FlowVersion", steps: "dict[str, Step]", exits: dict[str, dict[str, str]]) -> None:
    """The first of `steps` is where calls begin, the last one where they end."""
    from apps.flows import services as flows
    from apps.numbers.models import AccessNumber

    for name, targets in exits.items():
        flows.wire(steps[name], {exit_name: steps[target] for exit_name, target in targets.items()})
    first, *_, last = steps.values()
    flows.set_entrances(draft, start=first, default_exit=last)
    AccessNumber.objects.create(number=number, name=draft.flow.name, flow=flows.publish(draft).flow)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    import django

    django.setup()
    from django.db import transaction

    with transaction.atomic():  # the switch is told once
        build()
