"""Numbers that cost much, refused from the beginning: satellites and networks of no country (ITU-T E.164), premium numbers nearby."""

from django.db import migrations

REFUSED = {
    "+47820": "Premium numbers, Norway",
    "+47829": "Premium numbers, Norway",
    "+4590": "Premium numbers, Denmark",
    "+46900": "Premium numbers, Sweden",
    "+46939": "Premium numbers, Sweden",
    "+46944": "Premium numbers, Sweden",
    "+358600": "Premium numbers, Finland",
    "+358700": "Premium numbers, Finland",
    "+870": "Satellite (Inmarsat)",
    "+881": "Satellite (global systems)",
    "+882": "International networks",
    "+883": "International networks",
    "+979": "International premium numbers",
}


def refuse(apps, schema_editor):
    rules = apps.get_model("outbound", "PrefixRule")
    rules.objects.bulk_create(rules(prefix=prefix, allowed=False, note=note) for prefix, note in REFUSED.items())


class Migration(migrations.Migration):
    dependencies = [("outbound", "0001_calls_out")]

    operations = [migrations.RunPython(refuse, migrations.RunPython.noop)]
