"""All that personalization must know of this shop."""

from django.db.models import Q

from personalization.adapters import DeclarativeAdapter


class ShopAdapter(DeclarativeAdapter):
    product_model = "shop_demo.Product"
    key_field = "sku"
    category_field = "category__name"
    tags_field = "tags"
    currency = "EUR"
    available = Q(available=True, stock__gt=0)
