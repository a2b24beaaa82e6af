from django.conf import settings
from django.db.models import Q

from personalization.adapters import DeclarativeAdapter
from personalization.engine.types import Cart, CartLine


class ShopAdapter(DeclarativeAdapter):
    product_model = "shop.Product"
    currency = "USD"
    order_model = "orders.Order"
    order_counts = Q(paid=True)

    def cart(self, request):
        cart = request.session.get(settings.CART_SESSION_ID) or {}
        lines = [CartLine(key, str(line["quantity"]), line["price"]) for key, line in cart.items()]
        return Cart(tuple(lines), self.currency)
