"""The switch on a real Redis: a commit is all or nothing and done once, and a new switch takes up what a killed one had."""

from queue import SimpleQueue

import msgspec
import pytest
import redis as redis_library
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch import shell as shell_module
from apps.switch.board import decode_entry
from apps.switch.core import Core, GatewaysSeen
from apps.switch.restoring import REPORT_WAIT
from apps.switch.shell import HELD, RENEW, Shell
from apps.switch.store import CALLS, COMMIT, LEASE, Batch, Fenced, Store
from apps.telephony import protocol as t
from contactcenter.lib import bus
from tests.switch.company import ALL_ROUND, SUPPORT, configuration


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Switch:
    """A switch in this process, stepped by the test. To kill it is to forget it."""

    def __init__(
        self,
        redis: redis_library.Redis,
        clock: Clock,
        token: str = "one",  # noqa: S107 - not a secret
        begun: dict[int, int] | None = None,
        rules: AgentRules | None = None,
    ) -> None:
        self.store = Store(redis, token)
        assert self.store.take_lease()
        self.core = Core(configuration(rules=rules))
        self.core.handle(GatewaysSeen({"gw": "127.0.0.1:9"}), clock())
        self.shell = Shell(redis, self.store, self.core, SimpleQueue(), clock, "Europe/Oslo")
        self.shell.start(lambda: begun or {})


def facts(redis: redis_library.Redis, kind: type = object) -> list:
    events = [v.decode(fields[b"m"]) for _, fields in redis.xrange(bus.JOURNAL)]
    return [event for event in events if isinstance(event, kind)]


