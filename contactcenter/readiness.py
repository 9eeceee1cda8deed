"""Whether a call can be handled, part by part, judged from what was found: what the parts say in Redis, and the disk. It asks nobody."""

from typing import Any, Literal

from msgspec import Struct, field

from apps.events.journal import WAITS, Backlog
from apps.telephony.leases import Seen
from apps.telephony.load import Load


class Part(Struct, frozen=True):
    """`warning`: it works, and needs somebody to look. `why`: for the operator, and empty while all is well."""

    state: Literal["ready", "warning", "missing"] = "ready"
    why: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


class Found(Struct, frozen=True):
    """What stands in Redis at one moment. `switch`, `journal`, `worker`: somebody holds the lease, or told lately that he works."""

    switch: bool
    load: Load | None
    journal: bool
    backlog: Backlog
    seen: Seen
    worker: bool
    fetcher: bool = True


STEREO_HOUR = 2 * 2 * 8000 * 3600  # bytes of a recording: two sides, 16 bits, 8 kHz
DISK_LEAST = 10 * 10**9  # bytes: some 87 hours of conversations
UNKNOWN = Part("missing", "nobody knows while Redis does not answer")
OVER_REDIS = ("switch", "journal", "worker", "frontdoor", "media", "gateway", "fetcher")


def judge(found: Found | None) -> dict[str, Part]:
    """None: Redis did not answer."""
    if found is None:
        return dict.fromkeys(OVER_REDIS, UNKNOWN)
    return {
        "switch": _switch(found),
        "journal": _journal(found),
        "worker": Part() if found.worker else Part("missing", "no worker: recordings are not stored"),
        "frontdoor": Part() if found.seen.front_doors else Part("missing", "no front door: calls neither come in nor hang up"),
        "media": _media(found.seen),
        "gateway": Part() if found.seen.gateways else Part("missing", "no gateway: softphones are silent"),
        "fetcher": Part() if found.fetcher else Part("warning", "no fetcher: web requests of call flows take their error exit"),
    }


def disk(free: int) -> Part:
    """`free`: bytes, where recordings begin and the bundled database and Redis are."""
    hours = free // STEREO_HOUR
    figures = {"free_gb": round(free / 10**9, 1), "hours": hours}
    if free < DISK_LEAST:
        return Part("warning", f"the disk is almost full: room for {hours} hours of recordings", figures)
    return Part(figures=figures)


def _switch(found: Found) -> Part:
    figures = {"lag": found.load.lag} if found.load else {}
    if not found.switch:
        new_calls = "wait for the next one" if found.load else "get 503"
        return Part("missing", f"no switch decides: calls go on, new ones {new_calls}", figures)
    if found.load and found.load.behind:
        return Part("missing", f"switch behind: messages wait {found.load.lag:.1f} s, new calls get 503", figures)
    return Part(figures=figures)


def _journal(found: Found) -> Part:
    backlog = found.backlog
    figures = {"facts": backlog.facts, "waiting": round(backlog.waiting, 1)}
    if warning := backlog.warning():
        return Part("warning" if found.journal else "missing", warning, figures)
    if not found.journal:
        return Part("missing", "nobody copies facts to the database: lists and time lines stand still", figures)
    if backlog.waiting > WAITS:
        return Part("warning", f"facts wait for the database since {backlog.waiting:.0f} s", figures)
    return Part(figures=figures)


def _media(seen: Seen) -> Part:
    figures = {"free": seen.free_cells, "room": seen.room}
    if not seen.machines:
        return Part("missing", "no supervisor of cells: calls that are up go on, new ones get 503", figures)
    if not seen.free_cells:
        why = "no cell is free; some are being started" if seen.room else "all cells have calls: new ones get 503"
        return Part("warning", why, figures)
    return Part(figures=figures)
