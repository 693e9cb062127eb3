"""Django's settings. All of it comes from the environment, else from this checkout's var/.

`.env.example` lists the names. Not here: limits and windows of a part; they stand in the room that owns them.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from cdp.run.databases import state, var_folder
from cdp.run.embedded import passwords

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = var_folder()
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")


def _secret(name: str) -> str:
    """From the environment, else this checkout's own, made at the first start."""
    return str(env.str(name, "") or passwords(VAR)[name])


def _keys(text: str) -> dict[str, bytes]:
    """`k2:hex,k1:hex`: the first one encrypts, all of them decrypt."""
    pairs = (item.split(":", 1) for item in text.split(","))
    return {name.strip(): bytes.fromhex(key.strip()) for name, key in pairs}


# ---- secrets ----------------------------------------------------------------------------------

SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
IDENTITY_SECRET = _secret("IDENTITY_SECRET").encode()  # keys of identifiers: can never change
ENCRYPTION_KEYS = _keys(_secret("ENCRYPTION_KEYS"))  # contact data and credentials, by key id

# ---- the address ------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="")  # https://huiliu.example.com, when there is a proxy in front
HTTPS = urlsplit(PUBLIC_URL).scheme == "https"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[*LOCAL_HOSTS, *filter(None, [urlsplit(PUBLIC_URL).hostname])]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")] if PUBLIC_URL else []
PROXIES = env.int("PROXIES", default=0)  # how many proxies of ours add to X-Forwarded-For; 0: not believed
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_PORT = env.str("PORT", default="")
_PREFIX = "__Host-" if HTTPS else ""  # over plain http browsers refuse that prefix
SESSION_COOKIE_NAME = (
    f"{_PREFIX}sessionid{'' if HTTPS or not _PORT else '_' + _PORT}"  # two checkouts, one host
)
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
CSRF_FAILURE_VIEW = "cdp.serve.unrouted.no_token"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# ---- what is installed ------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",  # its loader is called by ours
    "csp",
    "axes",
    "kernel",
    "channels",
    "profiles",
    "metrics",
    "cdp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kernel.web.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "kernel.web.shell.CookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kernel.web.access.WorkspaceMiddleware",
    "kernel.web.shell.PageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cdp.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["kernel.web.loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.navigation.frame",
            ],
            "libraries": {"huiliu": "kernel.web.templatetags.huiliu"},
        },
    },
]

COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given, and what every page has

# ---- databases --------------------------------------------------------------------------------

_NOTED = state(VAR)
DATABASE_URL = env.str("DATABASE_URL", "") or _NOTED.get("database_url", "")
REDIS_URL = env.str("REDIS_URL", "") or _NOTED.get("redis_url", "")
# Tests: a database that may lose commits is accepted.
FAST_AND_LOSSY = env.bool("FAST_AND_LOSSY", default=False)
CONNECT_SECONDS = 5
STOPPED_SECONDS = env.float("HUILIU_STOPPED_SECONDS", default=30.0)  # a process silent for longer has stopped
BATCH_SECONDS = env.float(
    "HUILIU_BATCH_SECONDS", default=20.0
)  # a whole batch may take so long (cdp/pipeline/guard.py)
IDLE_IN_TRANSACTION_MS = 120_000  # a stopped process gives its locks back after this
PAGE_SECONDS = env.float("HUILIU_PAGE_SECONDS", default=30.0)  # of a statement of a page or an API call
# The columnar mirror: where it lies, how much memory its writer and each of its readers may take, how long a question.
MIRROR = env.str("HUILIU_MIRROR", default=str(VAR / "mirror"))
# The journal of erasures (cdp/pipeline/privacy/journal.py): to be kept with the backups, newer than they are.
ERASURES = env.str("HUILIU_ERASURES", default=str(VAR / "erasures.jsonl"))
MIRROR_URL = env.str(
    "HUILIU_MIRROR_URL", default=""
)  # s3://bucket/prefix: it lies there, and the folder is a cache
MIRROR_ENDPOINT = env.str("HUILIU_MIRROR_ENDPOINT", default="")  # of an S3-compatible service; "": AWS
MIRROR_REGION = env.str("HUILIU_MIRROR_REGION", default="")
MIRROR_ACCESS_KEY = env.str("HUILIU_MIRROR_ACCESS_KEY", default="")
MIRROR_SECRET_KEY = env.str("HUILIU_MIRROR_SECRET_KEY", default="")
if MIRROR_URL and not re.fullmatch(r"s3://[\w.-]+(/[\w./-]*)?", MIRROR_URL):
    raise ImproperlyConfigured("HUILIU_MIRROR_URL must be like s3://bucket/prefix.")
