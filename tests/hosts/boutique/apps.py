from django.apps import AppConfig


class BoutiqueConfig(AppConfig):
    name = "tests.hosts.boutique"
    label = "boutique"
    verbose_name = "精品店"
    default_auto_field = "django.db.models.BigAutoField"
