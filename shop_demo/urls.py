from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from shop_demo import account, checkout, listing, orders, product, views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/", listing.ProductList.as_view(), name="products"),
    path("products/<str:sku>/", product.product, name="product"),
    path("products/<str:sku>/rate/", product.rate_product, name="rate"),
    path("cart/", checkout.cart, name="cart"),
    path("cart/codes/", checkout.change_codes, name="change_codes"),
    path("cart/pieces/", checkout.change_pieces, name="change_pieces"),
    path("cart/<str:sku>/", checkout.put_into_cart, name="put_into_cart"),
    path("checkout/", checkout.check_out, name="check_out"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<str:number>/", orders.order, name="order"),
    path("orders/<str:number>/thanks/", orders.thanks, name="thanks"),
    path("orders/<str:number>/cancel/", orders.cancel_order, name="cancel_order"),
    path("orders/<str:number>/return/", orders.return_order, name="return_order"),
    path("orders/<str:number>/again/", orders.buy_again, name="buy_again"),
    path("account/", account.overview, name="account"),
    path("account/ratings/", account.ratings, name="ratings"),
    path("account/ratings/<str:sku>/", account.change_rating, name="change_rating"),
    path("account/ratings/<str:sku>/delete/", account.delete_rating, name="delete_rating"),
    path("account/recommendations/", account.recommendations, name="recommendations"),
    path("account/recommendations/<str:sku>/hide/", account.hide, name="hide"),
    path("account/coupons/", account.coupons, name="coupons"),
    path("account/details/", account.details, name="details"),
    path("sign-up/", account.SignUp.as_view(), name="sign_up"),
    path("pictures/<str:sku>.svg", product.picture, name="picture"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("become/", views.become, name="become"),
    path("favicon.ico", views.favicon),
    path("store/", views.change_store, name="choose_store"),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("personalization/", include("personalization.urls")),  # personalization
]
