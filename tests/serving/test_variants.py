"""A page about a variant is about its product."""

import pytest

from personalization.store.catalog import CatalogAdapter
from tests.served import keys, reasons


class Colors(CatalogAdapter):
    """``a-red`` is a color of ``a``."""

    asked = 0

    def canonical_keys(self, wanted, tenant=""):
        type(self).asked += 1
        return {key: key[0] for key in wanted if key.endswith("-red")}


@pytest.fixture
def colors(shop, settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Colors"}
    shop.publish("item-cosine", neighbors={"a": {"g": 0.8, "b": 0.7}})
    shop.publish("popularity", ranking="abcdefgh")
    Colors.asked = 0
    return shop


def test_a_variant_is_answered_as_its_product(colors):
    answer = colors.ask("similar", item=["a-red"], count=4)
    assert keys(answer) == "gbcd"
    assert reasons(answer)["g"] == ("similar_item", "a")


def test_what_was_learned_of_is_not_asked_about(colors):
    assert keys(colors.ask("similar", item=["a"], count=2)) == "gb"
    assert Colors.asked == 0
