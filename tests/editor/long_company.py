"""The company of the editor's tests with a flow of 300 steps besides, for measuring."""

from tests.editor import company


def make() -> None:
    from django.db import transaction

    from tests.flows.flow_builder import a_sound

    company.make()
    with transaction.atomic():
        company.long_flow(a_sound("Long"))


if __name__ == "__main__":
    import django

    django.setup()
    make()
