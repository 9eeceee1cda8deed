"""The company of the desk's tests, and in it an agent at the end of a long day: run as a script, for a new web process."""

from datetime import timedelta

from django.utils import timezone

from tests.desk.company import build, in_a_new_database

CALLS = 200  # as many as a day shows
CUSTOMER = "+4722009900"  # a switchboard: several contacts, many calls


def long_day() -> None:
    build()
    from apps.accounts.models import User
    from apps.calls.models import Call, Leg
    from apps.directory.models import Contact
    from apps.notes import services as notes
    from apps.queues.models import Queue

    anna, per = User.objects.get(username="anna"), User.objects.get(username="per")
    sold = Queue.objects.get(name="Support").dispositions.create(name="Sold")
    for number in range(5):
        contact = Contact.objects.create(
            name=f"Person {number}", company="Fjord Transport AS", tags="customer, oslo", note="Asks often. " * 20
        )
        contact.numbers.create(number=CUSTOMER)
    now = timezone.localtime()
    for number in range(CALLS):
        at = max(now - timedelta(seconds=60 * number), now.replace(hour=0, minute=0, second=0, microsecond=number))
        caller = CUSTOMER if number % 10 == 0 else f"+47220{number:05}"
        result = {"answered_at": at} if number % 7 else {"kind": "outbound", "cause": "busy", "agent": anna}
        values = {"started_at": at, "ended_at": at, "caller": caller, "dialled": "+4780012345", "disposition": sold, **result}
        call = Call.objects.create(id=f"long-{number}", **values)
        for agent in (anna, per):
            talked = 40 + number if number % 7 else None
            Leg.objects.create(
                id=f"{call.pk}-{agent.pk}", call=call, role="agent", agent=agent, started_at=at, connected_at=at, talked=talked
            )
        if caller == CUSTOMER:
            notes.write(call=call.pk, agent=anna, text="Wanted to know where the goods are. " * 6, revision=0)


if __name__ == "__main__":
    in_a_new_database(long_day)
