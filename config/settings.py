"""Django's settings, in the order of its documentation. Each one an operator sets is in docs/settings.md."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from . import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.private_folder(env.folder("DATA_DIR", default=BASE_DIR / "var"))

DEBUG = env.yes_or_no("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", kept_in=DATA_DIR / "secret_key")
SIGNING_SEED = env.seed("SIGNING_SEED", derived_from=SECRET_KEY)
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.public_url("PUBLIC_URL", default="http://localhost:8000")

# Our own

REQUIRE_SCOPE = env.yes_or_no("REQUIRE_SCOPE", default=False)
BULK_MAX_MB = env.whole_number("BULK_MAX_MB", default=4096, lowest=1, highest=1_000_000)
IMPORT_MAX_MB = env.whole_number("IMPORT_MAX_MB", default=20, lowest=1, highest=1000)
MAX_SOCKETS = env.whole_number("MAX_SOCKETS", default=12_000, lowest=1, highest=1_000_000)
# What is published: stricter where an operator wants it, never looser (checking/floors.py).
RELEASE_LOOSEST = {
    "at_least": 5,
    "dominant_percent": 80,
    "waits_days": 28,
    "residents": 20_000,
    "settles_weeks": 6,
    "together_at_least": 20,
}
RELEASE_AT_LEAST = env.whole_number(
    "RELEASE_AT_LEAST", default=RELEASE_LOOSEST["at_least"], lowest=RELEASE_LOOSEST["at_least"], highest=100
)
RELEASE_DOMINANT_PERCENT = env.whole_number(
    "RELEASE_DOMINANT_PERCENT",
    default=RELEASE_LOOSEST["dominant_percent"],
    lowest=50,
    highest=RELEASE_LOOSEST["dominant_percent"],
)
RELEASE_WAITS_DAYS = env.whole_number(
    "RELEASE_WAITS_DAYS", default=RELEASE_LOOSEST["waits_days"], lowest=RELEASE_LOOSEST["waits_days"], highest=365
)
RELEASE_RESIDENTS = env.whole_number(
    "RELEASE_RESIDENTS",
    default=RELEASE_LOOSEST["residents"],
    lowest=RELEASE_LOOSEST["residents"],
    highest=1_000_000_000,
)
RELEASE_SETTLES_WEEKS = env.whole_number(
    "RELEASE_SETTLES_WEEKS",
    default=RELEASE_LOOSEST["settles_weeks"],
    lowest=RELEASE_LOOSEST["settles_weeks"],
    highest=52,
)
RELEASE_TOGETHER_AT_LEAST = env.whole_number(
    "RELEASE_TOGETHER_AT_LEAST",
    default=RELEASE_LOOSEST["together_at_least"],
    lowest=RELEASE_LOOSEST["together_at_least"],
    highest=10_000,
)
JSON_MAX_BYTES = 256 * 1024  # everything sent to us but bulk files
SPOOL_DIR = env.private_folder(
    DATA_DIR / "spool"
)  # where large bodies wait; ours alone, because they hold plain results

# Applications

INSTALLED_APPS = [
    "config",
    "api",
    "alerts",
    "checking",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.SimulatedDataMiddleware",
    "config.middleware.StaffPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "checking.context.network",
            ],
        },
    }
]

# Database

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a read that turns into a write must not fail half way
    "timeout": 20,  # seconds; SQLite's five are too few for 32 writers
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
}


# Under ASGI each request has a thread of its own, so connections are kept in a pool instead. Two pools
# (this and the public one) in each of four processes stay under PostgreSQL's usual 100 connections.
POSTGRES_POOL = {"min_size": 1, "max_size": 10, "timeout": 20}


def _database(name: str, default: str) -> dict[str, Any]:
    found = env.database(name, default=default)
    if "sqlite" in found["ENGINE"]:
        if found["NAME"] in {"", ":memory:"}:
            raise env.refuse(name, "a file: threads do not share a database in memory")
        # Tests use a file too, for the same reason.
        test = {"NAME": str(DATA_DIR / "tests.sqlite3")}
        return {**found, "ENGINE": "config.sqlite", "OPTIONS": dict(SQLITE_OPTIONS), "TEST": test}
    return {**found, "OPTIONS": {**found.get("OPTIONS", {}), "pool": dict(POSTGRES_POOL)}}


DATABASES = {"default": _database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'headsup.sqlite3'}")}


def _public_database() -> dict[str, Any]:
    """Public reads go through a connection of their own that can read nothing private."""
    default = DATABASES["default"]
    if env.is_given("PUBLIC_DATABASE_URL"):
        public = _database("PUBLIC_DATABASE_URL", "")
        if public["ENGINE"] != default["ENGINE"]:
            raise env.refuse("PUBLIC_DATABASE_URL", "the same database as DATABASE_URL, by another role")
    else:
        public = {**default, "OPTIONS": dict(default["OPTIONS"])}
        if default["ENGINE"] != "config.sqlite":
            # Without a role of its own (docs/public-role.sql) it can at least not write.
            public["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
    if public["ENGINE"] == "config.sqlite":
        public["ENGINE"] = "config.sqlite_public"
    return {**public, "TEST": {"MIRROR": "default"}}


DATABASES["public"] = _public_database()
DATABASE_ROUTERS = ["config.routers.PublicIsReadOnly"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": env.channel_layer("CHANNEL_URL")}

# Uploads

DATA_UPLOAD_MAX_MEMORY_SIZE = JSON_MAX_BYTES
FILE_UPLOAD_TEMP_DIR = SPOOL_DIR

# Cache

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# People

AUTH_USER_MODEL = "checking.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "shown_name"]},
    },
]
LOGIN_URL = "/staff/sign-in/"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.ClosedAccounts"
MFA_ADAPTER = "config.second_factor.SealedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a phone whose clock is half a minute off
MFA_REAUTHENTICATION_REQUIRED = False  # held by our own door: staff come in by links too
MFA_ALLOW_UNVERIFIED_EMAIL = True  # staff need no address
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
# Mail goes to staff who gave an address, and only where this installation was told how to send any.
MAIL = env.mail("EMAIL_URL")
EMAIL_IS_ON = bool(MAIL)
EMAIL_BACKEND = MAIL.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = MAIL.get("EMAIL_HOST") or "localhost", MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_USER") or "", MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", default="headsup@localhost")

ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole_number("TRUSTED_PROXIES", default=0, lowest=0, highest=5)
SESSION_COOKIE_AGE = int(timedelta(minutes=30).total_seconds())
SESSION_SAVE_EVERY_REQUEST = True  # thirty minutes since the last request, not since sign-in
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https:")

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "UTC"
USE_TZ = True

# Security

SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "alerts.views.errors.csrf_failed"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns where it is missing
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # nothing to collect in the embedded shape

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SiteKeyAuthentication", "api.authentication.StaffSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "api.errors.answer",
    "DEFAULT_SCHEMA_CLASS": "api.schema.Described",
    "DEFAULT_PAGINATION_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headsup",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["api.schema.add_components", "api.examples.add_examples"],
}

# Logs: no client address, no query string, no body.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_requests": {"()": "config.logs.WithoutRequests"}},
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "plain",
            "filters": ["no_requests"],
        },
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # A wrong or forbidden address may hold a code or a token: only our own faults are logged.
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anyone can send one, and it says nothing of us
        # Its warnings show the whole connection: address, port and query string.
        "daphne": {"level": "ERROR"},
        "alerts": {"level": "INFO"},
        "checking": {"level": "INFO"},
        "api": {"level": "INFO"},
        "config": {"level": "INFO"},
    },
}
