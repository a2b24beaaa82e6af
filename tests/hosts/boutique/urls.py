from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from tests.hosts.boutique import views

urlpatterns = [
    path("", views.home, name="home"),
    path("p/<uuid:key>/", views.product, name="product"),
    path("basket/", views.basket, name="basket"),
    path("basket/put/", views.put_into_basket, name="put_into_basket"),
    path("checkout/", views.check_out, name="check_out"),
    path("thanks/", views.thanks, name="thanks"),
    path("consent/", views.consent, name="consent"),
    path("login/", LoginView.as_view(template_name="boutique/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("personalization/", include("personalization.urls")),  # personalization
]
