"""Which media machine has which sounds on its own disk, in Redis: the switch names no file that a machine has still to fetch.

Only for sounds that are stored elsewhere (library.is_local is false); `manage.py sounds` on each media machine fetches them.
"""

import redis

from contactcenter.lib import bus

MACHINES = "cc:sounds"  # hash: machine -> when it was last heard, Unix seconds of Redis's clock
ALIVE = 10  # seconds; a machine that says nothing is not waited for


def _files(machine: str) -> str:
    """Set of names."""
    return f"cc:sounds:{machine}"


def tell(client: redis.Redis, machine: str, names: set[str]) -> None:
    """This machine lives, and has these files and no others."""
    with client.pipeline(transaction=True) as pipe:
        pipe.delete(_files(machine))
        if names:
            pipe.sadd(_files(machine), *names)
        pipe.hset(MACHINES, machine, str(client.time()[0]))
        pipe.execute()


def beat(client: redis.Redis, machine: str) -> None:
    client.hset(MACHINES, machine, str(client.time()[0]))


def forget(client: redis.Redis, machine: str) -> None:
    client.hdel(MACHINES, machine)
    client.delete(_files(machine))


def missing_somewhere(names: set[str]) -> set[str]:
    """Those of `names` that a machine that lives does not have. Redis away: none."""
    client = bus.client()
    try:
        now = client.time()[0]
        living = [machine.decode() for machine, at in client.hgetall(MACHINES).items() if now - int(at) < ALIVE]
        have = [{name.decode() for name in client.smembers(_files(machine))} for machine in living]
    except redis.RedisError:
        return set()
    return names - set.intersection(*have) if have else set()
