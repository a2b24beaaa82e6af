from __future__ import annotations


def test_the_shop_learns_more_than_popularity(
    learned_shop: dict[str, dict[str, dict[str, dict[str, float]]]], db: None
) -> None:
    for alias in ("auto", "item-cosine"):
        metrics = learned_shop["recommenders"][alias]["metrics"]
        assert metrics["ndcg@10"] > metrics["popularity"]["ndcg@10"]  # type: ignore[index]
