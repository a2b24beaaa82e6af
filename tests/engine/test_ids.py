import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.ids import DIGEST_SIZE, KEY_LENGTH, digest, is_key, near_digests, storable

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TEXTS = st.lists(TEXT, min_size=1)


@given(TEXTS, TEXTS)
def test_different_parts_have_different_digests(left, right):
    assert (digest(*left) == digest(*right)) == (left == right)
    assert len(digest(*left)) == DIGEST_SIZE


def test_a_digest_is_the_same_for_ever():
    assert digest("", "85123A").hex() == "2adf1d8e15bb600879276e60f7c030c8"


@pytest.mark.parametrize(
    ("left", "right"), [("ABC1", "abc1"), ("cafe", "café"), ("k1", "k1 "), ("007", "7"), ("é", "e\u0301")]
)
def test_what_collations_equate_stays_apart(left, right):
    assert digest(left) != digest(right)


@pytest.mark.parametrize("key", ["0", "x" * KEY_LENGTH, "商品", " ", "\n"])
def test_keys(key):
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "x" * (KEY_LENGTH + 1), "a\0b", "\ud800", None, 7, b"7"])
def test_no_keys(key):
    assert not is_key(key)


def test_what_no_database_stores_is_replaced():
    assert storable("a\0b\udfffc商") == "a\ufffdb\ufffdc商"


def test_near_digests_stand_together_and_differ():
    mine = near_digests(["a", "b"], "tenant", "3", "7")
    others = near_digests(["a", "b"], "tenant", "3", "8")
    assert len({*mine, *others}) == 4
    assert {len(one) for one in mine} == {DIGEST_SIZE}
    assert len({one[:4] for one in mine}) == 1
    assert mine == near_digests(["a", "b"], "tenant", "3", "7")
