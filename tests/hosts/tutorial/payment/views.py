import hmac
import json

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tests.hosts.tutorial.orders.models import Order


def payment_process(request):
    order = get_object_or_404(Order, id=request.session.get("order_id"))
    return render(request, "payment/process.html", {"order": order})


def payment_completed(request):
    order = get_object_or_404(Order, id=request.session.get("order_id"))
    return render(request, "payment/completed.html", {"order": order})


@csrf_exempt
@require_POST
def webhook(request):
    """The payment provider calls: no user, no session, no cookies."""
    signature = hmac.new(settings.PAYMENT_WEBHOOK_SECRET.encode(), request.body, "sha256").hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("Payment-Signature", "")):
        return HttpResponse(status=400)
    event = json.loads(request.body)
    if event["type"] == "payment.succeeded":
        order = get_object_or_404(Order, id=event["order"])
        order.paid = True
        order.payment_id = event["payment"]
        order.save()
    return HttpResponse(status=200)
