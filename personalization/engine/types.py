"""The frozen values that cross folder borders. No Django, no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


class Flag(IntFlag):
    """Events that are stored but never learned from nor served from. The numbers are stored and never change."""

    BOT = 1
    STAFF = 2
    PREFETCH = 4


class Kind(IntEnum):
    """What happened. The numbers are stored and never change."""

    VIEW = 1
    IMPRESSION = 2
    CLICK = 3
    CART_ADD = 4
    CART_REMOVE = 5
    WISH = 6
    PURCHASE = 7
    REFUND = 8
    RATE = 9
    SEARCH = 10
    HIDE = 11
    SHARE = 12
    MAIL_OPEN = 13


class IdentityKind(IntEnum):
    """By what a visitor is known. The numbers are stored and never change."""

    VISITOR = 1  #: an imported or first-party browser key
    USER = 2  #: the host's user key, as text
    EMAIL = 3  #: an e-mail address; only its keyed hash is stored


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts: ``key`` is text exactly as the host writes it."""

    kind: IdentityKind
    key: str


class Mode(StrEnum):
    """How personal an answer is."""

    PERSONALIZED = "personalized"
    CONTEXTUAL = "contextual"
    NON_PERSONALIZED = "non-personalized"


class ReasonCode(StrEnum):
    """The stable list of reasons. Personal ones carry the visitor's own items as evidence."""

    BOUGHT = "because_bought"
    CARTED = "because_carted"
    WISHED = "because_wished"
    RATED = "because_rated"
    VIEWED = "because_viewed"
    SIMILAR = "similar_item"
    HISTORY = "your_history"
    BOUGHT_BEFORE = "bought_before"
    RECENTLY_VIEWED = "recently_viewed"
    POPULAR = "popular"
    POPULAR_RECENT = "popular_recent"
    POPULAR_SEGMENT = "popular_segment"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is shown. ``evidence``: item keys, largest contribution first."""

    code: ReasonCode
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """One item of an answer, with the card the adapter gave for it.

    ``because``: the cards of the evidence as far as they were read, largest contribution first.
    """

    key: str
    score: float
    reason: Reason
    text: str
    card: Card
    because: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Creative:
    """What a campaign shows besides items. ``link`` and ``image``: addresses; ``promotion``: the title of what it gives,
    ``code``: how to get that; each '' for none."""

    campaign: int
    headline: str = ""
    text: str = ""
    link: str = ""
    image: str = ""
    promotion: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One answer: items in order, how personal it is, and the signed token that measures it.

    ``creative``: what the campaign of a campaign slot shows; ``held_out``: there is one, which this visitor does not see
    so that it can be measured.
    """

    id: str
    slot: str
    mode: Mode
    items: tuple[RecommendedItem, ...]
    token: str = ""
    build: int | None = None
    creative: Creative | None = None
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What a page needs to show an item, and what rules may read of it now.

    ``price`` is decimal text in major units, '' when unknown; ``stock`` in pieces, or in what it is sold by, None when
    unknown; ``tags`` None: the card does not say; ``listed_at``: since when it is sold, UTC microseconds.
    """

    key: str
    title: str
    url: str = ""
    image: str = ""
    price: str = ""
    currency: str = ""
    category: str = ""
    eligible: bool = True
    brand: str = ""
    stock: int | Decimal | None = None
    tags: tuple[str, ...] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    listed_at: int | None = None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item as a catalog tells it: what `import_items` reads and what adapters yield.

    ``listed_at``: UTC microseconds. ``stock`` is for catalogs of our own: a shop's changes with every order, and is
    asked of its cards. ``picture_descriptor``: numbers that say what its picture looks like, for the whole catalog equally
    many; () for none.
    """

    key: str
    title: str = ""
    category: str = ""
    price: str = ""
    currency: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    image: str = ""
    active: bool = True
    brand: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    listed_at: int | None = None
    stock: int | Decimal | None = None
    picture_descriptor: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order, or of what was given back of it.

    ``key`` is the shop's own id of the line, '' when it has none; ``at``: UTC microseconds, None for the order's.
    """

    item: str
    quantity: str = "1"
    unit_price: str = ""
    key: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as the shop knows it now. ``placed_at``: UTC microseconds.

    ``identity``: the customer's user key, or for guests the e-mail address. ``refunds``: what was given back so far;
    ``cancelled``: everything was.
    """

    key: str
    placed_at: int
    lines: tuple[OrderLine, ...]
    refunds: tuple[OrderLine, ...] = ()
    identity: Identity | None = None
    currency: str = ""
    store: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CartLine:
    """What lies in a cart; the price is decimal text in major units, '' when unknown. ``key``: the shop's own id of the
    line, '' when it has none."""

    item: str
    quantity: str = "1"
    unit_price: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cart:
    """A shopper's cart now."""

    lines: tuple[CartLine, ...] = ()
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Whom, where and when an answer is for. ``now``: UTC microseconds."""

    slot: str
    now: int
    count: int | None = None
    identity: Identity | None = None
    items: tuple[str, ...] = ()
    exclude: frozenset[str] = field(default_factory=frozenset)
    tenant: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event before it is stored: `track()` and the importers make these. Instants in UTC microseconds."""

    kind: Kind
    identity: Identity
    item: str
    occurred_at: int
    client_id: str = ""
    quantity: str = "1"
    unit_price: str = ""
    currency: str = ""
    order: str = ""
    query: str = ""
    store: str = ""
