from django.apps import AppConfig


class AcmeConfig(AppConfig):
    name = "tests.acme"
    label = "acme"
