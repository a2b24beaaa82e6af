"""The first page of the app in the admin: what runs, what needs somebody, how it does, and the ways to everything."""

from personalization.admin.overview.page import overview

__all__ = ["overview"]
