"""A shop with products and customers in an empty database: ``python -m tests.load.fill``."""

import django

PRODUCTS = 40
CUSTOMERS = ("ann", "bob")
PASSWORD = "a long road"


def sku(number):
    return f"load-{number % PRODUCTS}"


def fill():
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from shop_demo.models import Category, Product

    call_command("migrate", verbosity=0)
    category = Category.objects.create(name="Load", slug="load")
    Product.objects.bulk_create(
        Product(sku=sku(number), name=f"Load {number}", category=category, price=1, stock=1)
        for number in range(PRODUCTS)
    )
    for name in CUSTOMERS:
        User.objects.create_user(name, password=PASSWORD)


if __name__ == "__main__":
    django.setup()
    fill()
