"""How fast calls go through flows, and how long it takes to publish a large one. Prints one JSON line per figure.

python -m benchmarks.flows
"""

import os
import tempfile
import time
from collections.abc import Callable

from benchmarks.figures import tell

STEPS = 1000
EDITED, SAVES = 300, 60


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interpreter_speed() -> None:
    """Calls through welcome, menu, sub-menu, queue and the conversation's end: steps that are entered and left per second."""
    from apps.flows import interpreter as f
    from tests.flows.flow_builder import FlowBuilder

    graph = (
        FlowBuilder("Main line")
        .message("Welcome", 1, next="Menu")
        .menu("Menu", 2, {"1": ("Invoice", "Sub-menu"), "2": ("Support", "Queue")}, maximum_tries="Bye")
        .menu("Sub-menu", 3, {"1": ("Copy", "Queue"), "2": ("Back", "Menu")}, maximum_tries="Bye")
        .queue("Queue", 1, answered="Bye")
        .hang_up("Bye")
        .after_fault("Bye")
        .graph()
    )
    inputs = (f.Played(), f.DigitPressed("9"), f.DigitPressed("1"), f.DigitPressed("1"), f.QueueLeft("answered"))

    def one_call() -> int:
        run, _ = f.start(graph, 0.0, "call-1")
        for heard in inputs:
            run, _ = f.handle(graph, run, heard, 1.0)
        return run.visits

    calls = 5000
    took = seconds(lambda: [one_call() for _ in range(calls)])
    speed = calls * one_call() / took
    tell("flow interpreter", speed, "steps/s", 20_000, "higher")


def publishing() -> None:
    """A flow of a thousand steps in a fresh SQLite database."""
    from django.core.management import call_command

    from apps.flows import services
    from apps.flows.compile import compile_version
    from apps.flows.diagram import draw
    from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound

    call_command("migrate", run_syncdb=True, verbosity=0)
    sound, queue = a_sound("Sound"), a_queue("Queue")
    flow = FlowBuilder("Large")
    for number in range(0, STEPS - 1, 3):
        following = f"Message {number + 3}" if number + 3 < STEPS - 1 else "Bye"
        flow.message(f"Message {number}", sound, next=f"Menu {number}")
        flow.menu(f"Menu {number}", sound, {"1": ("On", following), "2": ("Queue", f"Queue {number}")}, maximum_tries="Bye")
        flow.queue(f"Queue {number}", queue, full="Bye")
    draft = flow.hang_up("Bye").after_fault("Bye").save()
    assert draft.steps.count() == STEPS
    took = seconds(lambda: services.publish(draft))
    tell("compile and publish 1,000 steps", took, "s", 2.0)
    took = seconds(lambda: services.new_draft(draft))
    tell("copy 1,000 steps to a new draft", took, "s", 2.0)
    took = seconds(services.load)
    tell("load an active flow of 1,000 steps", took, "s", 1.0)
    graph, _ = compile_version(draft)
    took = seconds(lambda: draw(graph))
    tell("draw 1,000 steps", took, "s", 1.0)


def saving() -> None:
    """Forms of a draft of 300 steps are sent as a browser sends them; the answer leads back to the version's page."""
    from django.test import Client
    from django.urls import reverse

    from apps.accounts.models import Role, Team, User
    from apps.flows.models import Step
    from apps.flows.overview import step_form_link
    from tests.flows.flow_builder import FlowBuilder, a_queue, a_sound
    from tests.flows.test_flows_in_admin import filled_in

    sound, queue = a_sound("Saved"), a_queue("Saved")
    flow = FlowBuilder("Edited")
    for number in range(0, EDITED - 1, 3):
        flow.message(f"Message {number}", sound, next=f"Menu {number}")
        flow.menu(f"Menu {number}", sound, {"1": ("On", "Bye"), "2": ("Queue", f"Queue {number}")}, maximum_tries="Bye")
        flow.queue(f"Queue {number}", queue, full="Bye")
    draft = flow.hang_up("Bye").after_fault("Bye").save()
    assert draft.steps.count() >= EDITED
    admin = User.objects.create_superuser("saver", password=None, team=Team.objects.create(name="Savers"), role=Role.ADMINISTRATOR)
    browser = Client()
    browser.force_login(admin)
    took = []
    for step in Step.objects.filter(version=draft)[:SAVES]:
        link = step_form_link(step.kind, step.pk)
        fields = filled_in(browser.get(link).content.decode()) | {"name": f"{step.name} saved"}
        began = time.perf_counter()
        answer = browser.post(link, fields)
        took.append(time.perf_counter() - began)
        assert answer.url == reverse("admin:flows_flowversion_change", args=[draft.pk])
    assert Step.objects.filter(version=draft, name__endswith=" saved").count() == SAVES
    tell(f"save a step of {EDITED}, 95th percentile of {SAVES}", 1000 * sorted(took)[int(0.95 * SAVES)], "ms", 200)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CC_VAR"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ["CC_ALLOWED_HOSTS"] = "testserver,localhost"
        os.environ["CC_LOG_LEVEL"] = "ERROR"  # no Redis here: that the switch cannot be told is no news
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
        import django

        django.setup()
        interpreter_speed()
        publishing()
        saving()


if __name__ == "__main__":
    main()
