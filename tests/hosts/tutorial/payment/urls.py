from django.urls import path

from tests.hosts.tutorial.payment import views

app_name = "payment"
urlpatterns = [
    path("process/", views.payment_process, name="process"),
    path("completed/", views.payment_completed, name="completed"),
    path("webhook/", views.webhook, name="webhook"),
]
