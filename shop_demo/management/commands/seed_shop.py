from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalization.adapters import get_adapter
from shop_demo.history import (
    import_crawled,
    import_orders,
    import_products,
    import_ratings,
    import_seen,
    pull_orders,
)
from shop_demo.personal import ShopAdapter
from shop_demo.seed.shop import Year, fill_shop
from shop_demo.seed.truth import write_truth

ADMIN_NAME = ADMIN_PASSWORD = "admin"  # noqa: S105 - printed on the terminal, refused without DEBUG


class Command(BaseCommand):
    help = "Fill the demo shop: 600 products, 1,500 customers and a year of orders. Repeating it is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7, help="another seed, another year")
        parser.add_argument("--customers", type=int, default=1500)
        parser.add_argument("--today", help="ISO date on which the year ends; default: now")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("this makes accounts with public passwords: it runs only with DEBUG=1")
        today = _instant(options["today"])
        year = fill_shop(seed=options["seed"], customers=options["customers"], today=today)
        if not User.objects.filter(username=ADMIN_NAME).exists():
            User.objects.create_superuser(ADMIN_NAME, f"{ADMIN_NAME}@example.com", ADMIN_PASSWORD)
        if year is None:
            self.stdout.write("The shop has products already: nothing to seed.")
        else:
            counts = f"{year.products} products, {year.customers:,} customers, {year.orders:,} orders"
            self.stdout.write(f"Seeded {counts}, {year.lines:,} order lines.")
            self.stdout.write(f"What was planted: {write_truth(year.truth, settings.VAR_DIR)}")
        self._hand_over(year)

    def _hand_over(self, year: Year | None) -> None:
        if isinstance(get_adapter(), ShopAdapter):
            orders, command = pull_orders(), "import_orders"
        else:
            self.stdout.write(f"import_items: {import_products()['stored']:,} products stored.")
            orders, command = import_orders(), "import_events"
        self.stdout.write(f"{command}: {orders['stored']:,} order lines new, {orders['duplicates']:,} known.")
        if year is not None:
            views, carts = import_seen("view", year.views), import_seen("cart_add", year.carts)
            import_crawled(year.bots)
            told = f"{views['stored']:,} page views and {carts['stored']:,} products put into carts stored"
            self.stdout.write(f"import_events: {told}.")
            rated = import_ratings(year.ratings)
            self.stdout.write(f"import_ratings: {rated['stored']:,} ratings stored.")


def _instant(text: str | None) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--today: {text!r} is not an ISO date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
