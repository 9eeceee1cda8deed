from django.db import migrations, models
from django.db.models import F


def own_calls(apps, schema_editor):
    apps.get_model("dictation", "PhoneRecording").objects.update(call=F("id"))


class Migration(migrations.Migration):

    dependencies = [
        ("dictation", "0001_initial"),
    ]

    operations = [
        migrations.RenameField(model_name="phonerecording", old_name="call", new_name="id"),
        migrations.AddField(
            model_name="phonerecording",
            name="call",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="phonerecording",
            index=models.Index(fields=["call"], name="phone_recordings_of_a_call"),
        ),
        migrations.RunPython(own_calls, migrations.RunPython.noop),
    ]
