from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.learning.rebuild import rebuild
from personalization.management.json_command import JsonCommand, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "Learn recommendations from everything that happened, and publish them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recommender", metavar="ALIAS", help="only this one; default: all")
        parser.add_argument("--as-of", metavar="ISO", help="ignore events at or after this instant")
        parser.add_argument("--tenant", default="", help="whose data; default: the only tenant")
        parser.add_argument(
            "--most-per-visitor",
            type=int,
            metavar="N",
            help="only the newest N events of each visitor count; default: the setting MOST_PER_VISITOR",
        )

        parser.add_argument(
            "--changed",
            action="store_true",
            help="leave alone what has not changed, and update item tables row by row where that gives the same",
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        alias, as_of = options["recommender"], options["as_of"]
        return rebuild(
            tenant=options["tenant"],
            aliases=None if alias is None else [alias],
            as_of=None if as_of is None else parse_instant("as_of", as_of),
            most_per_visitor=options["most_per_visitor"],
            changed=options["changed"],
        )

    def show(self, result: Mapping[str, Any]) -> list[str]:
        report, recommenders = result["report"], result["recommenders"]
        events = report["events"]
        people, items = report["visitors"], report["items"]
        return [
            f"{events['read']} events read, {events['kept']} usable: {people} visitors, {items} items",
            *(f"  left out: {count} {reason}" for reason, count in _left_out(events)),
            *_table(recommenders),
            *(
                f"  {alias}: {trained['how']}"
                for alias, trained in recommenders.items()
                if trained["how"] != "learned"
            ),
            f"published in {report['seconds']:.1f} s (run #{report['run']})",
        ]


def _left_out(events: Mapping[str, Any]) -> list[tuple[str, int]]:
    reasons = {
        "by bots, staff or prefetching": events["flagged"],
        "refunds": events["refunds"],
        "purchases that were cancelled": events["cancelled"],
        "repeats": events["duplicates"],
        "of items that their visitor rates low": events["disliked"],
        "by visitors with too many at once": events["spikes"],
        "of one item by one visitor, too many on a day": events["bursts"],
        "older than a visitor's newest": events["capped"],
        **{f"{kind} (no weight)": count for kind, count in events["without_weight"].items()},
    }
    return [(reason, count) for reason, count in reasons.items() if count]


def _table(recommenders: Mapping[str, Mapping[str, Any]]) -> list[str]:
    head = ("recommender", "build", "items", "MB", "MB at most", "seconds", "peak MB", "NDCG@10")
    rows = [head, *(_row(alias, trained) for alias, trained in recommenders.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(alias: str, trained: Mapping[str, Any]) -> tuple[str, ...]:
    ndcg = trained["metrics"].get("ndcg@10")
    return (
        alias,
        f"#{trained['build']}",
        str(trained["items"]),
        f"{trained['bytes'] / (1 << 20):.2f}",
        f"{trained['expected_bytes'] / (1 << 20):.2f}",
        f"{trained['seconds']:.1f}",
        f"{trained['peak_rss_mb']:.0f}",
        "–" if ndcg is None else f"{ndcg:.4f}",
    )
