import pytest


@pytest.fixture
def recommenders(settings):
    """Declares recommenders of this folder: alias → (class name, options)."""

    def declare(**declared):
        settings.PERSONALIZATION = {
            **settings.PERSONALIZATION,
            "RECOMMENDERS": {
                alias: {"BACKEND": f"tests.learning.recommenders.{name}", "OPTIONS": options}
                for alias, (name, options) in declared.items()
            },
        }

    return declare
