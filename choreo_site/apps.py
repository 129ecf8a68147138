from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate

from choreo_site import checks, roles, sessions


class SiteConfig(AppConfig):
    name = "choreo_site"

    def ready(self) -> None:
        checks.register_checks()
        user_logged_in.connect(sessions.begin_session, dispatch_uid="choreo_site.sessions")
        # Django makes the permissions of each app at this signal, in order; this app comes after all of them.
        post_migrate.connect(roles.grant_roles, sender=self, dispatch_uid="choreo_site.roles")
