"""Reads the configuration for the switch, and keeps reading it: the one place where the switch touches the database."""

import logging
import threading
from queue import SimpleQueue

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from apps.accounts import services as accounts
from apps.audio.library import files_by_prompt, system_sounds
from apps.flows import services as flows
from apps.flows.known import Known
from apps.hours import services as hours
from apps.numbers import services as numbers
from apps.queues import services as queues
from apps.switch.configuration import Agent, Configuration, Number, Outbound
from apps.switch.core import Configured, GatewaysSeen, Message
from apps.telephony import leases
from apps.telephony.frontdoor.configuration import FrontDoorConfig, RegistrationConfig, TrunkConfig
from apps.telephony.frontdoor.published import publish
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

RINGING_TONE = "ringing_tone"  # key of the system's sound
POLL = 1.0  # seconds between looks at the gateways
RELOAD = 60.0  # seconds between readings that nobody asked for, should an announcement have been lost


def load() -> tuple[Configuration, FrontDoorConfig]:
    """One picture for the switch and one for the front door, in a fixed number of queries. Errors: `django.db.DatabaseError`."""
    plan, roster, acd = numbers.load(), accounts.load(), queues.load()
    prompts, spoken = files_by_prompt(), system_sounds()
    configuration = Configuration(
        numbers={text: Number(row.id, row.number, row.name, row.flow) for text, row in plan.numbers.items()},
        flows=flows.load(),
        acd=acd,
        agents={agent.id: Agent(agent.id, agent.name, agent.rules, agent.profiles) for agent in roster.agents.values()},
        pause_reasons=roster.pause_reasons,
        prompts=prompts,
        system_sounds=spoken,
        known=Known(calendars=hours.load()),
        hold_music=next((queue.music for queue in acd.queues.values() if queue.music), ()),
        ringing_tone=tuple(prompts.get(spoken.get(RINGING_TONE, 0), {}).values())[:1],
        recordings=str(settings.RECORDINGS_DIR),
        country=settings.COUNTRY,
        outbound=_outbound(plan),
    )
    return configuration, _front_door(plan)


def _front_door(plan: numbers.NumberPlan) -> FrontDoorConfig:
    trunks = tuple(_trunk(trunk) for trunk in plan.trunks)
    return FrontDoorConfig(version=int(clock.now() * 1000), numbers=tuple(plan.numbers), trunks=trunks, country=settings.COUNTRY)


def _trunk(trunk: numbers.TrunkRecord) -> TrunkConfig:
    account = trunk.account
    registers = account and account.registrar
    return TrunkConfig(
        id=str(trunk.id),
        name=trunk.name,
        sources=trunk.sources,
        max_calls=trunk.maximum_calls,
        transport=trunk.transport,
        host=trunk.host,
        ping=trunk.ping,
        codecs=trunk.codecs,
        written=trunk.number_format,
        registration=RegistrationConfig(account.registrar, account.domain, account.user, account.auth_user, account.sealed, account.seconds)
        if account and registers
        else None,
    )


def _outbound(plan: numbers.NumberPlan) -> Outbound | None:
    """Calls out go through the first trunk that has a host, by way of the front door, so that they come from the trunk port."""
    trunk = next((trunk for trunk in plan.trunks if trunk.host), None)
    if trunk is None:
        return None
    route = f"sip:{settings.MEDIA_ADDRESS}:{settings.TRUNK_PORT};lr"
    return Outbound(uri=f"sip:{{number}}@{trunk.host};transport={trunk.transport}", route=route, caller_id=trunk.caller_id)


class Watcher(threading.Thread):
    """Brings news to the switch: configuration that was saved, gateways that came and went. The database may be away for a while."""

    def __init__(self, url: str, news: "SimpleQueue[Message]") -> None:
        super().__init__(name="watcher", daemon=True)
        self._redis = bus.connect(url)
        self._news = news
        self._gateways: dict[str, str] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._watch()
            except redis.RedisError:
                self._stopping.wait(POLL)

    def stop(self) -> None:
        self._stopping.set()

    def _watch(self) -> None:
        """Until Redis goes away: what was announced meanwhile is read at the next beginning."""
        with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(bus.CONFIGURATION)
            stale, quiet = True, 0.0
            while not self._stopping.is_set():
                if stale:
                    stale, quiet = not self._load(), 0.0
                self._look_at_gateways()
                announced = channel.get_message(timeout=POLL)
                quiet += POLL
                stale = stale or announced is not None or quiet >= RELOAD

    def _load(self) -> bool:
        try:
            configuration, front_door = load()
        except DatabaseError as error:
            log.warning("the configuration cannot be read now: %s", type(error).__name__)
            return False
        finally:
            connection.close()  # it is not needed until somebody saves again
        publish(self._redis, front_door)
        self._news.put(Configured(configuration))
        return True

    def _look_at_gateways(self) -> None:
        seen = leases.gateways(self._redis)
        if seen != self._gateways:
            self._gateways = seen
            self._news.put(GatewaysSeen(seen))
