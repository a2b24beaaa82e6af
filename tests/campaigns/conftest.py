import pytest

from tests.campaigns.running import SLOTS
from tests.served import CATALOG, Shop


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": SLOTS}
    return Shop()
