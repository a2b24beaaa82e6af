"""The shapes of what is wanted and of what is found, for the OpenAPI description."""

from __future__ import annotations

from rest_framework import serializers

from personalization.engine.ids import KEY_LENGTH
from personalization.engine.knowledge import Better, Change

_FACT = "category, brand, tags, price or attribute:<name>."


class RequirementSerializer(serializers.Serializer[None]):
    field = serializers.CharField(help_text=_FACT)
    is_not = serializers.ListField(child=serializers.CharField(), required=False)
    at_most = serializers.FloatField(required=False)
    at_least = serializers.FloatField(required=False)
    less_than = serializers.FloatField(required=False)
    more_than = serializers.FloatField(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        texts = serializers.ListField(
            child=serializers.CharField(),
            required=False,
            help_text="A text, or several of which one must hold. One operator for each requirement.",
        )
        return {**super().get_fields(), "is": texts}  # a word that Python keeps for itself


class PreferenceSerializer(RequirementSerializer):
    weight = serializers.FloatField(required=False, default=1.0)


class UtilitySerializer(serializers.Serializer[None]):
    field = serializers.CharField(help_text="price or attribute:<name>.")
    better = serializers.ChoiceField(choices=[better.value for better in Better])
    weight = serializers.FloatField(required=False, default=1.0)
    low = serializers.FloatField(required=False, help_text="Default: the least of what fits.")
    high = serializers.FloatField(required=False, help_text="Default: the largest of what fits.")
    target = serializers.FloatField(required=False, help_text="Of near.")


class CritiqueSerializer(serializers.Serializer[None]):
    field = serializers.CharField(help_text=_FACT)
    change = serializers.ChoiceField(choices=[change.value for change in Change])


class WishSerializer(serializers.Serializer[None]):
    must = RequirementSerializer(many=True, required=False)
    should = PreferenceSerializer(many=True, required=False)
    utility = UtilitySerializer(many=True, required=False)
    like = serializers.CharField(
        max_length=KEY_LENGTH, required=False, help_text="The key of an item that the one sought resembles."
    )
    critiques = CritiqueSerializer(many=True, required=False, help_text="In what it differs from that one.")
    count = serializers.IntegerField(min_value=1, max_value=100, required=False, default=12)


class ToldSerializer(RequirementSerializer):
    text = serializers.CharField(help_text="The requirement in the visitor's language.")


class AdvisedItemSerializer(serializers.Serializer[None]):
    item = serializers.CharField(help_text="The shop's own key.")
    title = serializers.CharField()
    url = serializers.CharField(help_text="Empty when the item has no page.")
    image = serializers.CharField(help_text="Empty when the item has no image.")
    price = serializers.CharField(help_text="Decimal text in major units; empty when unknown.")
    currency = serializers.CharField(help_text="ISO 4217; empty when unknown.")
    category = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1.")
    satisfied = ToldSerializer(many=True)
    violated = ToldSerializer(many=True)


class AlternativeSerializer(serializers.Serializer[None]):
    dropped = ToldSerializer(many=True)
    items = serializers.IntegerField(help_text="How many would be left.")


class AdviceSerializer(serializers.Serializer[None]):
    items = AdvisedItemSerializer(many=True)
    total = serializers.IntegerField(help_text="How many items meet the musts that were kept.")
    relaxed = ToldSerializer(many=True, help_text="Musts that were given up.")
    alternatives = AlternativeSerializer(many=True, help_text="What could be given up instead.")
