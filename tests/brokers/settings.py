"""The demo shop with a recommender that can be made to take long, and workers that are soon given up."""

from shop_demo.settings import *  # noqa: F403
from shop_demo.settings import PERSONALIZATION as OF_THE_SHOP

PERSONALIZATION = {
    **OF_THE_SHOP,
    "LEASE_SECONDS": 5,
    "RECOMMENDERS": {"slow": {"BACKEND": "tests.learning.recommenders.Slow"}},
}
