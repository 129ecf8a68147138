from django.db import migrations


class Migration(migrations.Migration):
    """How many must agree is said by each outcome since 0003."""

    dependencies = [("runs", "0004_run_in_flight")]

    operations = [migrations.RemoveField("review", "approvals")]
