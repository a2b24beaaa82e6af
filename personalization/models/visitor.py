from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.engine.types import IdentityKind
from personalization.models.fields import DigestField, InstantField

#: What visitors are known by, as people read it.
IDENTITY_LABELS: Final = {
    IdentityKind.VISITOR: _("browser or imported key"),
    IdentityKind.USER: _("user"),
    IdentityKind.EMAIL: _("e-mail"),
}


class Visitor(models.Model):
    """A browser or an imported customer. ``person`` is the visitor that stands for its owner, once known.

    ``choice`` and ``epoch`` of that visitor hold for all of the person's. The epoch grows whenever answers that were
    cached for the person must no longer be shown.
    """

    class Choice(models.IntegerChoices):
        NONE = 0, _("was not asked")
        AGREED = 1, _("agreed")
        REFUSED = 2, _("refused")

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    person = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="visitors",
        verbose_name=_("person"),
    )
    created_at = InstantField(_("created"))
    choice = models.SmallIntegerField(_("personalization"), choices=Choice.choices, default=Choice.NONE)
    chosen_at = InstantField(_("chosen"), null=True)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Identity(models.Model):
    """One way in which a visitor is known. The text of an e-mail address is never stored, only its keyed hash."""

    tenant = models.CharField(_("tenant"), max_length=64, default="", blank=True)
    kind = models.SmallIntegerField(
        _("kind"), choices=[(kind.value, IDENTITY_LABELS[kind]) for kind in IdentityKind]
    )
    digest = DigestField(editable=False)
    key = models.CharField(_("key"), max_length=255, blank=True, default="")
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="identities", verbose_name=_("visitor"))

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "digest"], name="personalization_identity_key")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}:{self.key or '…'}"
