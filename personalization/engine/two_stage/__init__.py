"""Two-stage ranking without the ranker: label windows, candidates from many tables, and features as of an instant."""
