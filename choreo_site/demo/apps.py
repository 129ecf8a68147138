from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "choreo_site.demo"
    label = "demo"
    verbose_name = "Demo"
    default_auto_field = "django.db.models.BigAutoField"
    # `manage.py up` starts these commands beside the web server and the workers.
    up_starts = ("shop",)
