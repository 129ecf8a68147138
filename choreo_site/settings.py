"""Every setting with its default; each may be given in the environment (the table is in the README)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils.csp import CSP

from choreo_site import environment
from choreo_site.data_folder import kept_secret_key, prepare_data_folder
from choreo_site.databases import database_from_url
from choreo_site.mail import mailer_from_url

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where and how it is reached -----------------------------------------------------------------------------

CHOREO_HOST = environment.text("CHOREO_HOST", "127.0.0.1")
CHOREO_PORT = environment.number("CHOREO_PORT", 8000, least=0, most=65535)
# 1 says: a proxy in front speaks https, and tells us so in X-Forwarded-Proto. `up` itself speaks plain http.
CHOREO_HTTPS = environment.flag("CHOREO_HTTPS")
# How many proxies stand in front, each of which adds to X-Forwarded-For whom it was asked by.
CHOREO_PROXIES = environment.number("CHOREO_PROXIES", 0, least=0, most=10)
CHOREO_ENVIRONMENT = environment.text("CHOREO_ENVIRONMENT")
CHOREO_DATA_DIR = Path(environment.text("CHOREO_DATA_DIR", str(BASE_DIR / ".choreo"))).absolute()
CHOREO_WORKERS = environment.number("CHOREO_WORKERS", os.cpu_count() or 2, least=1, most=256)
# The queues that this host serves; none named: all of them. `default` is the one without a name.
CHOREO_QUEUES = environment.names("CHOREO_QUEUES")
CHOREO_REDIS_URL = environment.text("CHOREO_REDIS_URL")
# The examples, and the step types that they are made of.
CHOREO_DEMO = environment.flag("CHOREO_DEMO", True)
CHOREO_LOG_LEVEL = environment.choice(
    "CHOREO_LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)

DEBUG = environment.flag("CHOREO_DEBUG")
SECRET_KEY = environment.text("CHOREO_SECRET_KEY") or kept_secret_key(prepare_data_folder(CHOREO_DATA_DIR))
SECRET_KEY_FALLBACKS = environment.names("CHOREO_SECRET_KEY_FALLBACKS")

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
OWN_HOSTS = environment.names("CHOREO_ALLOWED_HOSTS") or [
    *LOOPBACK,
    *({CHOREO_HOST} - {*LOOPBACK, "0.0.0.0", "::", "::1"}),
]
# A health probe on the same machine calls a process by its address.
ALLOWED_HOSTS = list(dict.fromkeys([*OWN_HOSTS, *LOOPBACK]))
# Sockets are accepted from pages of these origins only; scheme and port are part of an origin.
CHOREO_ORIGINS = environment.names("CHOREO_ORIGINS") or [
    f"https://{host}" if CHOREO_HTTPS else f"http://{host}:{CHOREO_PORT}" for host in OWN_HOSTS if host != "*"
]
CSRF_TRUSTED_ORIGINS = CHOREO_ORIGINS

# --- the house -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "channels",
    "django_q",
    "django_htmx",
    "designer",
    "runs",
    "choreo_site",
    *(["choreo_site.demo"] if CHOREO_DEMO else []),
    *environment.apps("CHOREO_APPS"),  # plug-ins
]
MIDDLEWARE = [
    "choreo_site.proxies.behind_proxies",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "choreo_site.static.StaticFilesMiddleware",
    "choreo_site.outage.OutageMiddleware",
    "choreo_site.zone.by_the_viewers_clocks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "choreo_site.sessions.SessionLimits",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Nothing is open unless its view says so with @login_not_required.
    "choreo_site.gate.SignInGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "choreo_site.urls"
ASGI_APPLICATION = "choreo_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "choreo_site.context.page",
            ]
        },
    }
]
# Our own templates/django/forms/field.html stands before Django's.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data ----------------------------------------------------------------------------------------------------

# FULL: an accepted run survives a power cut. NORMAL: it survives a crash of the program only, and is faster.
CHOREO_SQLITE_SYNC = environment.choice("CHOREO_SQLITE_SYNC", "FULL", among=("FULL", "NORMAL", "OFF"))
CHOREO_DATABASE_URL = environment.text(
    "CHOREO_DATABASE_URL", f"sqlite:///{quote(str(CHOREO_DATA_DIR / 'choreo.sqlite3'))}"
)
DATABASES = {"default": database_from_url(CHOREO_DATABASE_URL, sqlite_sync=CHOREO_SQLITE_SYNC)}

# There is no channel layer: every web process hears the bell itself (docs/adr/0050).
CACHES: dict[str, dict[str, Any]] = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in ("default", "process")
}
if CHOREO_REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CHOREO_REDIS_URL,
        # Seconds: a request that is not counted is better than one that waits for its count.
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
    }

# django-q2 lends its workers; what is due, and who holds it, is the Work table's affair (docs/theory.md).
Q_CLUSTER: dict[str, Any] = {
    "name": "choreo",
    "orm": "default",
    "broker_class": "runs.queue.broker.Broker",
    "workers": CHOREO_WORKERS,
    "bulk": CHOREO_WORKERS,
    "queue_limit": CHOREO_WORKERS,
    "poll": 1,
    "guard_cycle": 0.5,
    "recycle": 10_000,
    # Wide: a step keeps its own time, and this is the backstop for one that cannot be interrupted. `retry` lets
    # a prefetched ticket wait behind a full queue of the longest ones before it counts as lost.
    "timeout": 3_600,
    "retry": 14_400,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "scheduler": False,
    "log_level": "WARNING",
    # Where a cluster writes how it is, twice a second. Nobody else asks; hosts tell of themselves in the Worker table.
    "cache": "process",
}

# --- people --------------------------------------------------------------------------------------------------

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_NAME = "choreo_session"
CHOREO_SESSION_HOURS = environment.number("CHOREO_SESSION_HOURS", 336, least=1, most=8_760)
CHOREO_SESSION_IDLE_HOURS = environment.number("CHOREO_SESSION_IDLE_HOURS", 72, least=0, most=8_760)
SESSION_COOKIE_AGE = CHOREO_SESSION_HOURS * 3_600

# --- mail ----------------------------------------------------------------------------------------------------

# Without a server mails are written to a folder, one file each, so that nothing leaves a machine by surprise.
CHOREO_MAIL_URL = environment.text("CHOREO_MAIL_URL")
DEFAULT_FROM_EMAIL = environment.text("CHOREO_MAIL_FROM", "choreo@localhost")
MAILERS = {"default": mailer_from_url(CHOREO_MAIL_URL, folder=CHOREO_DATA_DIR / "mail")}

# --- safety --------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    # data: is for the arrow of <select> and the marks of the JSON editor.
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = CHOREO_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if CHOREO_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = CHOREO_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CHOREO_HTTPS else None
# A health probe inside the cluster speaks plain http to the process itself.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

# --- the interface for programs ------------------------------------------------------------------------------

# Requests a minute, counted for each token or person, and for each address that says nothing of who asks.
CHOREO_API_RATE = environment.number("CHOREO_API_RATE", 600, least=1, most=1_000_000)
CHOREO_API_ANONYMOUS_RATE = environment.number("CHOREO_API_ANONYMOUS_RATE", 60, least=1, most=1_000_000)
# Calls a minute that each webhook takes, and the largest of them.
CHOREO_HOOK_RATE = environment.number("CHOREO_HOOK_RATE", 600, least=1, most=1_000_000)
CHOREO_HOOK_BODY_LIMIT = environment.number(
    "CHOREO_HOOK_BODY_LIMIT", 1024**2, least=1024, most=50 * 1024**2
)  # bytes
CHOREO_API_BODY_LIMIT = environment.number(
    "CHOREO_API_BODY_LIMIT", 8 * 1024**2, least=1024, most=1024**3
)  # bytes
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "choreo_site.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["choreo_site.api.throttles.MinuteThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["designer.api.bodies.JsonBody"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "choreo_site.api.openapi.NamedShapes",
    "EXCEPTION_HANDLER": "choreo_site.api.problems.answer_exception",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Choreo",
    "VERSION": "1",
    "DESCRIPTION": "Workflows, their runs, and what waits for a person.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": [
        {"name": "Runs"},
        {"name": "Reviews"},
        {"name": "Dead letters"},
        {"name": "Signals"},
        {"name": "Triggers"},
        {"name": "Workflows"},
        {"name": "Drafts"},
        {"name": "Versions"},
        {"name": "Step types"},
    ],
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["choreo_site.api.openapi.complete"],
}

# --- the rest ------------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"  # what is stored; pages say it by the clocks of who looks (choreo_site/zone.py)
LANGUAGE_CODE = "en-gb"
USE_I18N = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Plain static files are served from where they lie, unhashed: for tests, and for work on the looks.
CHOREO_PLAIN_STATIC = environment.flag("CHOREO_PLAIN_STATIC", DEBUG)
STATIC_ROOT = None if CHOREO_PLAIN_STATIC else CHOREO_DATA_DIR / "static"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = CHOREO_PLAIN_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if CHOREO_PLAIN_STATIC
        else "choreo_site.static.HashedStaticFiles"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "facts": {
            "()": "choreo_site.logs.FactsFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "datefmt": "%H:%M:%S",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "facts"}},
    "root": {"handlers": ["console"], "level": CHOREO_LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # A refused request is an ordinary answer, not news.
        "django.request": {"level": "ERROR"},
        "django-q": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
    },
}

# --- the engine's clockwork ----------------------------------------------------------------------------------

# A worker that is silent for so long loses its work to another.
# Attempts that wait for others (asynchronous steps, calls over HTTP) and are under way at once in one worker process.
CHOREO_AT_ONCE = environment.number("CHOREO_AT_ONCE", 500, least=1, most=2_000)
CHOREO_LEASE_SECONDS = environment.number("CHOREO_LEASE_SECONDS", 15, least=1, most=3600)
CHOREO_BEAT_SECONDS = environment.number("CHOREO_BEAT_SECONDS", 5, least=1, most=600)
# How far beyond its timeout an attempt may go before it counts as hung.
CHOREO_TIMEOUT_GRACE = environment.number("CHOREO_TIMEOUT_GRACE", 10, least=1, most=600)
# How long a signal can be looked up, whether or not somebody wanted it.
CHOREO_SIGNAL_DAYS = environment.number("CHOREO_SIGNAL_DAYS", 30, least=1, most=3_650)
# How long a claimed review is one person's own.
CHOREO_GRANT_MINUTES = environment.number("CHOREO_GRANT_MINUTES", 15, least=0, most=1_440)
CHOREO_CLAIM_SECONDS = environment.number("CHOREO_CLAIM_SECONDS", 900, least=10, most=86_400)
# The first seals what is kept secret, and all of them open it. Without one it is derived from SECRET_KEY.
CHOREO_SECRETS_KEYS = environment.names("CHOREO_SECRETS_KEYS")
# What `http.request` may take, and whether it may call listed destinations only.
CHOREO_HTTP_SECONDS = environment.number("CHOREO_HTTP_SECONDS", 30, least=1, most=600)
CHOREO_HTTP_BODY_LIMIT = environment.number("CHOREO_HTTP_BODY_LIMIT", 1024**2, least=1024, most=50 * 1024**2)
CHOREO_HTTP_LISTED_ONLY = environment.flag("CHOREO_HTTP_LISTED_ONLY")
CHOREO_INLINE_LIMIT = environment.number("CHOREO_INLINE_LIMIT", 256 * 1024, least=1024, most=1024**3)  # bytes
CHOREO_VALUE_LIMIT = environment.number("CHOREO_VALUE_LIMIT", 50 * 1024**2, least=1024, most=1024**3)  # bytes
# What one run may have: entries of its journal, steps that are under way at once.
CHOREO_EVENT_LIMIT = environment.number("CHOREO_EVENT_LIMIT", 100_000, least=100, most=10_000_000)
CHOREO_STEP_LIMIT = environment.number("CHOREO_STEP_LIMIT", 1_000, least=10, most=100_000)
# Runs that ended so many days ago are removed with all that hangs on them; 0 keeps them for ever.
CHOREO_RUNS_KEPT = environment.number("CHOREO_RUNS_KEPT", 90, least=0, most=36_500)
