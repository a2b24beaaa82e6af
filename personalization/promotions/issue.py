"""Making codes: one that people can remember, or many that nobody can guess."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

from personalization.exceptions import InvalidInputError, PersonalizationError
from personalization.store.coupons import (
    CODE_LENGTH,
    add_coupons,
    count_coupons,
    coupons_database,
    find_coupons,
    normalize_code,
)
from personalization.store.personal_rows import person_of
from personalization.store.promotions import PROMOTIONS
from personalization.store.removal import share_people
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.versions import RULES

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.store.coupons import NewCoupons

#: Digits and letters without those that look like another: no 0 and O, no 1, I and L, no 5 and S, no 8 and B, no 2 and Z.
ALPHABET: Final = "34679ACDEFGHJKMNPQRTUVWXY"
#: The fewest random characters: with fewer, whoever tries for long enough finds a code.
FEWEST: Final = 12
#: The most codes that one call makes.
MOST: Final = 100_000

_ROUNDS: Final = 5
#: Forms with fewer codes than this are counted before more are issued.
_CROWDED: Final = 10**9
_SECURE: Final = SystemRandom()


class CodesUsedUpError(PersonalizationError):
    """No new codes of this form were found."""


def issue(code: str, new: NewCoupons, *, tenant: str = "", now: int) -> bool:
    """Issue a code that the shop has chosen; False when there is a code already that is compared as equal.

    Raises InvalidInputError naming ``code`` or ``promotion``.
    """
    if len(code) > CODE_LENGTH or not normalize_code(code):
        raise InvalidInputError("code", f"expected up to {CODE_LENGTH} letters and digits")
    return in_transaction(partial(_add_one, code, new, tenant, now), using=coupons_database()) > 0


def issue_many(
    count: int,
    new: NewCoupons,
    *,
    prefix: str = "",
    length: int = FEWEST,
    alphabet: str = ALPHABET,
    tenant: str = "",
    now: int,
    random: Random = _SECURE,
) -> tuple[str, ...]:
    """Issue random codes: a prefix, and ``length`` characters of an alphabet. All of them, or none.

    Refused when more than half of all such codes would then exist, so that a guess stays a guess. Raises
    InvalidInputError naming what is wrong, and CodesUsedUpError.
    """
    _check_form(count, prefix, length, alphabet)
    _check_space(count, prefix, length, alphabet, tenant)
    for _ in range(_ROUNDS):
        codes = _draw(count, prefix, length, alphabet, tenant, random)
        with suppress(_TakenError):  # somebody else has stored one of them meanwhile
            in_transaction(partial(_add_all, codes, new, tenant, now), using=coupons_database())
            return tuple(codes)
    raise CodesUsedUpError(f"{count} new codes were not found in {_ROUNDS} rounds")


class _TakenError(PersonalizationError):
    pass


def _add(codes: Collection[str], new: NewCoupons, tenant: str, now: int) -> int:
    if PROMOTIONS.find(new.promotion, tenant=tenant) is None:
        raise InvalidInputError("promotion", f"there is no promotion #{new.promotion}")
    if new.limit is not None and new.limit < 1:
        raise InvalidInputError("limit", "expected 1 or more, or nothing")
    if new.owner is not None:
        share_people()  # nobody is erased before their coupons are stored
        if person_of(new.owner) is None:
            raise InvalidInputError("owner", f"there is no visitor #{new.owner}")
    return add_coupons(codes, new, tenant=tenant, now=now)


def _add_one(code: str, new: NewCoupons, tenant: str, now: int) -> int:
    """Campaigns show the code of a promotion, and each process keeps which one that is."""
    added = _add([code], new, tenant, now)
    if added and new.owner is None:
        bump_stamp(RULES, tenant=tenant, at=now)
    return added


def _add_all(codes: Collection[str], new: NewCoupons, tenant: str, now: int) -> None:
    if _add(codes, new, tenant, now) < len(codes):
        raise _TakenError


def _check_form(count: int, prefix: str, length: int, alphabet: str) -> None:
    if not 1 <= count <= MOST:
        raise InvalidInputError("count", f"expected 1 to {MOST}")
    if prefix and not normalize_code(prefix):
        raise InvalidInputError("prefix", "expected letters and digits")
    if length < FEWEST or len(prefix) + length > CODE_LENGTH:
        raise InvalidInputError("length", f"expected {FEWEST} or more, and {CODE_LENGTH} with the prefix")
    if len(alphabet) < 2 or len({normalize_code(sign) for sign in alphabet} - {""}) < len(alphabet):
        raise InvalidInputError(
            "alphabet", "expected two or more letters or digits that are compared as different"
        )


def _check_space(count: int, prefix: str, length: int, alphabet: str, tenant: str) -> None:
    space = len(alphabet) ** length
    if space < _CROWDED:  # else what one shop can issue is nothing of it
        count += count_coupons(prefix, length + len(normalize_code(prefix)), tenant=tenant)
    if 2 * count > space:
        raise InvalidInputError("count", f"more than half of the {space} codes of this form would exist")


def _draw(count: int, prefix: str, length: int, alphabet: str, tenant: str, random: Random) -> list[str]:
    """New codes that are compared as different from each other and from those that exist."""
    drawn: dict[str, str] = {}
    while True:  # it ends: at least half of them are free
        while len(drawn) < count:
            code = prefix + "".join(random.choices(alphabet, k=length))
            drawn[normalize_code(code)] = code
        taken = find_coupons(drawn, tenant=tenant)
        if not taken:
            return list(drawn.values())
        drawn = {compared: code for compared, code in drawn.items() if compared not in taken}
