"""Stored events → the interactions that recommenders learn from, and a report of what was left out and why."""

from personalization.learning.preprocess.cleaning import Cleaned, clean
from personalization.learning.preprocess.prepared import Prepared, prepare

__all__ = ["Cleaned", "Prepared", "clean", "prepare"]
