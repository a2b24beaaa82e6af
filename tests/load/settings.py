"""The demo shop as a host would run it for real; what a test varies comes from the environment."""

from shop_demo.settings import *  # noqa: F403
from shop_demo.settings import CACHES, DATABASES, env
from shop_demo.settings import PERSONALIZATION as OF_THE_SHOP

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # cheap: logins here are about the merge
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

# Whether a host checks its connections is the host's choice; we must bear dead ones.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = env.bool("HEALTH_CHECKS", default=True)
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    seconds = env.float("CACHE_PATIENCE", default=0.5)
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": seconds, "socket_timeout": seconds}
PERSONALIZATION = {**OF_THE_SHOP, "THROTTLES": {"events": env("EVENTS_RATE", default=None)}}
