"""What the shop's signals tell of orders: those that its adapter names, and each saved row of its order model."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.signals import setting_changed
from django.db.models import Model
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils.module_loading import import_string

from personalization.adapters import DeclarativeAdapter, get_adapter
from personalization.capture.order_telling import tell_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from personalization.adapters import Adapter

logger = logging.getLogger("personalization")

_POST_SAVE: Final = "django.db.models.signals.post_save"
#: What is listened to. The signals themselves hold their receivers only weakly.
_listening: list[tuple[Signal, type[Model] | None, Callable[..., None]]] = []


def connect() -> None:
    """Listen to orders. A shop whose settings are wrong starts all the same: the system checks tell what is wrong."""
    setting_changed.connect(_listen_anew, dispatch_uid="personalization.capture.receivers")
    _listen()


def _listen() -> None:
    _stop()
    try:
        for signal, sender, receiver in _receivers(get_adapter()):
            signal.connect(receiver, sender=sender, weak=True)
            _listening.append((signal, sender, receiver))
    except Exception as error:  # noqa: BLE001 - the adapter is the host's code, and this runs while the host starts
        _stop()
        logger.warning("orders are not listened to: %s", error)


def _stop() -> None:
    while _listening:
        signal, sender, receiver = _listening.pop()
        signal.disconnect(receiver, sender=sender)


def _receivers(adapter: Adapter) -> Iterator[tuple[Signal, type[Model] | None, Callable[..., None]]]:
    model = _order_model(adapter)
    for path, argument in adapter.order_signals.items():
        signal = import_string(path)
        if not isinstance(signal, Signal):
            raise TypeError(f"order_signals names {path!r}, which is no signal")
        yield signal, None, partial(_told, path, argument, model)
    if model is not None and _POST_SAVE not in adapter.order_signals:
        yield post_save, model, partial(_told, _POST_SAVE, "instance", model)


def _order_model(adapter: Adapter) -> type[Model] | None:
    if not isinstance(adapter, DeclarativeAdapter) or not adapter.order_model:
        return None
    return apps.get_model(adapter.order_model)


def _told(path: str, argument: str, model: type[Model] | None, /, **arguments: Any) -> None:
    order, request = arguments.get(argument), arguments.get("request")
    if order is None or arguments.get("raw"):  # fixtures are loaded before what they refer to
        return
    if model is not None and isinstance(order, Model) and not isinstance(order, model):
        return  # signals such as post_save tell of every row
    asking = request if isinstance(request, HttpRequest) else None
    tell_order(order, asking, tenant="", what=f"recording an order after {path}")


def _listen_anew(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        _listen()
