"""A host shop's settings. The lines that installing personalization added to the shop are marked so."""

import os
from pathlib import Path
from typing import Any

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

SECRET_KEY = env("SECRET_KEY", default="demo-only-not-for-production-0123456789-abcdefghij-klmnopqrst")
DEBUG = env.bool("DEBUG", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "shop_demo",  # before personalization, whose privacy page it has a look of its own for
    "personalization",  # personalization
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shop_demo.csp.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "personalization.middleware.PersonalMiddleware",  # personalization
]

ROOT_URLCONF = "shop_demo.urls"
WSGI_APPLICATION = "shop_demo.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop_demo.stores.stores",
                "shop_demo.views.personas",
                "shop_demo.views.departments",
                "shop_demo.cart.cart_size",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'shop.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)  # a restarted server costs nobody a page

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://shop-demo")}

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")

AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []  # a demo: the login is printed on the terminal
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

# The catalog of imported items lets people try `import_items` in this project; a shop has one adapter.
ADAPTERS = {
    "shop": "shop_demo.personal.ShopAdapter",
    "catalog": "personalization.store.catalog.CatalogAdapter",
}
PERSONALIZATION: dict[str, Any] = {"ADAPTER": ADAPTERS[env("PERSONALIZATION_ADAPTER", default="shop")]}  # fmt: skip # personalization
PERSONALIZATION["SLOTS"] = {"home_banner": {"KIND": "campaign"}}  # where the home page shows campaigns
