"""What another index of the same table begins with needs no index of its own: each row that is written paid for it."""

from django.db import migrations, models
from django.db.models import CASCADE, PROTECT


def without(index: str, model: str, field: str, key: models.ForeignKey) -> migrations.RunSQL:
    """The index goes, and nothing else: for an altered field Django would write the whole table anew on SQLite."""
    return migrations.RunSQL(
        f'DROP INDEX IF EXISTS "{index}"',
        f'CREATE INDEX "{index}" ON "runs_{model}" ("{field}_id")',
        state_operations=[migrations.AlterField(model, field, key)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("designer", "0009_grants"),
        ("runs", "0015_signal_fault"),
    ]

    operations = [
        without(
            "runs_item_run_id_074acc8d",
            "item",
            "run",
            models.ForeignKey("runs.run", CASCADE, related_name="items", db_index=False),
        ),
        without(
            "runs_journalentry_run_id_8f3ae797",
            "journalentry",
            "run",
            models.ForeignKey("runs.run", CASCADE, related_name="journal", db_index=False),
        ),
        without(
            "runs_run_workflow_id_a08af1d8",
            "run",
            "workflow",
            models.ForeignKey("designer.workflow", PROTECT, related_name="runs", db_index=False),
        ),
        without(
            "runs_steprun_run_id_f067724d",
            "steprun",
            "run",
            models.ForeignKey("runs.run", CASCADE, related_name="step_runs", db_index=False),
        ),
        without(
            "runs_variable_run_id_e6e19aff",
            "variable",
            "run",
            models.ForeignKey("runs.run", CASCADE, related_name="variables", db_index=False),
        ),
        without(
            "runs_work_run_id_d77a8010",
            "work",
            "run",
            models.ForeignKey("runs.run", CASCADE, null=True, related_name="work", db_index=False),
        ),
    ]
