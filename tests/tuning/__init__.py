"""How defaults are chosen on real purchases: opt-in, and only on what lies before a file's end."""
