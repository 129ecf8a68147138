from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DesignerConfig(AppConfig):
    name = "designer"

    def ready(self) -> None:
        autodiscover_modules("steps")  # every app's steps.py registers its step types
