import tempfile
from pathlib import Path

import environ

env = environ.Env()

SECRET_KEY = "boutique-only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
DEBUG = False
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", ".boutique.example", "testserver"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "tests.hosts.boutique",
    "personalization",  # personalization
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tests.hosts.boutique.security.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tests.hosts.boutique.stores.StoreMiddleware",
    "personalization.middleware.PersonalMiddleware",  # personalization
]

ROOT_URLCONF = "tests.hosts.boutique.urls"
WSGI_APPLICATION = "tests.hosts.boutique.wsgi.application"
ASGI_APPLICATION = "tests.hosts.boutique.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tests.hosts.boutique.stores.store",
            ],
        },
    },
]

DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{Path(tempfile.gettempdir()) / 'boutique.sqlite3'}")
}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://boutique")}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True

AUTH_USER_MODEL = "boutique.Customer"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
STATIC_URL = "static/"

PERSONALIZATION = {"ADAPTER": "tests.hosts.boutique.personal.BoutiqueAdapter", "CONSENT_REQUIRED": True, "RATING_SCALE": (0, 10)}  # fmt: skip  # personalization
