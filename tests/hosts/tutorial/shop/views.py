from django.shortcuts import get_object_or_404, render

from tests.hosts.tutorial.cart.forms import CartAddProductForm
from tests.hosts.tutorial.shop.models import Category, Product


def product_list(request, category_slug=None):
    category = None
    categories = Category.objects.all()
    products = Product.objects.filter(available=True)
    if category_slug:
        category = get_object_or_404(Category, slug=category_slug)
        products = products.filter(category=category)
    return render(
        request,
        "shop/list.html",
        {"category": category, "categories": categories, "products": products},
    )


def product_detail(request, id, slug):  # noqa: A002 - as the book has it
    product = get_object_or_404(Product, id=id, slug=slug, available=True)
    return render(
        request, "shop/detail.html", {"product": product, "cart_product_form": CartAddProductForm()}
    )
