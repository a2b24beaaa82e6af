"""From tables and a history to ordered items, and back from an item to what spoke for it. numpy only."""

from personalization.engine.ranking.contributions import Contributions, gather
from personalization.engine.ranking.explain import explain
from personalization.engine.ranking.listed import put_first, refresh
from personalization.engine.ranking.score import Scored, Scratch, score_history

__all__ = ["Contributions", "Scored", "Scratch", "explain", "gather", "put_first", "refresh", "score_history"]
