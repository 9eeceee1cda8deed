"""The company of the editor's tests with a flow of 300 steps besides, for measuring."""

from tests.desk.company import in_a_new_database
from tests.editor import company


def make() -> None:
    from django.db import transaction

    from tests.flows.flow_builder import a_sound

    company.make()
    with transaction.atomic():
        company.long_flow(a_sound("Long"))


if __name__ == "__main__":
    in_a_new_database(make)
