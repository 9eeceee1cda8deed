from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def know_today(apps, schema_editor):
    """Whoever is at work has his calls of today on his desk. Of older calls the last agent is known, as before."""
    lines = apps.get_model("calls", "TimeLineEntry").objects.filter(kind="ConversationEnded")
    talked = defaultdict(float)
    for data in lines.filter(call__started_at__gte=timezone.now() - timedelta(days=1)).values_list("data", flat=True).iterator():
        talked[data["leg"]] += data["seconds"]
    legs = apps.get_model("calls", "Leg").objects
    for leg, seconds in talked.items():
        legs.filter(pk=leg).update(talked=seconds)


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0007_sound_at_the_other_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("leg", "talked", models.FloatField(null=True)),
        migrations.AddIndex("leg", models.Index(fields=["agent", "-started_at"], name="calls_leg_of_agent")),
        migrations.RunPython(know_today, migrations.RunPython.noop),
    ]
