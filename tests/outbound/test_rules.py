"""Where agents may call, and with which number (OB-01, OB-02)."""

from importlib import import_module

import pytest
from django.core.exceptions import ValidationError

from apps.accounts.models import Profile, Team, User
from apps.outbound import validation
from apps.outbound.models import CallerId, PrefixRule
from apps.outbound.rules import CallerId as Choice
from apps.outbound.rules import OutboundRules
from apps.outbound.services import load
from apps.queues.models import Queue
from apps.switch.loading import load as load_for_switch

REFUSED = import_module("apps.outbound.migrations.0002_rules_that_protect").REFUSED
PROTECTED = OutboundRules(dict.fromkeys(REFUSED, False))


@pytest.mark.parametrize("number", ["+4722334455", "+4790000000", "+46812345678", "+441632960000", "+12125550123"])
def test_ordinary_numbers_may_be_called_from_the_beginning(number):
    assert PROTECTED.allows(number)


@pytest.mark.parametrize(
    "number",
    ["+4782012345", "+4782912345", "+881612345678", "+8821612345", "+883510012345", "+870773123456", "+46900123456", "+979123456789"],
)
def test_premium_and_satellite_numbers_may_not(number):
    """OB-02"""
    assert not PROTECTED.allows(number)


def test_the_longest_prefix_decides():
    rules = OutboundRules({"+": False, "+47": True, "+4790": False, "+4790123": True})
    assert [rules.allows(number) for number in ("+46812345678", "+4722334455", "+4790000000", "+4790123456")] == [False, True, False, True]
    assert rules.rule_for("+4790123456") == "+4790123" and OutboundRules().rule_for("+4790123456") is None


def test_a_country_that_may_be_called_keeps_its_premium_numbers_closed():
    assert not OutboundRules({"+44": True}).allows("+449098790000")
    assert OutboundRules({"+44909": True}).allows("+449098790000")
    assert not OutboundRules().allows("+449098790000")


def test_who_may_choose_which_number():
    both = (
        Choice(1, "+4721000001", everybody=True),
        Choice(2, "+4721000002", teams=frozenset({7})),
        Choice(3, "+4721000003", profiles=frozenset({9})),
    )
    rules = OutboundRules(callers=both)
    assert [caller.id for caller in rules.callers_of(7, None)] == [1, 2]
    assert [caller.id for caller in rules.callers_of(8, 9)] == [1, 3]
    assert [caller.id for caller in rules.callers_of(8, None)] == [1]


@pytest.mark.parametrize(("typed", "kept"), [("+47 829", "+47829"), ("0047829", "+47829"), ("+47829*", "+47829"), ("+", "+")])
def test_a_prefix_is_kept_as_it_is_compared(typed, kept):
    assert validation.prefix(typed) == kept


@pytest.mark.parametrize("typed", ["829", "", "+0", "norge", "+1234567890123456"])
def test_what_is_no_prefix_is_refused_at_its_field(typed):
    with pytest.raises(ValidationError) as refused:
        PrefixRule(prefix=typed).clean()
    assert list(refused.value.message_dict) == ["prefix"]


@pytest.mark.django_db
def test_the_switch_gets_rules_callers_and_limits():
    team = Team.objects.create(name="Service", calls_out_a_day=3)
    anna = User.objects.create_user("anna", team=team)
    profile = Profile.objects.create(name="Support", team=team)
    PrefixRule.objects.create(prefix="+47829")
    second = CallerId.objects.create(number="+4722000002", position=2)
    queue = Queue.objects.create(name="Support")
    first = CallerId.objects.create(number="+4722000001", name="Support", everybody=False, queue=queue)
    first.teams.add(team)
    first.profiles.add(profile)
    configuration, _ = load_for_switch()
    assert configuration.calls_out == load()
    assert configuration.calls_out.prefixes["+47829"] is False
    assert [caller.id for caller in configuration.calls_out.callers] == [first.pk, second.pk]
    assert configuration.calls_out.callers[0].profiles == {profile.pk}
    assert [configuration.calls_out.queue_of(number) for number in (first.number, second.number, "+4700")] == [queue.pk, None, None]
    assert (configuration.agents[anna.pk].team, configuration.agents[anna.pk].calls_out) == (team.pk, 3)


@pytest.mark.django_db
def test_a_number_that_is_searched_for_is_tried(admin_client, admin_user):
    admin_user.language = "en"
    admin_user.save()
    PrefixRule.objects.create(prefix="+47829", note="Premium")
    PrefixRule.objects.create(prefix="+881", note="Satellite")
    refused = admin_client.get("/admin/outbound/prefixrule/?q=829+12+345").content.decode()
    assert "may not be called: the rule +47829 says so." in refused and "Premium" in refused and "Satellite" not in refused
    assert "22 33 44 55 may be called: no rule forbids it." in admin_client.get("/admin/outbound/prefixrule/?q=22334455").content.decode()


@pytest.mark.django_db
def test_mistakes_in_admin_are_told_at_the_field(admin_client, admin_user):
    admin_user.language = "en"
    admin_user.save()
    assert "Write + and the first digits" in admin_client.post("/admin/outbound/prefixrule/add/", {"prefix": "829"}).content.decode()
    wrong = admin_client.post("/admin/outbound/callerid/add/", {"number": "x", "position": 1}).content.decode()
    assert "This is not a telephone number." in wrong
    admin_client.post("/admin/outbound/callerid/add/", {"number": "22 00 00 01", "position": 1, "everybody": "on"})
    assert CallerId.objects.get().number == "+4722000001"


@pytest.mark.django_db
def test_a_caller_id_names_a_queue_for_its_dispositions_and_outlives_it(admin_client):
    queue = Queue.objects.create(name="Support")
    admin_client.post("/admin/outbound/callerid/add/", {"number": "22 00 00 01", "position": 1, "everybody": "on", "queue": queue.pk})
    caller = CallerId.objects.get()
    assert caller.queue == queue and "Support" in admin_client.get("/admin/outbound/callerid/").content.decode()
    queue.delete()
    caller.refresh_from_db()
    assert caller.queue is None
