"""Shops that have nothing in common, each with personalization installed as its documentation says."""
