"""Settings from the environment, with defaults that run the whole product on one machine without root."""

import hashlib
import secrets
import tempfile
from pathlib import Path

import dj_database_url
from django.utils.log import CallbackFilter
from django.utils.translation import gettext_lazy as _
from environs import Env

from contactcenter.lib.logs import not_readiness

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR: Path = env.path("CC_VAR", BASE_DIR / "var").resolve()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # sessions, passwords and recordings: nobody else on this machine reads them


def _secret_key() -> str:
    """The key of this installation: from the environment, else made once and kept in the data folder, readable by its owner."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


def bundled_redis_url(var: Path) -> str:
    """A socket in a short folder of its own: a UNIX socket's path may hold 107 bytes at the most."""
    name = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    return f"unix://{tempfile.gettempdir()}/contactcenter-{name}/redis.sock"


DEBUG = env.bool("CC_DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or _secret_key()
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])  # keys from before, that may still open what they sealed
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("CC_ALLOWED_HOSTS", LOCAL_HOSTS)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CC_TRUSTED_ORIGINS", [])
WEB_ADDRESS = env.str("CC_WEB_ADDRESS", "127.0.0.1")  # behind a TLS proxy of the same machine it stays so
WEB_PORT = env.int("CC_WEB_PORT", 8000)
BEHIND_PROXY = env.bool("CC_BEHIND_PROXY", False)  # a TLS proxy in front sets X-Forwarded-For and X-Forwarded-Proto
WEBSOCKET_MESSAGE_BYTES = 64 * 1024  # an SDP offer is the longest that a page sends
WEB_LARGEST_REQUEST = 2 * 50 * 1024**2 + 2 * 1024**2  # bytes: a sound in two languages, and their form

REDIS_URL = env.str("REDIS_URL", "")
REDIS_BUNDLED = not REDIS_URL
REDIS_URL = REDIS_URL or bundled_redis_url(VAR_DIR)

# Media. Addresses are those that other SIP parties see; everything stays on loopback until they are set.
MEDIA_ADDRESS = env.str("CC_MEDIA_ADDRESS", "127.0.0.1")
TRUNK_PORT = env.int("CC_TRUNK_PORT", 5060)  # the front door, UDP and TCP
INSIDE_ADDRESS = env.str("CC_INSIDE_ADDRESS", "127.0.0.1")  # SIP between front door, cells and gateway: never one that strangers reach
GATEWAY_ADDRESS = env.str("CC_GATEWAY_ADDRESS", "127.0.0.1")  # where browsers send their audio
MEDIA_PORTS = tuple(env.list("CC_MEDIA_PORTS", [20000, 29999], subcast=int))  # SIP and RTP of cells and gateway
CELLS_MAX = env.int("CC_CELLS_MAX", 100)  # calls at once on this machine; over it: 503
CELLS_WARM = env.int("CC_CELLS_WARM", 4)  # cells kept ready
WEB_REQUEST_OWN_PORTS: list[int] = env.list("CC_WEB_REQUEST_OWN_PORTS", [], subcast=int)  # of this machine, that call flows may call
RECORDINGS_DIR = VAR_DIR / "recordings"
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
SOUNDS_DIR = env.path("CC_SOUNDS_DIR", VAR_DIR / "sounds")  # what media machines keep of the sounds that are stored elsewhere

INSTALLED_APPS = [
    "daphne",
    "contactcenter",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "contactcenter.admin_pages.AdminOnDemand",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_rq",
    "rest_framework",
    "rest_framework.authtoken",
    "apps.events",
    "apps.accounts",
    "apps.audio",
    "apps.hours",
    "apps.telephony",
    "apps.numbers",
    "apps.outbound",
    "apps.calls",
    "apps.queues",
    "apps.flows",
    "apps.recordings",
    "apps.callbacks",
    "apps.notes",
    "apps.directory",
    "apps.switch",
    "apps.dictation",
    "apps.live",
    "apps.desk",
    "apps.api",
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.rights.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOG_IN_TRIES = env.int("CC_LOG_IN_TRIES", 10)  # wrong passwords for one user name, or from one address times five, until a pause
LOG_IN_PAUSE = env.int("CC_LOG_IN_PAUSE", 300)  # seconds
DEMO_PASSWORD = "demo"  # noqa: S105 - of the demo company; refused when others than this machine can reach the log-in page
# Another host name means a proxy, also where CC_BEHIND_PROXY was forgotten.
ONLY_THIS_MACHINE = WEB_ADDRESS in ("127.0.0.1", "::1", "localhost") and not BEHIND_PROXY and set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "contactcenter.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "contactcenter.anonymous.Anonymous",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.language.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "contactcenter.urls"
ASGI_APPLICATION = "contactcenter.asgi.application"
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
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.parse(env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'contactcenter.sqlite3'}"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # writers queue up instead of failing on upgrade of a read lock
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # A server that vanished without a word counts as gone after 10 s, also for a connection that waits for its answer (libpq).
    gone = {"tcp_user_timeout": 10_000, "keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 3}
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, **gone}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Pages of one web process talk inside that process; between processes the board and the journal carry the news (see docs/decisions).
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
RQ = {"WORKER_CLASS": "contactcenter.worker.Worker"}
RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 600}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",  # the first one words the refusal: 401, and how to log in
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],  # each view names its own; this is for one that forgot
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("CC_TIME_ZONE", "Europe/Oslo")
USE_I18N = USE_TZ = True
COUNTRY = env.str("CC_COUNTRY", "NO")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SOUNDS_BUCKET = env.str("CC_SOUNDS_S3_BUCKET", "")  # empty: sounds lie in MEDIA_ROOT


def _sounds_storage() -> dict[str, object]:
    """A folder of this machine, or a bucket of an S3-compatible server, for an installation with several machines."""
    if not SOUNDS_BUCKET:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    named = {"endpoint_url": "ENDPOINT", "access_key": "KEY", "secret_key": "SECRET", "region_name": "REGION"}
    options = {option: env.str(f"CC_SOUNDS_S3_{name}", "") or None for option, name in named.items()}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | {"bucket_name": SOUNDS_BUCKET, "file_overwrite": False}}


STORAGES = {
    "sounds": _sounds_storage(),
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "recordings": {  # the archive; no address leads to it but the player's
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": RECORDINGS_DIR / "archive", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_PROXY  # cookies only over TLS, which the proxy ends
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_PROXY else 0

LOG_FORMAT = env.str("CC_LOG_FORMAT", "text")  # or json
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "contactcenter.lib.logs.TextLines"}, "json": {"()": "contactcenter.lib.logs.JsonLines"}},
    "filters": {"not_readiness": {"()": CallbackFilter, "callback": not_readiness}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("CC_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["not_readiness"]},  # 404 and the like name paths, and paths may hold numbers
        "daphne": {"level": "WARNING"},
    },
}

UNFOLD = {
    "SITE_TITLE": _("Contact centre"),
    "SITE_HEADER": _("Contact centre"),
    "SITE_SYMBOL": "call",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: f"{STATIC_URL}icon.svg"}],
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": "contactcenter.admin_menu.colours",
    "STYLES": [lambda request: f"{STATIC_URL}admin/contactcenter.css"],
    "DASHBOARD_CALLBACK": "contactcenter.admin_menu.home",
    "SIDEBAR": {"show_search": True, "navigation": "contactcenter.admin_menu.navigation"},
}
