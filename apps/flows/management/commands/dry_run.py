"""IV-08: manage.py dry_run "Main line" --at 2026-12-24T09:30 --from +4790000000 --digits "1 12345# #" prints the steps passed."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.flows.dry_run import Report, UnknownOutcome
from apps.flows.kinds import KINDS
from apps.flows.rehearsal import NotFound, Rehearsal, flow_named, rehearse
from apps.flows.run import Run

DECIDED = {kind: outcomes for kind, step in KINDS.items() if (outcomes := step(id=0, name="").outcomes(Run(version=0, call="")))}


class Command(BaseCommand):
    help = "Takes a call through a call flow without audio and prints one line per step: time, kind, name, exit and result, target."

    def create_parser(self, *names: str, **options: Any) -> CommandParser:
        """Django's own --version, which every command has, gives way."""
        return super().create_parser(*names, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", help="the flow's name")
        parser.add_argument("--at", default="", help="when the call comes, such as 2026-12-24T09:30, in local time; else now")
        parser.add_argument("--from", dest="caller", default="", help="the caller's number")
        parser.add_argument("--to", default="", help="the number dialled")
        parser.add_argument("--forwarded-from", default="", help="who forwarded the call")
        parser.add_argument("--digits", default="", help='what is pressed each time the flow asks: "1 12345# #"; - presses nothing')
        parser.add_argument("--version", dest="version_wanted", default="active", help="active, draft or a number")
        for kind, outcomes in DECIDED.items():
            option, words = f"--{kind.replace('_', '-')}", ", ".join(outcomes)
            parser.add_argument(option, dest=f"outcome_{kind}", default="", help=f"what becomes of such a step: {words}")

    def handle(self, flow: str, at: str, caller: str, to: str, digits: str, **options: str) -> None:
        outcomes = {kind: options[f"outcome_{kind}"] for kind in DECIDED if options[f"outcome_{kind}"]}
        wanted = Rehearsal(
            at=_moment(at), caller=caller, dialled=to, forwarded_from=options["forwarded_from"], digits=digits,
            version=options["version_wanted"], outcomes=outcomes,
        )  # fmt: skip
        try:
            version, report = rehearse(flow_named(flow), wanted)
        except (NotFound, UnknownOutcome) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{version} ({version.state})")
        for line in _lines(report):
            self.stdout.write(line)


def _moment(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no time. Write it so: 2026-12-24T09:30") from None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _lines(report: Report) -> Iterator[str]:
    for line in report.lines:
        at = timezone.localtime(datetime.fromtimestamp(line.at, tz=timezone.get_current_timezone())).strftime("%H:%M:%S")
        chosen = " ".join(part for part in (line.result, line.value, line.label) if part)
        yield f"{at}  {line.kind:<13} {line.name:<30} {line.exit or '-':<14} {chosen:<30} -> {line.target or report.end or 'waits'}"
        if line.fault:
            yield f"{'':10}fault: {line.fault}"
    yield f"end: {report.end or 'the call would wait for ever'}"
    yield from (f"{name} = {value}" for name, value in report.variables.items() if value)
    if report.unused:
        yield f"digits that nobody asked for: {report.unused}"
