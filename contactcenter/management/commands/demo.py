"""The demo company (fixtures/demo.json)."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from apps.accounts.models import User
from contactcenter.demo import company


class Command(BaseCommand):
    help = "Adds the demo company; what is there already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--first-run-only", action="store_true", help="do nothing if somebody is registered already")

    def handle(self, *args: object, first_run_only: bool, **kwargs: object) -> None:
        if first_run_only and User.objects.exists():
            self.stdout.write("  is there already")
            return
        company.build(lambda line: self.stdout.write(f"  {line}"))
