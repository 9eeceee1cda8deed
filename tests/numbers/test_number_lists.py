"""Number lists: what is pasted is made right or refused line by line, and asked quickly."""

import time

import pytest
from django.core.exceptions import ValidationError

from apps.numbers import lists, services
from apps.numbers.models import NumberList

LONG = "\n".join(str(22_000_000 + number) for number in range(lists.MOST))


def test_numbers_are_kept_as_calls_have_them_without_doubles_and_empty_lines():
    assert lists.read("22 33 44 55\n\n+4722334455\r\n0046 8 123 456\n113\n+47 90*\n004791*", "NO") == (
        ["+4722334455", "+468123456", "113", "+4790*", "+4791*"],
        [],
    )


def test_lines_that_are_no_numbers_are_named_by_their_number():
    form = NumberList(name="Blocked", entries="+4722334455\nKari Nordmann\n\n22*\n*")
    with pytest.raises(ValidationError) as refused:
        form.clean()
    texts = refused.value.message_dict["entries"]
    assert [text.split(":")[0] for text in texts] == ["Line 2", "Line 4", "Line 5"]
    assert "Kari Nordmann" in texts[0]


def test_one_more_than_the_most_is_refused():
    with pytest.raises(ValidationError, match="100000 entries; this one has 100001"):
        NumberList(name="Long", entries=f"{LONG}\n+4799999999").clean()


def test_membership_by_number_and_by_beginning():
    numbers = lists.NumberSet.of(["+4722334455", "+4790*", "+468*"])
    assert "+4722334455" in numbers
    assert "+4790123456" in numbers
    assert "+468" in numbers
    assert "+4722334456" not in numbers
    assert "" not in numbers


def test_a_question_costs_no_more_in_a_long_list():
    numbers = lists.NumberSet.of(lists.read(LONG, "NO")[0])
    began = time.thread_time()
    for _ in range(1000):
        assert "+4790000000" not in numbers
    assert time.thread_time() - began < 0.1


@pytest.mark.django_db
def test_the_switch_gets_all_lists():
    """Known.lists, in one query."""
    vip = NumberList.objects.create(name="VIP", entries="+4722334455\n+4790*")
    empty = NumberList.objects.create(name="Empty")
    known = services.load_lists()
    assert "+4790111111" in known[vip.pk]
    assert "+4790111111" not in known[empty.pk]


@pytest.mark.django_db
def test_a_list_is_pasted_in_admin_and_mistakes_are_told_at_the_field(admin_client, admin_user):
    admin_user.language = "en"
    admin_user.save()
    answer = admin_client.post("/admin/numbers/numberlist/add/", {"name": "VIP", "entries": "22334455\nx"})
    assert "Line 2: “x” is no telephone number" in answer.content.decode()
    admin_client.post("/admin/numbers/numberlist/add/", {"name": "VIP", "entries": "22334455\n+4790*"})
    assert NumberList.objects.get().entries == "+4722334455\n+4790*"
    assert "VIP" in admin_client.get("/admin/numbers/numberlist/?q=%2B4722334455").content.decode()
