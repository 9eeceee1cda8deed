"""Reads the configuration for the switch, and keeps reading it: the one place where the switch touches the database."""

import logging
import threading
from datetime import datetime, time
from queue import SimpleQueue

import msgspec
import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from apps.accounts import phone_codes
from apps.accounts import services as accounts
from apps.audio.library import earlier, every_sound, files_by_prompt, system_sounds
from apps.callbacks import services as callbacks
from apps.flows import services as flows
from apps.numbers import services as numbers
from apps.outbound import services as calls_out
from apps.queues import services as queues
from apps.switch.configuration import Agent, Configuration, Earlier, Number, Outbound, first_fit
from apps.switch.core import Configured, GatewaysSeen, Message
from apps.telephony import leases, trunk_health
from apps.telephony.frontdoor.configuration import FrontDoorConfig, RegistrationConfig, TrunkConfig
from apps.telephony.frontdoor.published import publish
from apps.telephony.protocol import Proof
from contactcenter.lib import bus, clock

log = logging.getLogger(__name__)

RINGING_TONE = "ringing_tone"  # key of the system's sound
POLL = 1.0  # seconds between looks at the gateways
RELOAD = 60.0  # seconds between readings that nobody asked for, should an announcement have been lost


def load() -> tuple[Configuration, FrontDoorConfig]:
    """One picture for the switch and one for the front door, in a fixed number of queries. Errors: `django.db.DatabaseError`."""
    plan, roster, acd = numbers.load(), accounts.load(), queues.load()
    prompts, spoken = files_by_prompt(), system_sounds()
    outbounds = _outbounds(plan)
    configuration = Configuration(
        numbers={text: Number(row.id, row.number, row.name, row.flow) for text, row in plan.numbers.items()},
        flows=flows.load(),
        acd=acd,
        agents={agent.id: _agent(agent) for agent in roster.agents.values()},
        pause_reasons=roster.pause_reasons,
        prompts=prompts,
        earlier={file: tuple(Earlier(*row) for row in rows) for file, rows in earlier().items()},
        system_sounds=spoken,
        known=msgspec.structs.replace(flows.load_known(), callbacks=callbacks.waiting_numbers()),
        codes=phone_codes.load(),
        sounds=every_sound(),
        hold_music=next((queue.music for queue in acd.queues.values() if queue.music), ()),
        ringing_tone=tuple(prompts.get(spoken.get(RINGING_TONE, 0), {}).values())[:1],
        recordings=str(settings.RECORDINGS_DIR),
        country=settings.COUNTRY,
        calls_out=calls_out.load(),
        outbound=first_fit(outbounds, ()),
        outbounds=outbounds,
        written={str(trunk.id): trunk.number_format for trunk in plan.trunks},
    )
    return configuration, _front_door(plan)


def called_out_today() -> dict[int, int]:
    """Agent -> calls that he has begun since midnight, as far as the journal has come; for a switch whose Redis has forgotten them."""
    midnight = datetime.combine(timezone.localdate(), time.min, tzinfo=timezone.get_default_timezone())
    try:
        return calls_out.begun_since(midnight)
    except DatabaseError:
        log.warning("the database is away: nobody knows how many calls agents have made today")
        return {}
    finally:
        close_old_connections()


def _agent(record: accounts.AgentRecord) -> Agent:
    return Agent(
        record.id, record.name, record.rules, record.profiles, record.team, record.calls_out, record.recording_out, record.language,
        record.confirms,
    )  # fmt: skip


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


def _outbounds(plan: numbers.NumberPlan) -> tuple[Outbound, ...]:
    """Calls out go by way of the front door, so that they come from the trunk port."""
    return tuple(_outbound(trunk) for trunk in plan.trunks if trunk.host)


def _outbound(trunk: numbers.TrunkRecord) -> Outbound:
    account = trunk.account
    return Outbound(
        uri=f"sip:{{number}}@{trunk.host};transport={trunk.transport}",
        route=f"sip:{settings.MEDIA_ADDRESS}:{settings.TRUNK_PORT};lr",
        caller_id=trunk.caller_id,
        trunk=str(trunk.id),
        written=trunk.number_format,
        country=settings.COUNTRY,
        home=account.domain if account else "",
        proof=Proof(account.auth_user, account.sealed) if account and account.sealed else None,
    )


class Watcher(threading.Thread):
    """Brings news to the switch: configuration that was saved, gateways that came and went. The database may be away for a while.

    `publishes`: the front door is told as well, which is for the switch that decides.
    """

    def __init__(self, url: str, news: "SimpleQueue[Message]", *, publishes: bool = True) -> None:
        super().__init__(name="watcher", daemon=True)
        self._redis = bus.connect(url)
        self._news = news
        self._publishes = publishes
        self._gateways: dict[str, str] = {}
        self._configuration: Configuration | None = None  # as the switch was told last
        self._most: dict[str, int] = {}  # trunk's id -> its maximum of calls
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
                self._look_at_trunks()
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
        self._most = {trunk.id: trunk.max_calls for trunk in front_door.trunks}
        self._tell(configuration, self._unfit(configuration))
        if self._publishes:
            publish(self._redis, front_door)  # last: whoever calls a new number comes to a switch that has been told of it
        return True

    def _tell(self, configuration: Configuration, unfit: set[str]) -> None:
        self._configuration = msgspec.structs.replace(configuration, outbound=first_fit(configuration.outbounds, unfit))
        self._news.put(Configured(self._configuration))
        log.debug("%d numbers are known now", len(configuration.numbers))

    def _look_at_trunks(self) -> None:
        """Calls out take another trunk from now on if theirs has failed, is full, or is back."""
        now = self._configuration
        if now and first_fit(now.outbounds, unfit := self._unfit(now)) != now.outbound:
            self._tell(now, unfit)

    def _unfit(self, configuration: Configuration) -> set[str]:
        """Trunks that no front door would call over. One that nobody has told of is not among them."""
        trunks = [outbound.trunk for outbound in configuration.outbounds]
        if len(trunks) < 2:
            return set()
        healths, up = trunk_health.healths(self._redis), trunk_health.calls(self._redis, trunks)
        bad = {trunk for trunk, seen in healths.items() if not any(health.fit for health in seen)}
        return bad | {trunk for trunk in trunks if up[trunk] >= self._most[trunk]}

    def _look_at_gateways(self) -> None:
        seen = leases.gateways(self._redis)
        if seen != self._gateways:
            self._gateways = seen
            self._news.put(GatewaysSeen(seen))
