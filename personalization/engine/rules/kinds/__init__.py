"""The built-in kinds of condition."""

from typing import Final

from personalization.engine.rules.kind import Kind
from personalization.engine.rules.kinds.amount import CartSubtotal, ItemPrice
from personalization.engine.rules.kinds.dates import ContextDates
from personalization.engine.rules.kinds.flag import VisitorHoldout, VisitorReturning, VisitorSignedIn
from personalization.engine.rules.kinds.hours import ContextHours, ContextWeekday
from personalization.engine.rules.kinds.moments import (
    BoughtBrand,
    BoughtCategory,
    BoughtItem,
    BoughtTag,
    ViewedBrand,
    ViewedCategory,
    ViewedItem,
    ViewedTag,
)
from personalization.engine.rules.kinds.number import CartQuantity, ItemStock
from personalization.engine.rules.kinds.orders import VisitorOrders, VisitorSpent
from personalization.engine.rules.kinds.segment import VisitorSegment
from personalization.engine.rules.kinds.since import ItemAge, VisitorLastOrder, VisitorLastSeen
from personalization.engine.rules.kinds.text import (
    CartCurrency,
    ContextDevice,
    ContextLanguage,
    ContextStore,
    ItemAttribute,
    ItemBrand,
    ItemCategory,
    ItemKey,
    VisitorCountry,
)
from personalization.engine.rules.kinds.texts import (
    CartHasBrand,
    CartHasCategory,
    CartHasItem,
    CartHasTag,
    ContextCode,
    ItemTag,
)

#: In the order forms offer them.
BUILT_IN: Final[tuple[type[Kind], ...]] = (
    CartSubtotal,
    CartQuantity,
    CartHasItem,
    CartHasCategory,
    CartHasBrand,
    CartHasTag,
    CartCurrency,
    VisitorReturning,
    VisitorOrders,
    VisitorSpent,
    VisitorLastOrder,
    BoughtItem,
    BoughtCategory,
    BoughtBrand,
    BoughtTag,
    ViewedItem,
    ViewedCategory,
    ViewedBrand,
    ViewedTag,
    VisitorLastSeen,
    VisitorSignedIn,
    VisitorSegment,
    VisitorHoldout,
    VisitorCountry,
    ItemKey,
    ItemCategory,
    ItemBrand,
    ItemPrice,
    ItemStock,
    ItemAge,
    ItemTag,
    ItemAttribute,
    ContextDates,
    ContextWeekday,
    ContextHours,
    ContextStore,
    ContextDevice,
    ContextLanguage,
    ContextCode,
)
