import secrets

from django.db import migrations, models

BATCH = 1000


def give_references(apps, schema_editor):
    contacts = apps.get_model("directory", "Contact").objects
    rows = list(contacts.filter(reference=None).only("pk"))
    for row in rows:
        row.reference = f"k{secrets.token_hex(6)}"
    contacts.bulk_update(rows, ["reference"], batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.AddField("contact", "reference", models.CharField(max_length=40, null=True, verbose_name="reference")),
        migrations.RunPython(give_references, migrations.RunPython.noop),
    ]
