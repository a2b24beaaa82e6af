"""Three orders, as the adapter reads them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from personalization.adapters import Adapter
from personalization.engine.types import IdentityKind
from personalization.management.doctor import candidates
from personalization.management.doctor.finding import error, fine, warning
from personalization.management.doctor.proposal import order_lines
from personalization.management.doctor.visit import SAMPLE, day, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.engine.types import Identity, OrderRecord
    from personalization.management.doctor.finding import Finding
    from personalization.management.doctor.visit import Visit

ABOUT: Final = "Orders"
_DAY: Final = 86_400_000_000
#: How far back is looked, in days, before all orders are.
_WINDOWS: Final = (1, 30, 365)


def look(visit: Visit) -> Iterator[Finding]:
    if not are_read(visit):
        yield _not_read(visit)
        return
    records = recent_orders(visit)
    if not records:
        yield warning(ABOUT, "None counts yet. Come back after the first, or look at `order_counts`.")
        return
    for record in records:
        yield _seen(record)
    yield from _found_again(visit, records)
    yield from _lines(visit, records)
    if not any(record.identity for record in records):
        text = "Nobody is known to have placed them: nothing can be learned about people."
        yield warning(ABOUT, text, add='order_user_field = "…"  # or order_email_field', to=visit.file)
    if not any(record.currency for record in records):
        yield warning(ABOUT, "They have no currency.", add='currency = "EUR"', to=visit.file)
    if any(record.placed_at > visit.now + _DAY for record in records):
        yield error(ABOUT, "One was placed in the future. Look at order_date_field and at TIME_ZONE.")


def recent_orders(visit: Visit) -> list[OrderRecord]:
    """A few recent ones, without reading all there ever were if it can be helped."""
    records: list[OrderRecord] = []
    for since in (*(visit.now - days * _DAY for days in _WINDOWS), 0):
        records = list(islice(visit.adapter.iter_orders(since, visit.tenant), SAMPLE))
        if len(records) == SAMPLE:
            break
    return records


def are_read(visit: Visit) -> bool:
    """Whether the adapter has orders to tell of."""
    declared = visit.declares()
    overridden = type(visit.adapter).iter_orders is not Adapter.iter_orders
    if declared is None or type(declared).iter_orders.__module__ != "personalization.adapters.orders":
        return overridden
    return bool(declared.order_model)


def _not_read(visit: Visit) -> Finding:
    text = "The adapter does not read orders: only what your code tells with track() is known of them."
    declared = visit.declares()
    if declared is None:
        return warning(ABOUT, text, add="def iter_orders(self, since, tenant=''): …", to=visit.file)
    found = candidates.find(declared.model())
    lines = order_lines(found) if found and found.order else ['order_model = "…"  # none was found']
    return warning(ABOUT, text, add="\n".join(lines), to=visit.file)


def _seen(record: OrderRecord) -> Finding:
    parts = [record.key, day(record.placed_at), some(len(record.lines), "line"), _whose(record.identity)]
    parts += [f"{some(len(record.refunds), 'refund')}"] if record.refunds else []
    parts += ["cancelled"] if record.cancelled else []
    return fine(ABOUT, " · ".join([*parts, record.currency or "no currency"]))


def _whose(identity: Identity | None) -> str:
    """Addresses are not printed: what a command says ends up in logs."""
    if identity is None:
        return "nobody's"
    if identity.kind == IdentityKind.EMAIL:
        name, _, host = identity.key.rpartition("@")
        return f"of {name[:1]}…@{host}"
    return f"of user {identity.key}"


def _found_again(visit: Visit, records: list[OrderRecord]) -> Iterator[Finding]:
    for record in records:
        if visit.adapter.find_order(record.key, visit.tenant) != record:
            text = f"find_order({record.key!r}) does not tell the same as iter_orders(): it would be stored twice."
            yield error(ABOUT, text)
            return


def _lines(visit: Visit, records: list[OrderRecord]) -> Iterator[Finding]:
    items = {line.item for record in records for line in record.lines}
    if not items:
        yield warning(ABOUT, "They have no lines of products. Look at lines_name and line_product_field.")
        return
    parents = visit.adapter.canonical_keys(items, visit.tenant)
    wanted = {parents.get(item, item) for item in items}
    known = {record.key for record in visit.adapter.find_items(wanted, visit.tenant)}
    if not known:
        text = f"The adapter knows no product of their lines, such as {min(wanted)!r}."
        yield error(ABOUT, f"{text} Look at key_field and line_product_field.")
    elif lost := wanted - known:
        yield warning(
            ABOUT, f"{len(lost)} of {some(len(wanted), 'product')} in their lines are not known any more."
        )
