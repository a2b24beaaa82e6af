from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("account/", include("django.contrib.auth.urls")),
    path("cart/", include("tests.hosts.tutorial.cart.urls")),
    path("orders/", include("tests.hosts.tutorial.orders.urls")),
    path("payment/", include("tests.hosts.tutorial.payment.urls")),
    path("personalization/", include("personalization.urls")),  # personalization
    path("", include("tests.hosts.tutorial.shop.urls")),
]
