from django.shortcuts import redirect, render

from tests.hosts.tutorial.cart.cart import Cart
from tests.hosts.tutorial.orders.forms import OrderCreateForm
from tests.hosts.tutorial.orders.models import OrderItem


def order_create(request):
    cart = Cart(request)
    if request.method == "POST":
        form = OrderCreateForm(request.POST)
        if form.is_valid() and len(cart):
            order = form.save()
            for item in cart:
                OrderItem.objects.create(
                    order=order, product=item["product"], price=item["price"], quantity=item["quantity"]
                )
            # clear the cart
            cart.clear()
            # set the order in the session
            request.session["order_id"] = order.id
            # redirect for payment
            return redirect("payment:process")
    else:
        form = OrderCreateForm()
    return render(request, "orders/order/create.html", {"cart": cart, "form": form})
