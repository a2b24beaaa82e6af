from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PersonalizationConfig(AppConfig):
    name = "personalization"
    label = "personalization"
    verbose_name = _("Personalization")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from personalization import checks  # noqa: F401, PLC0415 - registering needs loaded apps
        from personalization.capture import new_products  # noqa: PLC0415 - as above
        from personalization.capture import receivers as orders  # noqa: PLC0415 - as above
        from personalization.identity import receivers as people  # noqa: PLC0415 - as above

        people.connect()
        orders.connect()
        new_products.connect()
