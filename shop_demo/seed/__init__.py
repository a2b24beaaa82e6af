"""A year in the life of a small outdoor shop, drawn from one seed."""
