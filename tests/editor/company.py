"""What the editor's browser tests need: two administrators, some sounds and queues, a flow that callers get, and a long one."""

from tests.desk.company import in_a_new_database

PASSWORD = "skogen-er-stille"  # of both, as in the desk's tests
STEPS = 300
DRAFTS = 20  # one for each test, and some to spare


def make() -> None:
    from django.db import transaction

    with transaction.atomic():
        build()


def build() -> None:
    from apps.accounts.models import Role, Team, User
    from apps.flows import services
    from apps.numbers.models import AccessNumber
    from tests.flows.flow_builder import a_queue, a_sound

    team = Team.objects.create(name="All")
    for username, name, language in (("ingrid", "Ingrid Dahl", "en"), ("nils", "Nils Moen", "nb")):
        first, last = name.split()
        User.objects.create_superuser(
            username=username, password=PASSWORD, first_name=first, last_name=last, team=team, role=Role.ADMINISTRATOR, language=language
        )
    welcome, menu = a_sound("Welcome"), a_sound("Main menu")
    a_sound("Strike today")
    a_sound("Opening hours")
    flow = main_number(welcome, menu, a_queue("Support"), a_queue("Sales"))
    AccessNumber.objects.create(number="+4780012345", name="Customer service", flow=flow)
    services.create_flow(name="Empty")
    for number in range(1, DRAFTS + 1):
        draft(number, welcome, menu)


def main_number(welcome, menu, support, sales):
    from tests.flows.flow_builder import FlowBuilder

    return (
        FlowBuilder("Main number")
        .message("Opening message", welcome, next="Main menu")
        .menu("Main menu", menu, {"1": ("Support", "Support"), "2": ("Sales", "Sales")}, maximum_tries="Goodbye", no_input="Goodbye")
        .queue("Support", support, no_agents="Goodbye", full="Goodbye")
        .queue("Sales", sales, no_agents="Goodbye")
        .hang_up("Goodbye")
        .after_fault("Goodbye")
        .flow()
    )


def draft(number, welcome, menu):
    """A draft for one test: opening message, menu, two ways, and nothing wrong with it."""
    from apps.queues.models import Queue
    from tests.flows.flow_builder import FlowBuilder

    support, sales = Queue.objects.order_by("id")[:2]
    return (
        FlowBuilder(f"Draft {number}")
        .message("Opening message", welcome, next="Main menu")
        .menu("Main menu", menu, {"1": ("Support", "Support"), "2": ("Sales", "Sales")}, maximum_tries="Goodbye")
        .queue("Support", support, no_agents="Goodbye")
        .queue("Sales", sales, no_agents="Goodbye")
        .hang_up("Goodbye")
        .after_fault("Goodbye")
        .save()
    )


def long_flow(sound):
    """A draft of STEPS steps: menus that lead to menus, three ways each."""
    from tests.flows.flow_builder import FlowBuilder

    builder = FlowBuilder("Long")
    for number in range(STEPS - 1):
        ways = [3 * number + way for way in (1, 2, 3)]
        choices = {str(digit): (f"Choice {digit}", f"Step {way}" if way < STEPS - 1 else "Goodbye") for digit, way in enumerate(ways, 1)}
        builder.menu(f"Step {number}", sound, choices, maximum_tries="Goodbye")
    return builder.hang_up("Goodbye").after_fault("Goodbye").save()


if __name__ == "__main__":
    in_a_new_database(make)
