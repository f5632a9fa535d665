"""The one page of settings: every variable of the environment is read here and nowhere else."""

from __future__ import annotations

from pathlib import Path

from django.utils.csp import CSP

from parloir.config import env, logs
from parloir.foundation.front import LARGEST_BODY

ROOT = Path(__file__).resolve().parents[2]
PORT = env.number("PORT", "8000")

# What the operator decides ---------------------------------------------------------------

DEV = env.DEV
OFFICIAL = env.flag("OFFICIAL")
SECRET_KEY = env.secret("SECRET_KEY", "development-only-" + "0" * 50)
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
# Bars, limits and erased identities outlive SECRET_KEY: docs/runbook.md says how to change either.
MARKS_KEYS = env.versioned_keys("MARKS_KEYS", "dev:bWFya3Mgb2YgdGhlIGRlbW9uc3RyYXRpb24sIG5vIHNlY3JldCBhdCBhbGw")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
SITE_URL = env.address("SITE_URL", f"http://127.0.0.1:{PORT}")
LINK_URL = env.optional("LINK_URL", SITE_URL).rstrip("/")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES", default="")
METRICS_ALLOWED = env.words("METRICS_ALLOWED", default="127.0.0.1,::1")
SENTRY_DSN = env.optional("SENTRY_DSN")
SMS_URL = env.sms_gateway("SMS_URL", f"http://127.0.0.1:{PORT + 3}/sms")
SMS_SENDER = env.optional("SMS_SENDER", "RendezVous")
# To which countries SMS go, how many a day in all and to each country abroad (docs/runbook.md).
SMS_COUNTRIES = env.countries("SMS_COUNTRIES")
SMS_DAILY_BUDGET = env.number("SMS_DAILY_BUDGET", "20000")
SMS_COUNTRY_BUDGET = env.number("SMS_COUNTRY_BUDGET", "500")
MAINTENANCE_UNTIL = env.instant("MAINTENANCE_UNTIL")
REMINDER_HOUR = env.hour("REMINDER_HOUR", "18")
BOUNCES = env.bounces("BOUNCES")
# Where a weakness is to be told of: an address that begins with mailto: or https: (/.well-known/security.txt).
SECURITY_CONTACT = env.optional("SECURITY_CONTACT", f"{SITE_URL}/contact/")

FRANCECONNECT = {
    "issuer": env.address("FRANCECONNECT_ISSUER", f"http://localhost:{PORT + 1}/api/v2"),
    "client_id": env.required("FRANCECONNECT_CLIENT_ID", "parloir-demonstration"),
    "client_secret": env.required("FRANCECONNECT_CLIENT_SECRET", "secret-de-demonstration"),
    "alg": env.one_of("FRANCECONNECT_ALG", ("ES256", "RS256"), "ES256"),
    # The name declared to FranceConnect, which it writes in an e-mail to the person at each sign-in.
    "service_name": env.optional("FRANCECONNECT_SERVICE_NAME", "Mes rendez-vous"),
}
PROCONNECT = {
    "issuer": env.address("PROCONNECT_ISSUER", f"http://localhost:{PORT + 1}/proconnect/api/v2"),
    "client_id": env.required("PROCONNECT_CLIENT_ID", "parloir-demonstration-agents"),
    "client_secret": env.required("PROCONNECT_CLIENT_SECRET", "secret-de-demonstration"),
    "alg": env.one_of("PROCONNECT_ALG", ("ES256", "RS256"), "RS256"),
}

# How long one statement may run: a page's reader is told to try again (wsgi.py asks for seconds), while commands
# and the worker may go through whole tables.
STATEMENT_TIMEOUT = env.optional("STATEMENT_TIMEOUT", "30min")

# How long a request may wait for another machine (FranceConnect) and how many of a process's threads may wait at
# once: half of them (config/serve.py says how many), so that the other half always serves.
OUTBOUND_CALL_SECONDS = env.number("OUTBOUND_CALL_SECONDS", "5", lowest=1, highest=30)
OUTBOUND_VISIT_SECONDS = env.number("OUTBOUND_VISIT_SECONDS", "10", lowest=OUTBOUND_CALL_SECONDS, highest=60)
OUTBOUND_PLACES = env.number("OUTBOUND_PLACES", "8", lowest=1)
# How long nobody asks again what has not answered in time, again and again.
OUTBOUND_PAUSE_SECONDS = env.number("OUTBOUND_PAUSE_SECONDS", "15", lowest=10, highest=30)
OUTBOUND_MOST_BYTES = 200_000

# PostgreSQL ------------------------------------------------------------------------------

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database("DATABASE_URL"),
        "OPTIONS": {
            # A server that vanished is noticed in seconds, not in the system's quarter of an hour.
            "connect_timeout": 5,
            "tcp_user_timeout": 15_000,
            **env.database_options("DATABASE_URL"),
            # Binding on the server and preparing early save 35-45 % of the database's time.
            "server_side_binding": True,
            "prepare_threshold": 1,
            # Whoever waits for a connection waits for the database to be back: not for long, and not in every thread.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 3},
            # A person who waits behind a lock is told to try again rather than left waiting.
            "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=60s"
            f" -c statement_timeout={STATEMENT_TIMEOUT}",
        },
    }
}

