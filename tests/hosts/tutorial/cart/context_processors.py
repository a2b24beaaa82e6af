from tests.hosts.tutorial.cart.cart import Cart


def cart(request):
    return {"cart": Cart(request)}
