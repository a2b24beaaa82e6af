from django.db.models import Q

from personalization.adapters import DeclarativeAdapter


class ShopAdapter(DeclarativeAdapter):
    product_model = "shop.Product"
    order_model = "orders.Order"
    order_counts = Q(paid=True)
    order_email_field = "email"
