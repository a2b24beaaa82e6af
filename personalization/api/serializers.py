"""The shapes of our documents, for the OpenAPI description. Answers are written without them: that is faster."""

from __future__ import annotations

from rest_framework import serializers

from personalization.capture.rate import TEXT_LENGTH
from personalization.engine.ids import KEY_LENGTH
from personalization.engine.types import Mode, ReasonCode


class ReasonSerializer(serializers.Serializer[None]):
    code = serializers.ChoiceField(choices=[code.value for code in ReasonCode])
    text = serializers.CharField(help_text="The reason in the visitor's language.")
    evidence = serializers.ListField(
        child=serializers.CharField(),
        help_text="Keys of the visitor's own items that spoke for this one, largest contribution first.",
    )


class ItemSerializer(serializers.Serializer[None]):
    item = serializers.CharField(help_text="The shop's own key.")
    title = serializers.CharField()
    url = serializers.CharField(help_text="Empty when the item has no page.")
    image = serializers.CharField(help_text="Empty when the item has no image.")
    price = serializers.CharField(help_text="Decimal text in major units; empty when unknown.")
    currency = serializers.CharField(help_text="ISO 4217; empty when unknown.")
    category = serializers.CharField()
    score = serializers.FloatField()
    reason = ReasonSerializer()


class AnswerSerializer(serializers.Serializer[None]):
    recommendation_id = serializers.CharField()
    token = serializers.CharField(help_text="Send it back with impressions and clicks.")
    slot = serializers.CharField()
    mode = serializers.ChoiceField(choices=[mode.value for mode in Mode])
    items = ItemSerializer(many=True)


class ScaleSerializer(serializers.Serializer[None]):
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class RatingSerializer(serializers.Serializer[None]):
    item = serializers.CharField()
    value = serializers.IntegerField()
    scale = ScaleSerializer()
    text = serializers.CharField()
    rated_at = serializers.DateTimeField()


class NewRatingSerializer(serializers.Serializer[None]):
    item = serializers.CharField(max_length=KEY_LENGTH)
    value = serializers.IntegerField(help_text="A whole number on the shop's scale.")
    text = serializers.CharField(max_length=TEXT_LENGTH, required=False, allow_blank=True)


class FieldErrorSerializer(serializers.Serializer[None]):
    field = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[None]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]  # never asked for errors itself
