from django.db import migrations, models
from django.db.models import F


def begun_where_made(apps, schema_editor):
    apps.get_model("designer", "Edit").objects.update(began=F("revision"))


class Migration(migrations.Migration):
    dependencies = [("designer", "0004_secrets_and_destinations")]

    operations = [
        migrations.AddField("edit", "began", models.PositiveIntegerField(default=0), preserve_default=False),
        migrations.RunPython(begun_where_made, migrations.RunPython.noop),
        migrations.AlterField("edit", "at", models.DateTimeField(auto_now=True)),
    ]