# Each process keeps the public pages it has rendered: a few hundred, some 12 kB each.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2_000}}}

# Django ----------------------------------------------------------------------------------

DEBUG = False
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_linear_migrations",
    "procrastinate.contrib.django",
    "parloir.foundation",
    "parloir.journal",
    "parloir.establishments",
    "parloir.people",
    "parloir.notifications",
    "parloir.review",
    "parloir.permits",
    "parloir.timetable",
    "parloir.visits",
    "parloir.content",
    "parloir.portal",
    "parloir.public",
    "parloir.register",
    "parloir.identity",
    *(["anymail"] if BOUNCES["provider"] else []),
    *(["parloir.demo"] if DEV else []),
]
MIDDLEWARE = [
    "parloir.foundation.middleware.access_log",
    "parloir.foundation.middleware.only_proxies_forward",
    "parloir.foundation.middleware.permissions_policy",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "parloir.foundation.intake.only_what_can_be_read",
    "parloir.foundation.middleware.language_of_address",
    "parloir.foundation.errors.every_error_is_a_page",
    "parloir.public.maintenance.closed_meanwhile",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "parloir.identity.middleware.SignInMiddleware",
]
ROOT_URLCONF = "parloir.config.urls"
WSGI_APPLICATION = "parloir.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "parloir.foundation.typesetting.Pages",
        "NAME": "django",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "parloir.foundation.context.site",
                "parloir.establishments.context.alerts",
                "parloir.content.context.page_help",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "parloir.foundation.templatetags.parloir",
            ],
        },
    }
]
FORM_RENDERER = "parloir.foundation.forms.DsfrRenderer"

# Time and language: instants are stored in UTC and always shown in the prison's own zone.
USE_TZ = True
TIME_ZONE = "Europe/Paris"
LANGUAGE_CODE = "fr"
# Their own names for themselves; docs/languages.md says how to add one.
LANGUAGES = [("fr", "Français"), ("fr-x-facile", "Langage simplifié"), ("en", "English"), ("ar", "العربية")]
LOCALE_PATHS = [ROOT / "parloir" / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "var" / "static"
STATICFILES_FINDERS = ["parloir.foundation.finders.ChosenDsfrFinder", "parloir.foundation.finders.OwnAppsFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
# What browsers ask for at fixed addresses: /favicon.ico and its like.
WHITENOISE_ROOT = ROOT / "parloir" / "foundation" / "root"
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}

# Safety ----------------------------------------------------------------------------------

HTTPS = SITE_URL.startswith("https://")
# As parloir.foundation.cookies names all others.
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
LANGUAGE_COOKIE_NAME = "__Host-langue" if HTTPS else "langue"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "parloir.identity.answers.stale_form"
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Entering the browsers' preload list binds the whole domain for months: its owner's decision, not the site's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
X_FRAME_OPTIONS = "DENY"
# Nothing here asks for any of these: a script that got in could not either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    # Closing a session posts here and is then redirected to the issuer's own sign-out.
    "form-action": [CSP.SELF, *(env.origin(p["issuer"]) for p in (FRANCECONNECT, PROCONNECT))],
}
SIGN_IN_IDLE_MINUTES = 30
# Retention (docs/privacy.md): how many days visits stay after their date before they are anonymised.
VISITS_KEPT_DAYS = 30
# How many days what people write of the site is kept.
OPINIONS_KEPT_DAYS = 365
# How many days it is remembered that a message was sent: no text, no address.
DELIVERIES_KEPT_DAYS = 90
# How many days before its end a permit's families are told of it.
PERMIT_WARNING_DAYS = 30
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_BODY
# Nothing of ours takes a file: one that is sent all the same is kept nowhere.
FILE_UPLOAD_HANDLERS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Messages --------------------------------------------------------------------------------

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": env.mail_server("EMAIL_URL", f"smtp://127.0.0.1:{PORT + 2}"),
    }
}
# Neutral on purpose: a name that says “prison” would show on a lock screen (docs/privacy.md).
MESSAGES_SENDER = env.optional("MESSAGES_SENDER", "rendez-vous@localhost.localdomain")

# The mail provider's word that a message came back (README.md, BOUNCES); nothing is sent through it.
ANYMAIL = {"WEBHOOK_SECRET": BOUNCES["secret"]}

# Jobs ------------------------------------------------------------------------------------

# A worker says every five seconds that it lives; silent for twenty, its jobs are taken back
# (notifications.tasks.take_back_jobs).
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": 4,
    "update_heartbeat_interval": 5.0,
    "stalled_worker_timeout": 20.0,
    "shutdown_graceful_timeout": 20.0,
    "delete_jobs": "successful",
}

PROCRASTINATE_ON_APP_READY = "parloir.notifications.jobs.keep_jobs_in_their_transaction"

LOGGING_CONFIG = None
logs.configure()
