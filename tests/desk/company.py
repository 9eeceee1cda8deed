"""A few people and queues for the desk's tests; run as a script with the settings of the web process that it is for: its database too."""

from collections.abc import Callable

import django
from django.core.management import call_command

PASSWORD = "skogen-er-stille"  # of everybody


def build() -> None:
    from django.utils import timezone

    from apps.accounts.models import PauseReason, Profile, Role, Skill, Team, User
    from apps.calls.models import Call
    from apps.flows.models import Flow
    from apps.numbers.models import AccessNumber
    from apps.queues.models import Queue

    team = Team.objects.create(name="Customer service")
    anna = _person(User, "anna", "Anna Berg", team, Role.AGENT, "en")
    per = _person(User, "per", "Per Dahl", team, Role.AGENT, "nb")
    _person(User, "ola", "Ola Lie", team, Role.AGENT, "en", auto_answer=True)
    _person(User, "ingrid", "Ingrid Vik", Team.objects.create(name="Administration"), Role.ADMINISTRATOR, "en")
    for position, name in enumerate(["Lunch", "Coffee", "Meeting"]):
        PauseReason.objects.create(name=name, position=position)
    both = Profile.objects.create(name="Support and sales", team=team)
    sales = Profile.objects.create(name="Sales only", team=team)
    for name, profiles in (("Support", [both]), ("Sales", [both, sales])):
        skill = Skill.objects.create(name=name)
        queue = Queue.objects.create(name=name)
        queue.skills.create(skill=skill)
        for profile in profiles:
            profile.skills.create(skill=skill, level=5)
    _contacts()
    flow = Flow.objects.create(name="Main flow")
    flow.versions.create(number=1, state="active")
    AccessNumber.objects.create(number="+4780012345", name="Customer service", flow=flow)
    now = timezone.now()
    for number in range(3):
        started = now - timezone.timedelta(days=number + 1, minutes=10)
        values = {"started_at": started, "answered_at": started, "ended_at": now, "caller": "+4722334455", "dialled": "+4780012345"}
        Call.objects.create(id=f"earlier-{number}", **values, agent=anna, queue=Queue.objects.first(), talked=95 + 40 * number)
    for agent in (anna, per):
        _day(agent, now)


def _day(agent, now) -> None:
    """Three conversations, the second with a withheld number; before them a call out that was not answered."""
    from django.utils import timezone

    from apps.calls.models import Call

    for number, caller in enumerate(("+4790123456", "", "+4722000001", "+4791111111")):
        at = now - timezone.timedelta(microseconds=number)
        reached = number < 3
        result = {"answered_at": at} if reached else {"kind": "outbound", "cause": "busy", "agent": agent}
        call = Call.objects.create(
            id=f"today-{agent.pk}-{number}", started_at=at, ended_at=at, caller=caller, dialled="+4780012345", **result
        )
        call.legs.create(
            id=f"{call.pk}-2", role="agent", agent=agent, started_at=at, connected_at=at, talked=60 + number if reached else None
        )


def _contacts() -> None:
    """Karin has a short number only; the switchboard's two have one number."""
    from apps.directory import services
    from apps.directory.models import Contact

    rows = [
        ("Kari Nordmann", "Berg Bygg AS", "supplier, oslo", {"+4790123456": "mobile", "+4722334455": "work"}),
        ("Karin Lie", "", "", {"1881": "other"}),
        ("Nils Sørli", "Fjord Transport AS", "", {"+4722000001": "work"}),
        ("Siri Aas", "Fjord Transport AS", "", {"+4722000001": "work"}),
    ]
    for name, company, tags, numbers in rows:
        contact = Contact.objects.create(name=name, company=company, tags=tags, note="Ask for the order number." if tags else "")
        for number, kind in numbers.items():
            contact.numbers.create(number=number, kind=kind)
    services.index(Contact.objects.values_list("pk", flat=True))


def _person(users, username: str, name: str, team, role, language: str, **more):
    first, last = name.split()
    fields = {"first_name": first, "last_name": last, "team": team, "role": role, "language": language, **more}
    return users.objects.create_user(username, password=PASSWORD, **fields)


def in_a_new_database(build: Callable[[], object]) -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    build()


if __name__ == "__main__":
    in_a_new_database(build)
