import pytest

from tests.served import CATALOG, Shop


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    return Shop()
