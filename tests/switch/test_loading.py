"""What administrators saved becomes one frozen picture for the switch and one for the front door (QU-17, AN-01, AN-03)."""

from datetime import datetime
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest
import redis as redis_library
from django.test import override_settings

from apps.accounts.models import PauseReason, Profile, ProfileSkill, Skill, Team, User
from apps.events import copying, journal
from apps.events.vocabulary import CallArrived
from apps.numbers.models import AccessNumber, Trunk
from apps.queues.models import QueueSkill
from apps.switch import loading
from apps.switch.core import Configured, GatewaysSeen
from apps.switch.loading import Watcher, called_out_today, load
from apps.telephony import leases
from apps.telephony.frontdoor.published import CHANGED, KEY, decode
from contactcenter.lib import bus
from tests.flows.flow_builder import FlowBuilder, a_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db) -> dict:
    team = Team.objects.create(name="Service", log_off_after_unanswered=3)
    anna = User.objects.create_user("anna", team=team)
    skill = Skill.objects.create(name="Support")
    profile = Profile.objects.create(name="Support", team=team, wrap_up=45)
    ProfileSkill.objects.create(profile=profile, skill=skill, level=7)
    queue = a_queue("Support", service_level=30)
    QueueSkill.objects.create(queue=queue, skill=skill, minimum_level=2)
    return {"anna": anna, "profile": profile, "queue": queue}


def test_people_queues_numbers_and_trunks_are_in_the_picture(company):
    flow = FlowBuilder("Line").hang_up().after_fault("Goodbye").flow()
    Trunk.objects.create(name="Operator", host="sip.example:5070", sources="192.0.2.0/24", maximum_calls=7, caller_id="+4722000000")
    AccessNumber.objects.create(number="+4780012345", name="Main", flow=flow)
    PauseReason.objects.create(name="Lunch")
    configuration, front_door = load()
    assert configuration.numbers["+4780012345"].flow == flow.id and configuration.flows[flow.id].name == "Line"
    assert configuration.agents[company["anna"].id].profiles == (company["profile"].id,)
    assert configuration.agents[company["anna"].id].rules.log_off_after_unanswered == 3
    assert configuration.acd.queues[company["queue"].id].service_level == 30
    assert configuration.acd.profiles[company["profile"].id].wrap_up == 45
    assert configuration.acd.profiles[company["profile"].id].wrap_up_extension == 120
    assert configuration.acd.queues[company["queue"].id].wrap_up_extension is None
    assert configuration.pause_reasons == ("Lunch",)
    assert configuration.outbound and configuration.outbound.uri == "sip:{number}@sip.example:5070;transport=udp"
    assert front_door.numbers == ("+4780012345",) and front_door.trunks[0].max_calls == 7


def test_the_picture_takes_few_queries_however_much_there_is(company, django_assert_max_num_queries):
    for number in range(20):
        a_queue(f"Queue {number}")
        FlowBuilder(f"Line {number}").hang_up().after_fault("Goodbye").flow()
    with django_assert_max_num_queries(41):
        load()


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_the_day_of_calls_out_begins_at_midnight_in_the_companys_time_zone(company, redis, monkeypatch):
    """OB-02"""
    monkeypatch.setattr(loading, "close_old_connections", lambda: None)  # the test's own stays open
    anna, midnight = company["anna"].id, datetime.now(ZoneInfo("Asia/Tokyo")).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    for number, at in enumerate((midnight - 1, midnight, midnight + 1)):
        event = CallArrived(at=at, call=f"c{number}", leg="l1", caller="+4740000040", dialled="", placed=True, agent=anna)
        journal.append(redis, event)
    copying.copy(redis, 0, count=10, block_ms=None)
    assert called_out_today() == {anna: 2}


class News(SimpleQueue):
    """Knows whether the front door had been told when the switch was."""

    def __init__(self, redis: redis_library.Redis) -> None:
        self.redis, self.front_door_knew = redis, SimpleQueue()

    def put(self, message: object) -> None:
        self.front_door_knew.put(self.redis.exists(KEY) == 1)
        super().put(message)


@pytest.mark.django_db(transaction=True)
def test_the_switch_is_told_first_so_that_no_call_comes_to_a_number_that_it_has_not_heard_of(redis_url, redis):
    news = News(redis)
    watcher = Watcher(redis_url, news)
    with redis.pubsub(ignore_subscribe_messages=True) as front_door:
        front_door.subscribe(CHANGED)
        front_door.get_message(timeout=5)
        watcher.start()
        try:
            assert front_door.get_message(timeout=5), "the front door is told"
            assert isinstance(news.get_nowait(), Configured) and not news.front_door_knew.get_nowait()
        finally:
            watcher.stop()
            watcher.join()


@pytest.mark.django_db(transaction=True)
def test_saving_in_admin_reaches_the_switch_and_the_front_door(redis_url, redis, monkeypatch):
    """AU: within 2 s; here at the first announcement."""
    monkeypatch.setattr(bus, "client", lambda: redis_library.Redis.from_url(redis_url))
    news: SimpleQueue = SimpleQueue()
    watcher = Watcher(redis_url, news)
    watcher.start()
    try:
        assert isinstance(news.get(timeout=5), Configured)
        a_queue("New")
        configured = news.get(timeout=5)
        assert isinstance(configured, Configured)
        assert "New" in [queue.name for queue in configured.configuration.acd.queues.values()]
        assert decode(redis.get(KEY)).trunks == ()
        leases.offer_gateway(redis, "gw", "127.0.0.1:5070")
        assert news.get(timeout=5) == GatewaysSeen({"gw": "127.0.0.1:5070"})
    finally:
        watcher.stop()
        watcher.join()
