from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Installed in the processes of a measurement, so that they say when they have committed."""

    name = "tests.bench"
    label = "bench"

    def ready(self) -> None:
        from runs.crash_points import arm
        from tests.bench.commits import Commits

        arm(Commits())