MIRROR_WRITER_MB = env.int("HUILIU_MIRROR_WRITER_MB", default=256)
MIRROR_READER_MB = env.int("HUILIU_MIRROR_READER_MB", default=256)
MIRROR_SECONDS = env.float("HUILIU_MIRROR_SECONDS", default=10.0)
# Hosts (`host` or `host:port`) in private networks that connectors may call all the same (kernel/outbound.py).
ALLOW_ADDRESSES = env.list("HUILIU_ALLOW_ADDRESSES", default=[])
IMPORT_MB = env.int("HUILIU_IMPORT_MB", default=1_024)  # of a file that an admin drops
# Folders that connectors may watch for files lie below it, those of a workspace in one of its name; "": none.
WATCH_DIR = env.str("HUILIU_WATCH_DIR", default="")
# A statement ends this soon after its process did. 0 for a server on Windows, which cannot look.
CLIENT_CHECK_MS = env.int("HUILIU_CLIENT_CHECK_MS", default=1_000)

SESSION = {
    "tcp_keepalives_idle": 30,  # seconds; and a machine that is gone is noticed
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
    "client_connection_check_interval": CLIENT_CHECK_MS,
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",  # of the statements whose plan is kept (kernel/db.py:PreparedStatement)
    "random_page_cost": 1.1,  # what is asked for lies in memory: some hundred keys are no reason to read a table
}
# Without an address (collectstatic, say) one that nobody listens on: a command that needs it says so.
DATABASES = {"default": env.db_url_config(DATABASE_URL or "postgres://huiliu@127.0.0.1:9/huiliu")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "application_name": env.str("APPLICATION_NAME", default="huiliu"),
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
    },
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ---- work in the background (messages only wake; the work lies in tables) ---------------------

CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:9/0"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 10,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "run" / "beat")
CELERY_TIMEZONE = "UTC"

# ---- signing in -------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ADMIN_PASSWORD = env.str("HUILIU_ADMIN_PASSWORD", default="")  # of the first login that `prepare` makes
PASSWORD_RESET_TIMEOUT = 7 * 86_400  # seconds that an invitation is good for
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 10  # wrong passwords of one person from one address …
AXES_COOLOFF_TIME = 0.25  # … and this many hours' rest; the owner signs in from elsewhere meanwhile
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "console.account.signin.locked"
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = PROXIES or None
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if PROXIES else ["REMOTE_ADDR"]

# ---- pages: languages, files, policy ----------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

COMPONENTS_PAGE = env.bool("HUILIU_COMPONENTS_PAGE", default=DEBUG)  # /_components/, for who builds pages

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
BUILT_STATIC = env.bool("BUILT_STATIC", default=True)  # tests and DEBUG serve the sources as they are
_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _STORAGE if BUILT_STATIC else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not BUILT_STATIC
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # Tabler draws check boxes and arrows with data: pictures
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    },
}

# ---- the read API -----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "kernel.web.access.TokenAuthentication",  # first: its header makes a refusal a 401
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["kernel.web.access.AtLeast"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "kernel.web.openapi.Described",
    "COERCE_DECIMAL_TO_STRING": True,
    "EXCEPTION_HANDLER": "kernel.web.api.answer_trouble",  # errors are {"code", "message"}
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huiliu",
    "DESCRIPTION": "Read API: people, events, numbers.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kernel.web.openapi.with_json",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AnalysisKindEnum": "metrics.boards.kinds.NAMES",
        "AttributionByEnum": "metrics.attribution.question.DIMENSIONS",
        "AttributionModelEnum": "metrics.attribution.models.NAMES",
        "AttributionWorthEnum": "metrics.attribution.question.WORTHS",
        "ImportStateEnum": "channels.imports.answers.STATES",
        "MemberStateEnum": "kernel.people.answers.STATES",
        "PayoutStateEnum": "metrics.payouts.STATES",
        "StatementShareStateEnum": "metrics.allocation.statements.SHARE_STATES",
        "StatementStateEnum": "metrics.allocation.statements.STATES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# ---- words for the operator -------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "kernel.process.logs.OneLine", "format": "%(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}
os.environ.setdefault("PYTHONWARNINGS", "ignore::UserWarning:celery.platforms")
