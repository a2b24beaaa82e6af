"""The shapes of documents about offers, for the OpenAPI description."""

from __future__ import annotations

from rest_framework import serializers

from personalization.engine.ids import KEY_LENGTH
from personalization.engine.promotions import RefusalCode
from personalization.promotions.redeem import ORDER_LENGTH
from personalization.promotions.request import MOST_CODES
from personalization.promotions.reserve import MINUTES, MOST_MINUTES
from personalization.promotions.result import HoldState

_AMOUNT = "Decimal text in major units."


class CartLineSerializer(serializers.Serializer[None]):
    item = serializers.CharField(max_length=KEY_LENGTH)
    quantity = serializers.CharField(required=False, help_text="Decimal text. Default 1.")
    unit_price = serializers.CharField(
        required=False, help_text=f"{_AMOUNT} Default: that of the item's card."
    )
    key = serializers.CharField(
        required=False, max_length=KEY_LENGTH, help_text="The shop's own, for the shares."
    )


class CartSerializer(serializers.Serializer[None]):
    currency = serializers.CharField(max_length=3, help_text="ISO 4217.")
    lines = CartLineSerializer(many=True)


class QuoteSerializer(serializers.Serializer[None]):
    codes = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MOST_CODES,
        help_text="What the shopper typed.",
    )
    cart = CartSerializer(required=False, help_text="Only with a server's key. Default: the session's.")
    email = serializers.CharField(
        required=False, help_text="Only with a server's key: a guest's address, for limits of a person."
    )


class ReserveSerializer(QuoteSerializer):
    minutes = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_MINUTES, help_text=f"Default {MINUTES}."
    )


class ShareSerializer(serializers.Serializer[None]):
    line = serializers.CharField()
    item = serializers.CharField()
    amount = serializers.CharField(help_text=_AMOUNT)


class AppliedOfferSerializer(serializers.Serializer[None]):
    promotion = serializers.IntegerField()
    title = serializers.CharField()
    code = serializers.CharField(help_text="Empty where none is needed.")
    amount = serializers.CharField(help_text=_AMOUNT)
    shares = ShareSerializer(many=True, help_text="They sum to the amount.")


class RefusedOfferSerializer(serializers.Serializer[None]):
    code = serializers.CharField(help_text="Empty for an offer that needs none.")
    title = serializers.CharField(help_text="Empty where the code must not be found out.")
    reason = serializers.ChoiceField(choices=[code.value for code in RefusalCode])
    text = serializers.CharField(help_text="The reason in the shopper's language.")
    missing = serializers.CharField(allow_null=True, help_text="How much more would do.")
    unit = serializers.CharField(help_text="A currency; empty for pieces.")


class CartOffersSerializer(serializers.Serializer[None]):
    currency = serializers.CharField()
    subtotal = serializers.CharField(help_text=_AMOUNT)
    discount = serializers.CharField(help_text=_AMOUNT)
    total = serializers.CharField(help_text=_AMOUNT)
    applied = AppliedOfferSerializer(many=True)
    refused = RefusedOfferSerializer(many=True)


class HeldSerializer(serializers.Serializer[None]):
    key = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in HoldState])
    promotion = serializers.IntegerField()
    code = serializers.CharField()
    amount = serializers.CharField(help_text=_AMOUNT)
    currency = serializers.CharField()
    shares = ShareSerializer(many=True)
    order = serializers.CharField()
    reserved_until = serializers.DateTimeField()


class OfferResultSerializer(serializers.Serializer[None]):
    held = HeldSerializer(allow_null=True, help_text="Null when nothing applies.")
    refused = RefusedOfferSerializer(many=True)


class RedeemSerializer(serializers.Serializer[None]):
    key = serializers.CharField(max_length=KEY_LENGTH)
    order = serializers.CharField(max_length=ORDER_LENGTH)


class ReleaseSerializer(serializers.Serializer[None]):
    key = serializers.CharField(max_length=KEY_LENGTH, required=False)
    order = serializers.CharField(max_length=ORDER_LENGTH, required=False)


class ReleasedSerializer(serializers.Serializer[None]):
    released = HeldSerializer(many=True)
