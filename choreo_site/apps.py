from django.apps import AppConfig

from choreo_site import checks


class SiteConfig(AppConfig):
    name = "choreo_site"

    def ready(self) -> None:
        checks.register_checks()
