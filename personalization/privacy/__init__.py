"""Consent, erasure, retention, export: what may be known of people, and for how long."""
