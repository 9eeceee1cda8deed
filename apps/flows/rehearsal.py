"""IV-08: dry runs of flows in the database, for the command line and the API."""

import difflib
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from msgspec import Struct

from apps.audio.models import PromptVersion
from apps.flows import services
from apps.flows.compile import read_graphs
from apps.flows.dry_run import Assumed, Report, dry_run
from apps.flows.models import Flow, FlowVersion
from apps.flows.run import CALLER, DIALLED, FORWARDED_FROM
from contactcenter.lib import phone

NEAR = 5  # names that are proposed for one that is unknown


class NotFound(LookupError):  # noqa: N818 - it says what is wrong
    """No such flow or version; `near`: what could have been meant."""

    def __init__(self, what: str, near: list[str]) -> None:
        super().__init__(f"{what} Did you mean: {', '.join(near)}?" if near else what)
        self.near = near


class Rehearsal(Struct, frozen=True, kw_only=True):
    """`version`: active, draft or a number. Numbers as people write them. `digits`, `outcomes`: see dry_run.py."""

    at: datetime
    caller: str = ""
    dialled: str = ""
    forwarded_from: str = ""
    digits: str = ""
    version: str = "active"
    outcomes: Mapping[str, str] = {}


def rehearse(flow: Flow, wanted: Rehearsal) -> tuple[FlowVersion, Report]:
    """Errors: NotFound: there is no such version; dry_run.UnknownOutcome."""
    version = _version(flow, wanted.version)
    graph = read_graphs([version])[version.pk]
    numbers_of_call = {CALLER: wanted.caller, DIALLED: wanted.dialled, FORWARDED_FROM: wanted.forwarded_from}
    variables = {name: phone.e164(number, settings.COUNTRY) or number for name, number in numbers_of_call.items()}
    assumed = Assumed(digits=wanted.digits, outcomes=wanted.outcomes, lengths=_lengths(flow.language))
    return version, dry_run(graph, variables, wanted.at.timestamp(), services.load_known(), assumed)


def flow_named(name: str) -> Flow:
    """By its name, in whatever case, or its id. Errors: NotFound, with near names."""
    found = _named(name).first()
    if found is None:
        names = list(Flow.objects.values_list("name", flat=True))
        by_folded = {known.casefold(): known for known in names}
        near = [by_folded[folded] for folded in difflib.get_close_matches(name.casefold(), by_folded, n=NEAR, cutoff=0.5)]
        raise NotFound(f"There is no call flow “{name}”.", near or names[:NEAR])
    return found


def _named(name: str) -> QuerySet[Flow]:
    flows = Flow.objects.filter(name__iexact=name)
    return flows if flows.exists() or not name.isdecimal() else Flow.objects.filter(pk=int(name))


def _version(flow: Flow, wanted: str) -> FlowVersion:
    versions = FlowVersion.objects.select_related("flow").filter(flow=flow)
    found = versions.filter(number=int(wanted)) if wanted.isdecimal() else versions.filter(state=wanted)
    if (version := found.first()) is None:
        there = [*versions.exclude(state="archived").values_list("state", flat=True)]
        there += [str(number) for number in versions.values_list("number", flat=True)]
        raise NotFound(f"The call flow “{flow}” has no version “{wanted}”.", there)
    return version


def _lengths(language: str) -> dict[int | str, float]:
    """Seconds of each sound in `language`, else in another, by id and by system key: as the switch would choose them."""
    lengths: dict[int | str, float] = {}
    rows = PromptVersion.objects.filter(active=True).exclude(file="")
    for prompt, key, spoken, seconds in rows.values_list("prompt_id", "prompt__key", "language", "seconds"):
        if spoken == language or prompt not in lengths:
            lengths[prompt] = seconds
            if key:
                lengths[key] = seconds
    return lengths
