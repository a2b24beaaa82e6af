from django.urls import URLPattern

app_name = "personalization"
urlpatterns: list[URLPattern] = []
