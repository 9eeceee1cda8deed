"""Run in the product's environment: every sound that the flow plays is a tone of its own, so that a telephone can tell them apart.

Welcome, a condition on the caller's number, a menu, a value that is read back, the queue Support.
"""

import os

NUMBER, FLOW = "+4722330044", "Tones"
HERTZ = {str(digit): 600 + 90 * digit for digit in range(10)} | {
    "welcome": 1600,
    "menu": 1750,
    "ask": 1900,
    "entered": 2050,
    "confirm": 2200,
}
SECONDS = {"menu": 4.0, "ask": 4.0, "confirm": 0.6}  # long enough to be interrupted
SYSTEM = {f"digit_{digit}": str(digit) for digit in range(10)} | {"you_have_entered": "entered", "confirm_or_again": "confirm"}


def build() -> None:
    from apps.audio import services as audio
    from apps.audio import sound
    from apps.audio.models import Prompt
    from apps.flows import services as flows
    from apps.numbers.models import AccessNumber
    from apps.queues.models import Queue

    def speak(prompt: Prompt, name: str) -> Prompt:
        audio.add_version(prompt, language="nb", made=sound.tone(HERTZ[name], SECONDS.get(name, 0.4)))
        return prompt

    for key, name in SYSTEM.items():
        speak(Prompt.objects.get(key=key), name)
    welcome, menu, ask = (speak(Prompt.objects.create(name=f"Tone {name}"), name) for name in ("welcome", "menu", "ask"))
    draft = flows.draft_of(flows.create_flow(name=FLOW, language="nb"))
    mobile = {"label": "Mobile", "variable": "caller", "operator": "begins_with", "value": "+4790"}
    steps = {
        "Welcome": flows.add_step(draft, "message", "Welcome", sounds=[welcome]),
        "Mobile?": flows.add_step(draft, "condition", "Mobile?", branches=[mobile]),
        "Menu": flows.add_step(draft, "menu", "Menu", prompt=menu, choices={"1": "Customer", "2": "Bye"}),
        "Customer": flows.add_step(draft, "collect", "Customer", prompt=ask, variable="customer", minimum=4, maximum=6, sensitive=True),
        "Support": flows.add_step(draft, "queue", "Support", queue=Queue.objects.get(name="Support")),
        "Bye": flows.add_step(draft, "hang_up", "Bye"),
    }
    for name, exits in {
        "Welcome": {"next": "Mobile?"},
        "Mobile?": {"branch_1": "Menu", "otherwise": "Bye"},
        "Menu": {"1": "Customer", "2": "Bye", "maximum_tries": "Bye"},
        "Customer": {"next": "Support", "maximum_tries": "Bye"},
        "Support": {"full": "Bye", "maximum_wait": "Bye"},
    }.items():
        flows.wire(steps[name], {exit_name: steps[target] for exit_name, target in exits.items()})
    flows.set_entrances(draft, start=steps["Welcome"], default_exit=steps["Bye"])
    AccessNumber.objects.create(number=NUMBER, name="Tones", flow=flows.publish(draft).flow)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    import django

    django.setup()
    from django.db import transaction

    with transaction.atomic():  # the switch is told once
        build()