def commands(redis: redis_library.Redis, cell: str, kind: type = object) -> list:
    told = [t.decode_command(fields[b"m"]) for _, fields in redis.xrange(bus.cell_stream(cell))]
    return [command for command in told if isinstance(command, kind)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def switch(redis, clock) -> Switch:
    return Switch(redis, clock)


def arrive(redis, call: str, clock: Clock) -> None:
    leg = f"{call}-caller"
    bus.post(redis, bus.INBOX, t.LegArrived(cell=f"cell-{call}", call=call, at=clock(), leg=leg, caller="+4790000001", dialled="80012345"))
    bus.post(redis, bus.INBOX, t.LegAnswered(cell=f"cell-{call}", call=call, at=clock(), leg=leg))


def to_support(redis, switch: Switch, call: str, clock: Clock) -> None:
    prompt = switch.core.world.calls[call].session.prompt
    leg = f"{call}-caller"
    bus.post(redis, bus.INBOX, t.PlaybackEnded(cell=f"cell-{call}", call=call, at=clock(), leg=leg, playback=prompt))
    bus.post(redis, bus.INBOX, t.DigitPressed(cell=f"cell-{call}", call=call, at=clock(), leg=leg, digit="1"))
    switch.shell.step()


def log_on(redis, agent: int = 1) -> None:
    bus.post(redis, bus.INBOX, r.SoftphoneUp(agent=agent, connection="page", gateway="gw", ready=True))
    bus.post(redis, bus.INBOX, r.LogOn(agent=agent, profile=ALL_ROUND, reply_to="r1"))


def report(redis, switch: Switch, call: str, clock: Clock) -> None:
    asked = switch.core.world.calls[call].open_legs
    legs = tuple(t.LegStatus(leg, leg == f"{call}-caller") for leg in asked)
    bus.post(redis, bus.INBOX, t.CellReport(cell=f"cell-{call}", call=call, at=clock(), legs=legs, asked=asked))


def test_a_call_through_redis_leaves_facts_commands_and_documents(redis, switch, clock):
    arrive(redis, "c1", clock)
    switch.shell.step()
    assert [type(command).__name__ for command in commands(redis, "cell-c1")] == ["Answer", "Play"]
    assert [type(event).__name__ for event in facts(redis)][:2] == ["CallArrived", "LegStarted"]
    to_support(redis, switch, "c1", clock)
    log_on(redis)
    switch.shell.step()
    assert commands(redis, "cell-c1", t.Dial)
    reply = redis.blpop([bus.reply_list("r1")], timeout=1)
    assert r.decode_reply(reply[1]) == r.Reply("")
    entry = decode_entry(redis.hget(bus.BOARD, "agent:1"))
    assert msgspec.json.decode(entry.document)["status"] == "offered"
    assert decode_entry(redis.xrevrange(bus.BOARD_FEED, count=1)[0][1][b"m"]).seq >= entry.seq


def test_a_free_agents_phone_is_called_before_music_and_welcome_are_opened(redis, switch, clock):
    """Issue 3: caller enters queue, to INVITE."""
    log_on(redis)
    arrive(redis, "c1", clock)
    switch.shell.step()
    before = len(commands(redis, "cell-c1"))
    to_support(redis, switch, "c1", clock)
    kinds = [type(command) for command in commands(redis, "cell-c1")[before:]]
    assert t.Play in kinds and kinds[0] is t.Dial


def test_seqs_of_the_journal_grow_strictly(redis, switch, clock):
    for call in ("c1", "c2", "c3"):
        arrive(redis, call, clock)
    switch.shell.step()
    seqs = [int(entry.split(b"-")[0]) for entry, _ in redis.xrange(bus.JOURNAL)]
    assert len(seqs) > 10 and seqs == sorted(set(seqs))


def test_a_waiting_caller_keeps_place_and_waiting_time_over_a_kill(redis, switch, clock):
    """QU-16, PF-08"""
    arrive(redis, "c1", clock)
    switch.shell.step()
    to_support(redis, switch, "c1", clock)
    entered = switch.core.world.calls["c1"].place
    redis.delete(LEASE)  # the killed switch's lease runs out
    clock.now += 2
    second = Switch(redis, clock, "two")
    assert commands(redis, "cell-c1", t.Report)
    report(redis, second, "c1", clock)
    log_on(redis)
    second.shell.step()
    assert second.core.world.calls["c1"].place == entered
    assert [offer.waited for offer in facts(redis, v.OfferMade)] == [2]


def test_without_redis_memory_the_archive_says_how_many_calls_agents_have_made_today(redis, clock):
    """OB-02: nobody has his whole day again."""
    first = Switch(redis, clock, begun={1: 7, 999: 3})
    log_on(redis)
    first.shell.step()
    assert first.core.world.agent(1).calls_out_today == 7 and first.core.world.agent(1).presence.status == "ready"
    assert 999 not in first.core.world.agents  # he has been deleted
    redis.delete(LEASE)
    assert Switch(redis, clock, "two", begun={1: 9}).core.world.agent(1).calls_out_today == 7  # Redis knows, the archive may be late


@pytest.mark.parametrize(("hours", "calls"), [(1, 7), (24, 0)])
def test_a_midnight_that_passes_while_nobody_decides_is_made_up_for(redis, clock, hours, calls):
    """OB-02, AL-01"""
    Switch(redis, clock, begun={1: 7}).shell.step()
    redis.delete(LEASE)
    clock.now += hours * 3600
    second = Switch(redis, clock, "two")
    second.shell.step()
    assert second.core.world.agent(1).calls_out_today == calls


def test_a_ringing_offer_goes_on_over_a_kill_and_is_not_doubled(redis, switch, clock):
    """PF-08: no offer is doubled; the ringing time-out is still held."""
    arrive(redis, "c1", clock)
    switch.shell.step()
    to_support(redis, switch, "c1", clock)
    log_on(redis)
    switch.shell.step()
    clock.now += 2
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    report(redis, second, "c1", clock)
    second.shell.step()
    assert len(facts(redis, v.OfferMade)) == 1
    clock.now += 18
    second.shell.step()
    over = [command for command in commands(redis, "cell-c1", t.HangUp) if command.unless_answered]
    bus.post(redis, bus.INBOX, t.LegEnded(cell="cell-c1", call="c1", at=clock(), leg=over[0].leg, code=487, by_us=True))
    second.shell.step()
    assert [ended.result for ended in facts(redis, v.OfferEnded)] == ["no_answer"]


def test_what_happened_while_nobody_decided_is_handled_afterwards(redis, switch, clock):
    arrive(redis, "c1", clock)
    switch.shell.step()
    redis.delete(LEASE)
    bus.post(redis, bus.INBOX, t.LegEnded(cell="cell-c1", call="c1", at=clock(), leg="c1-caller", code=200, by_us=False))
    arrive(redis, "c2", clock)
    second = Switch(redis, clock, "two")
    second.shell.step()
    assert [event.cause for event in facts(redis, v.CallEnded)] == ["caller_hung_up"]
    assert commands(redis, "cell-c2", t.Answer) and not redis.hexists(CALLS, "c1")


def test_a_cell_that_does_not_report_is_gone_and_its_call_ends(redis, switch, clock):
    arrive(redis, "c1", clock)
    switch.shell.step()
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    waits(second, clock)
    assert len(commands(redis, "cell-c1", t.Report)) == 2 and facts(redis, v.CallEnded) == []
    waits(second, clock)
    assert [event.cause for event in facts(redis, v.CallEnded)] == ["recovered"]
    assert [type(command) for command in commands(redis, "cell-c1")[-2:]] == [t.HangUp, t.Retire], "should it live all the same"


def waits(switch: Switch, clock: Clock) -> None:
    """For an answer of a cell."""
    clock.now += REPORT_WAIT
    switch.shell.step()


def test_a_cell_that_was_asked_late_has_all_its_time_from_then_on(redis, switch, clock, monkeypatch):
    """Redis stood still while it was asked: that is no silence of the cell's."""
    arrive(redis, "c1", clock)
    switch.shell.step()
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    commit = second.store.commit

    def stalled(number: int, batch: Batch) -> object:
        clock.now += 2 * REPORT_WAIT
        return commit(number, batch)

    waits(second, clock)  # the last question is decided
    monkeypatch.setattr(second.store, "commit", stalled)
    clock.now += RENEW
    second.shell.step()
    monkeypatch.undo()
    second.shell.step()
    assert "c1" in second.core.world.calls
    report(redis, second, "c1", clock)
    second.shell.step()
    clock.now += 2 * REPORT_WAIT
    second.shell.step()
    assert facts(redis, v.CallEnded) == []


def flood(redis, *after: t.LegEvent) -> None:
    """More than one batch (see `small_batches`), and then `after`."""
    for event in (*[t.LegAnswered(cell="c", call="nobody's", at=0.0, leg="l") for _ in range(3)], *after):
        bus.post(redis, bus.INBOX, event)


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(shell_module, "BATCH", 2)


def test_a_cell_whose_report_stands_unread_in_the_inbox_has_answered(redis, switch, clock, small_batches):
    arrive(redis, "c1", clock)
    switch.shell.step()
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    waits(second, clock)
    flood(redis)
    report(redis, second, "c1", clock)
    clock.now += REPORT_WAIT + HELD
    for _ in range(3):
        second.shell.step()
    assert "c1" in second.core.world.calls and facts(redis, v.CallEnded) == []


def an_offer(redis, switch: Switch, clock: Clock) -> str:
    arrive(redis, "c1", clock)
    log_on(redis)
    until_read(switch)
    to_support(redis, switch, "c1", clock)
    until_read(switch)
    return switch.core.world.calls["c1"].offer.leg


def until_read(switch: Switch) -> None:
    while switch.shell.behind():
        switch.shell.step()
    switch.shell.step()  # now it knows that there is no more


def test_what_happened_before_a_deadline_comes_before_it_however_late_it_is_read(redis, switch, clock, small_batches):
    leg = an_offer(redis, switch, clock)
    flood(redis, t.LegAnswered(cell="cell-c1", call="c1", at=clock(), leg=leg))
    clock.now += 25
    until_read(switch)
    assert [ended.result for ended in facts(redis, v.OfferEnded)] == ["answered"]
    assert switch.core.world.agent(1).presence.status == "connected"


def test_what_was_read_is_written_although_redis_fails_when_it_is_asked_for_more(redis, switch, clock, monkeypatch):
    an_offer(redis, switch, clock)
    bus.post(redis, bus.INBOX, t.LegArrived(cell="cell-c2", call="c2", at=clock(), leg="c2-caller", caller="", dialled="80012345"))
    clock.now += 25
    read, answers = switch.shell._inbox.read, iter((True, False))

    def once(*asked: object) -> object:
        if next(answers):
            return read(*asked)
        raise redis_library.ConnectionError

    monkeypatch.setattr(switch.shell._inbox, "read", once)
    switch.shell.step()
    assert next(answers, None) is None, "it was asked twice"
    assert [event.call for event in facts(redis, v.CallArrived)] == ["c1", "c2"]


def test_an_inbox_that_never_empties_stops_no_clock(redis, switch, clock, small_batches):
    an_offer(redis, switch, clock)
    clock.now += 25
    for _ in range(6):
        flood(redis)
        switch.shell.step()
        clock.now += 1
    assert switch.shell.behind() and [ended.result for ended in facts(redis, v.OfferEnded)] == ["no_answer"]


def test_an_agent_whose_partner_vanished_while_nobody_decided_is_freed(redis, switch, clock):
    arrive(redis, "c1", clock)
    switch.shell.step()
    to_support(redis, switch, "c1", clock)
    log_on(redis)
    switch.shell.step()
    leg = switch.core.world.calls["c1"].offer.leg
    bus.post(redis, bus.INBOX, t.LegAnswered(cell="cell-c1", call="c1", at=clock(), leg=leg))
    switch.shell.step()
    assert switch.core.world.agent(1).presence.status == "connected"
    redis.delete(LEASE)
    second = Switch(redis, clock, "two")
    (asked,) = {command.legs for command in commands(redis, "cell-c1", t.Report)}
    bus.post(redis, bus.INBOX, t.CellReport(cell="cell-c1", call="c1", at=clock(), legs=(t.LegStatus("c1-caller", True),), asked=asked))
    second.shell.step()
    assert second.core.world.agent(1).presence.status == "wrap_up"
    assert [event.by for event in facts(redis, v.ConversationEnded)] == ["agent"]


def test_a_switch_that_lost_the_lease_cannot_write(redis, switch, clock):
    """One fencing token: two switches never decide together."""
    redis.set(LEASE, "somebody else")
    before = redis.xlen(bus.JOURNAL)
    arrive(redis, "c1", clock)
    with pytest.raises(Fenced):
        switch.shell.step()
    assert redis.xlen(bus.JOURNAL) == before and not redis.exists(bus.cell_stream("cell-c1"))


def test_a_commit_sent_twice_is_done_once(redis, switch):
    batch = Batch()
    batch.fact(v.CallEnded(at=1.0, call="x", cause="flow_ended"))
    number = switch.store.last_commit() + 1
    switch.store.commit(number, batch)
    switch.store.commit(number, batch)
    assert len(facts(redis, v.CallEnded)) == 1 and int(redis.get(COMMIT)) == number


def test_redis_that_comes_back_empty_is_filled_again(redis_server, redis, clock):
    """PF-08: calls go on, state is rebuilt."""
    switch = Switch(redis, clock)
    arrive(redis, "c1", clock)
    switch.shell.step()
    to_support(redis, switch, "c1", clock)
    redis_server.process.kill()
    redis_server.process.wait()
    with pytest.raises(redis_library.RedisError):
        switch.shell.step()
    redis_server.start()
    switch.shell.recover()
    switch.shell.step()
    assert redis.hexists(CALLS, "c1") and redis.hexists(bus.BOARD, f"queue:{SUPPORT}")


def test_nonsense_in_the_inbox_is_passed_over(redis, switch, clock):
    redis.xadd(bus.INBOX, {"m": b'{"type":"Nonsense"}'})
    redis.xadd(bus.INBOX, {"m": b"\xff\xfe"})
    arrive(redis, "c1", clock)
    switch.shell.step()
    assert "c1" in switch.core.world.calls


def test_who_is_stuck_is_freed_within_five_seconds_and_the_log_says_why(redis, switch, clock, caplog):
    """The snapshot of a switch that was killed may hold what no switch should: the next one mends it."""
    switch.core.handle(r.SoftphoneUp(agent=1, connection="page", gateway="gw", ready=True), clock())
    switch.core.handle(r.LogOn(agent=1, profile=ALL_ROUND), clock())
    state = switch.core.world.agent(1)
    switch.core.world.agents[1] = replace(state, presence=replace(state.presence, status="connected"))
    switch.core.world.engine.taken(1)
    switch.shell.step()
    clock.now += 5.0
    switch.shell.step()
    assert switch.core.world.agent(1).presence.status == "ready"
    (mended,) = facts(redis, v.StateMended)
    assert (mended.agent, mended.fault) == (1, "connected_without_call")
    assert "the watchdog mended agent 1, call -: connected_without_call" in caplog.text
