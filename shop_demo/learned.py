"""What a rebuild has learned, as lines for the terminal."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.management import call_command

from shop_demo.models import Product
from shop_demo.seed.people import PERSONAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shop_demo.seed.people import Persona

HEAD = (
    "recommender",
    "items",
    "visitors",
    "table kB",
    "seconds",
    "peak MB",
    "Recall@10",
    "NDCG@10",
    "popularity",
)


def ask(command: str, *options: str) -> dict[str, Any]:
    """What one of the app's commands answers with ``--json``."""
    answer = StringIO()
    call_command(command, *options, "--json", stdout=answer)
    return dict(json.loads(answer.getvalue()))


def recommender_lines(recommenders: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A table of every recommender beside plain popularity, tried on the newest fifth of the time."""
    rows = [HEAD, *(_row(alias, learned) for alias, learned in recommenders.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join([name.ljust(widths[0]), *cells])


def _row(alias: str, learned: Mapping[str, Any]) -> tuple[str, ...]:
    metrics = learned["metrics"]
    return (
        alias,
        f"{learned['items']:,}",
        f"{learned['visitors']:,}",
        f"{learned['bytes'] / 1024:.0f}",
        f"{learned['seconds']:.2f}",
        f"{learned['peak_rss_mb']:.0f}",
        _figure(metrics, "recall@10"),
        _figure(metrics, "ndcg@10"),
        _figure(metrics.get("popularity", {}), "ndcg@10"),
    )


def _figure(metrics: Mapping[str, Any], name: str) -> str:
    return f"{metrics[name]:.3f}" if name in metrics else "–"


def shopper_lines(persona: Persona, *, count: int) -> Iterator[str]:
    """What one of the demo's people is shown, and why."""
    user = User.objects.get(username=persona.shopper.username)
    answer = ask("recommend", f"--user={user.pk}", f"--count={count}")
    names = dict(Product.objects.filter(sku__in=_keys(answer)).values_list("sku", "name"))
    yield f"{persona.name} {persona.blurb} ({answer['mode']}):"
    for item in answer["items"]:
        yield f"  {names.get(item['item'], item['item']):<34} {item['reason']['text']}"


def _keys(answer: Mapping[str, Any]) -> list[str]:
    return [item["item"] for item in answer["items"]]


def all_shopper_lines(*, count: int = 4) -> Iterator[str]:
    for persona in PERSONAS:
        yield from shopper_lines(persona, count=count)
