from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tests.hosts.tutorial.cart.cart import Cart
from tests.hosts.tutorial.cart.forms import CartAddProductForm
from tests.hosts.tutorial.shop.models import Product


@require_POST
def cart_add(request, product_id):
    cart = Cart(request)
    product = get_object_or_404(Product, id=product_id)
    form = CartAddProductForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        cart.add(product=product, quantity=data["quantity"], override_quantity=data["override"])
    return redirect("cart:cart_detail")


@require_POST
def cart_remove(request, product_id):
    cart = Cart(request)
    product = get_object_or_404(Product, id=product_id)
    cart.remove(product)
    return redirect("cart:cart_detail")


def cart_detail(request):
    return render(request, "cart/detail.html", {"cart": Cart(request)})
