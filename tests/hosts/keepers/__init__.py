"""Who does in a shop what its people and customers do, through its own pages. One keeper per host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from tests.hosts.keepers.base import Keeper

_KEEPERS = {
    "shop_demo": "tests.hosts.keepers.shop_demo.DemoKeeper",
    "tests.hosts.boutique": "tests.hosts.keepers.boutique.BoutiqueKeeper",
    "tests.hosts.tutorial.shop": "tests.hosts.keepers.tutorial.TutorialKeeper",
}


def keeper() -> Keeper:
    """That of the host that the suite runs under."""
    (path,) = (path for app, path in _KEEPERS.items() if apps.is_installed(app))
    return import_string(path)()
