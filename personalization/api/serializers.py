"""The shapes of our documents, for the OpenAPI description. Answers are written without them: that is faster."""

from __future__ import annotations

from rest_framework import serializers

from personalization.capture.beacon_row import QUERY_LENGTH, SERVER_KINDS
from personalization.capture.cell import ORDER_LENGTH
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


class CampaignSerializer(serializers.Serializer[None]):
    number = serializers.IntegerField()
    headline = serializers.CharField()
    text = serializers.CharField()
    link = serializers.CharField(help_text="Empty when it leads nowhere.")
    image = serializers.CharField(help_text="Empty when there is none.")
    promotion = serializers.CharField(help_text="The title of a promotion; empty when there is none.")
    code = serializers.CharField(help_text="The code of the promotion, when this visitor may use one.")


class AnswerSerializer(serializers.Serializer[None]):
    recommendation_id = serializers.CharField()
    token = serializers.CharField(
        help_text="Send it back with impressions and clicks. Empty: a campaign slot shows nothing."
    )
    slot = serializers.CharField()
    mode = serializers.ChoiceField(choices=[mode.value for mode in Mode])
    items = ItemSerializer(many=True)
    campaign = CampaignSerializer(
        required=False, allow_null=True, help_text="Of campaign slots: null when there is nothing to show."
    )
    held_out = serializers.BooleanField(
        required=False,
        help_text="Of campaign slots: nothing is shown, and the impression is told all the same.",
    )


class BlocksSerializer(serializers.Serializer[None]):
    blocks = serializers.ListField(
        child=serializers.CharField(help_text="HTML; empty when nothing is shown.")
    )


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


class EventSerializer(serializers.Serializer[None]):
    id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{8,64}$", help_text="Made by the sender, once for each event. Best a random UUID."
    )
    kind = serializers.ChoiceField(
        choices=list(SERVER_KINDS), help_text="purchase and refund: only with a server's key."
    )
    item = serializers.CharField(
        max_length=KEY_LENGTH,
        required=False,
        help_text="The shop's own key. Every kind but search needs it; not for a campaign itself.",
    )
    time = serializers.DateTimeField(
        required=False, help_text="Default, and where it is not plausible: when the request arrives."
    )
    token = serializers.CharField(
        required=False, help_text="Of the answer that showed the item; impression and click need it."
    )
    quantity = serializers.DecimalField(
        max_digits=12, decimal_places=3, required=False, help_text="Of carts and sales. Default 1."
    )
    query = serializers.CharField(max_length=QUERY_LENGTH, required=False, help_text="Of search.")
    unit_price = serializers.DecimalField(
        max_digits=15, decimal_places=4, required=False, help_text="Of sales, in major units."
    )
    currency = serializers.CharField(max_length=3, required=False, help_text="Of sales: ISO 4217.")
    order = serializers.CharField(max_length=ORDER_LENGTH, required=False, help_text="Of sales.")


class EventsSerializer(serializers.Serializer[None]):
    events = EventSerializer(many=True, help_text="1 to 500.")


class VerdictSerializer(serializers.Serializer[None]):
    id = serializers.CharField()
    verdict = serializers.ChoiceField(choices=["stored", "duplicate", "rejected", "dropped"])
    reason = serializers.CharField(
        required=False, help_text="Why it was dropped: no_consent, refused, erased or closed."
    )
    field = serializers.CharField(required=False, help_text="What it was rejected for.")
    code = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    clock = serializers.BooleanField(required=False, help_text="The server's time is stored.")
    ignored = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Fields that mean nothing here."
    )


class VerdictsSerializer(serializers.Serializer[None]):
    stored = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()
    dropped = serializers.DictField(child=serializers.IntegerField(), help_text="Reason → how many.")
    corrected = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="clock: times that were not plausible; cookie: one that we did not sign.",
    )
    verdicts = VerdictSerializer(many=True)


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


class ChoiceSerializer(serializers.Serializer[None]):
    asked = serializers.BooleanField(help_text="A choice was made.")
    agreed = serializers.BooleanField(help_text="The visitor may be known.")
    required = serializers.BooleanField(  # type: ignore[assignment]  # never asked for its own option
        help_text="Nobody is known before agreeing."
    )
    signals = serializers.BooleanField(help_text="The browser itself refuses, and that is honored.")


class NewChoiceSerializer(serializers.Serializer[None]):
    agreed = serializers.BooleanField()


class EraseSerializer(serializers.Serializer[None]):
    confirmed = serializers.BooleanField(help_text="Must be true.")


class ErasedSerializer(serializers.Serializer[None]):
    people = serializers.IntegerField(help_text="0 when nothing was known.")
    removed = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by kind.")
    refusal_kept = serializers.BooleanField(help_text="That the visitor had refused is kept, without a name.")
