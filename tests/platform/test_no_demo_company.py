"""Where the demo company has no business."""

from django.core.management import call_command

from apps.accounts.models import User


def test_a_company_of_ones_own_gets_no_demo_beside_it(db, django_user_model):
    django_user_model.objects.create_superuser("root", password="a long pass phrase")
    call_command("demo", first_run_only=True)
    assert User.objects.count() == 1
