"""Several recommenders climb the shop's own latest days; the best is published."""

from personalization.engine.ladder.auto import Auto

__all__ = ["Auto"]
