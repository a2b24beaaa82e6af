"""Products that the shop makes: a run is asked for, so that they have similar items before anybody looked at them."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from django.core.signals import setting_changed
from django.db.models.signals import post_save

from personalization.adapters import DeclarativeAdapter, get_adapter
from personalization.capture.told import told
from personalization.store.new_items import ask_for_neighbors

if TYPE_CHECKING:
    from django.db.models import Model

logger = logging.getLogger("personalization")
_UID: Final = "personalization.capture.new_products"
#: The model that is listened to.
_listening: list[type[Model]] = []


def connect() -> None:
    """Listen to products. A shop whose settings are wrong starts all the same: the system checks tell what is wrong."""
    setting_changed.connect(_listen_anew, dispatch_uid=f"{_UID}.settings")
    _listen()


def _listen() -> None:
    while _listening:
        post_save.disconnect(sender=_listening.pop(), dispatch_uid=_UID)
    try:
        adapter = get_adapter()
        model = adapter.model() if isinstance(adapter, DeclarativeAdapter) else None
    except Exception as error:  # noqa: BLE001 - the adapter is the host's code, and this runs while the host starts
        logger.warning("products are not listened to: %s", error)
        return
    if model is not None:
        post_save.connect(_made, sender=model, dispatch_uid=_UID)
        _listening.append(model)


def _made(*, created: bool, raw: bool = False, **arguments: Any) -> None:
    if created and not raw:  # fixtures are loaded before what they refer to
        told(lambda: _ask, what="a new product")


def _ask() -> bool:
    """Only that there is one: the run reads the catalog itself, and one run waits for however many products."""
    ask_for_neighbors(tenant="", now=time.time_ns() // 1000)
    return True


def _listen_anew(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        _listen()
