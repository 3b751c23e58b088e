"""Settings, in Django's order. What differs between académies is a row (`deployment.Academy`), not a setting."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from opale_pilot.environment import (
    PRODUCTION,
    address,
    email_url,
    env_number,
    environment_name,
    mail_from,
    public_base_url,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("OPALE_VAR", BASE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)

IN_PRODUCTION = environment_name() == PRODUCTION
DEBUG = not IN_PRODUCTION
SECRET_KEY = secret_key("development-only-key-refused-in-production")
PUBLIC_BASE_URL = public_base_url("http://localhost:8000")
ALLOWED_HOSTS = (
    [urlsplit(PUBLIC_BASE_URL).hostname or ""] if IN_PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
ROOT_URLCONF = "opale_pilot.urls"
WSGI_APPLICATION = "opale_pilot.wsgi.application"

INSTALLED_APPS = [
    "opale_pilot",
    "accounts",
    "deployment",
    "surveys",
    "tutoring",
    "cosui",
    "figures",
    "dsfr",  # before django.forms, or radio buttons come out native
    "widget_tweaks",
    "csp",
    "django_htmx",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.content_security_policy",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.origin",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.methods",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.persons",
]
# What only persons with an account need. Pages of PERSONAL_LINKS do without it, in a browser that holds no session.
PERSONS_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.private_pages",
    "accounts.middleware.current_roles",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.compulsory_second_factor",
    "accounts.middleware.seeing_as",
]
PERSONAL_LINKS = ("/r/", "/reponse/")

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
                "opale_pilot.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

SQLITE_URL = f"sqlite:///{VAR_DIR / 'opale.sqlite3'}"
DATABASE_URL = address("DATABASE_URL", SQLITE_URL, "postgresql", "postgres", "sqlite")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 600  # opening SQLite's costs more than a page of an establishment
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Immediate transactions: read-then-write requests queue instead of failing (measured, docs/engines.md).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY",
    }
else:
    STATEMENT_TIMEOUT_MS = int(os.environ.get("OPALE_STATEMENT_TIMEOUT_MS", "10000"))
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=5000 -c jit=off",
        "prepare_threshold": 2,  # only surveys/prepared.py has statements that psycopg can prepare
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.EntropyValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # also that of an invitation
SESSION_COOKIE_AGE = 12 * 3600
# How many proxies of ours stand before the site: each adds the address it was called from to X-Forwarded-For.
OPALE_TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("OPALE_TRUSTED_PROXIES", "0"))

# django-allauth: password and second factor. Tries are limited by accounts/limits.py, in the database.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation proves the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.forms.sign_in.SignInForm",
    "reauthenticate": "accounts.forms.sign_in.PasswordForm",
    "reset_password": "accounts.forms.sign_in.PasswordLinkForm",
    "reset_password_from_key": "accounts.forms.sign_in.NewPasswordForm",
    "change_password": "accounts.forms.sign_in.ChangePasswordForm",
}
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.forms.sign_in.CodeForm",
    "reauthenticate": "accounts.forms.sign_in.CodeAgainForm",
    "activate_totp": "accounts.forms.sign_in.EnrolForm",
    "deactivate_totp": "accounts.forms.sign_in.RemoveSecondFactorForm",
    "generate_recovery_codes": "accounts.forms.sign_in.NewRecoveryCodesForm",
}
# ProConnect: no button without them.
PROCONNECT_ISSUER = os.environ.get("PROCONNECT_ISSUER", "")
PROCONNECT_CLIENT_ID = os.environ.get("PROCONNECT_CLIENT_ID", "")
PROCONNECT_CLIENT_SECRET = os.environ.get("PROCONNECT_CLIENT_SECRET", "")

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns without it
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"  # served by views that check a right, never by URL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IN_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SECURE_SSL_REDIRECT = IN_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("OPALE_BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if IN_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IN_PRODUCTION
SECURE_HSTS_PRELOAD = IN_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_PRODUCTION
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Personal links stay out of the logs; these loggers write the address of a request.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_tokens": {"()": "opale_pilot.logs.WithoutTokens"}},
    "loggers": {
        name: {"filters": ["without_tokens"]}
        for name in ("django.request", "django.security.csrf", "django.security.SuspiciousOperation")
    },
}

# Background work: rows are the queue (accounts.Job); without REDIS_URL the embedded broker is a folder.
REDIS_URL = address("REDIS_URL", "", "redis", "rediss", "filesystem")
if not REDIS_URL or REDIS_URL.startswith("filesystem:"):
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("messages", "control", "processed"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "polling_interval": 0.1,
    }
else:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
# A request that publishes waits no longer than this for a broker that is down or frozen, and tries once.
BRIEF = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "max_retries": 0}
JOB_PUBLISH_OPTIONS = {} if CELERY_BROKER_URL == "filesystem://" else BRIEF
# Seconds: a worker that gives no sign of life for a lease loses its job; a message unanswered is sent again.
JOB_LEASE_SECONDS = env_number("OPALE_JOB_LEASE_SECONDS", 60)
JOB_TIME_LIMIT_SECONDS = env_number("OPALE_JOB_TIME_LIMIT_SECONDS", 900)
JOB_REPUBLISH_SECONDS = env_number("OPALE_JOB_REPUBLISH_SECONDS", 45)
JOB_BACK_OFF_SECONDS = env_number("OPALE_JOB_BACK_OFF_SECONDS", 15)
JOB_SWEEP_SECONDS = env_number("OPALE_JOB_SWEEP_SECONDS", 15)
# Outgoing mail (accounts/postman.py). Without EMAIL_URL, development writes its mails as files in var/mails/,
# production hands them to the relay of its own machine.
EMAIL_URL = email_url(f"file://{VAR_DIR / 'mails'}")
MAIL_FROM = mail_from(PUBLIC_BASE_URL)
MAIL_RATE_COUNT = env_number("OPALE_MAIL_RATE_COUNT", 100)  # never more mails than this…
MAIL_RATE_SECONDS = env_number("OPALE_MAIL_RATE_SECONDS", 60)  # …in any period of this length
MAIL_TIMEOUT_SECONDS = env_number("OPALE_MAIL_TIMEOUT_SECONDS", 60)
MAIL_BACK_OFF_SECONDS = env_number("OPALE_MAIL_BACK_OFF_SECONDS", 30)
MAIL_RELAY_REST_SECONDS = env_number("OPALE_MAIL_RELAY_REST_SECONDS", 5)
MAIL_SWEEP_SECONDS = env_number("OPALE_MAIL_SWEEP_SECONDS", 5)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a broker that comes back finds its workers
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "accounts.tasks.sweep_jobs", "schedule": JOB_SWEEP_SECONDS},
    "deliver-mails": {
        "task": "accounts.tasks.deliver_mails",
        "schedule": MAIL_SWEEP_SECONDS,
        "options": {"expires": 60},  # rings that nobody heard do not pile up
    },
    "remind-due": {"task": "surveys.tasks.remind_due", "schedule": 600, "options": {"expires": 300}},
    "send-receipts": {"task": "surveys.tasks.send_receipts", "schedule": 10, "options": {"expires": 60}},
    "ask-about-visits": {"task": "tutoring.tasks.ask_about_visits", "schedule": 24 * 3600},
    "purge-expired": {"task": "opale_pilot.tasks.purge_expired", "schedule": 24 * 3600},
}

# State look. The integrity check must stay off: hashed static files change the digests (measured).
DSFR_USE_INTEGRITY_CHECKSUMS = False
DSFR_MARK_OPTIONAL_FIELDS = True
DSFR_CONTENT_IS_SAFE = False  # its default lets data into its tags as markup
# The DSFR is for services of the State on their official domain; 0 shows neither Marianne nor the bloc-marque.
OPALE_STATE_BRAND = os.environ.get("OPALE_STATE_BRAND", "1") != "0"
