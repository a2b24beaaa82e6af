from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from shop_demo.learned import all_shopper_lines, ask, recommender_lines
from shop_demo.management.commands.seed_shop import ADMIN_NAME, ADMIN_PASSWORD
from shop_demo.seed.coupons import write_coupons
from shop_demo.seed.offers import BIG_CARTS, CODE, TENTS, write_offers
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Command(BaseCommand):
    help = (
        "Migrate, fill the demo shop, learn, print what was learned, and serve it. Repeating it is harmless."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="end after printing what was learned")
        parser.add_argument(
            "--customers", type=int, default=1500, help="fewer learn sooner (default: %(default)s)"
        )
        parser.add_argument(
            "--address", default="127.0.0.1:8000", help="where to serve (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.started = time.monotonic()
        self._step("Migrating the database")
        call_command("migrate", verbosity=0, interactive=False)
        self._step("Filling the shop and importing its past")
        call_command("seed_shop", customers=options["customers"], stdout=self.stdout)
        write_offers(at=datetime.now(UTC))
        write_coupons(at=datetime.now(UTC))
        self._step("Learning")
        learned = ask("rebuild_recommendations")
        self._step("Learned")
        self._print(_report_lines(learned["report"]))
        self._print(recommender_lines(learned["recommenders"]))
        self._step("Recommended for four people, and why")
        self._print(all_shopper_lines())
        self._step("Ready")
        self._print(_sign_in_lines(options["address"]))
        if not options["no_serve"]:
            call_command("runserver", options["address"], use_reloader=False, stdout=self.stdout)

    def _step(self, text: str) -> None:
        seconds = time.monotonic() - self.started
        self.stdout.write(self.style.MIGRATE_HEADING(f"\n[{seconds:5.1f} s] {text}"))
        self.stdout.flush()

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
        self.stdout.flush()


def _report_lines(report: dict[str, Any]) -> list[str]:
    events = report["events"]
    shop = f"{report['visitors']:,} visitors and {report['items']:,} items"
    return [
        f"{events['read']:,} events read, {events['kept']:,} usable, of {shop}, in {report['seconds']:.1f} s.",
        "Each recommender was tried on the newest fifth of the time; the last column is plain popularity's NDCG@10.",
    ]


def _sign_in_lines(address: str) -> list[str]:
    names = ", ".join(persona.shopper.username for persona in PERSONAS)
    return [
        f"Shop   http://{address}/          sign in as {names} (password: {DEMO_PASSWORD})",
        f"Offers {BIG_CARTS.title}; with the code {CODE}: {TENTS.title}",
        f"Admin  http://{address}/admin/    {ADMIN_NAME} / {ADMIN_PASSWORD}",
        "These are a demo's logins: change them before anybody else can reach this server.",
    ]
