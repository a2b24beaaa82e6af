from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from shop_demo import checkout, views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.ProductList.as_view(), name="products"),
    path("products/<str:sku>/", views.product, name="product"),
    path("products/<str:sku>/rate/", views.rate_product, name="rate"),
    path("cart/", checkout.cart, name="cart"),
    path("cart/codes/", checkout.change_codes, name="change_codes"),
    path("cart/<str:sku>/", checkout.put_into_cart, name="put_into_cart"),
    path("checkout/", checkout.place_order, name="place_order"),
    path("orders/", checkout.orders, name="orders"),
    path("orders/<str:number>/", checkout.order, name="order"),
    path("orders/<str:number>/cancel/", checkout.cancel_order, name="cancel_order"),
    path("pictures/<str:sku>.svg", views.picture, name="picture"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("store/", views.change_store, name="choose_store"),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("personalization/", include("personalization.urls")),  # personalization
]
