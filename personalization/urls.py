from django.urls import path, re_path

from personalization.api.advice import AdviceView
from personalization.api.base import UnknownPathView
from personalization.api.blocks import BlocksView
from personalization.api.events import EventsView
from personalization.api.likes_page import LikesPage
from personalization.api.offers import QuoteView, RedeemView, ReleaseView, ReserveView
from personalization.api.privacy import EraseView, ExportView, PrivacyView
from personalization.api.privacy_page import PrivacyPage
from personalization.api.ratings import RatingsView, RatingView
from personalization.api.schema import SchemaView
from personalization.api.slots import SimilarView, SlotView
from personalization.store.transaction import in_own_transactions

app_name = "personalization"
urlpatterns = [
    path("v1/slots/<str:name>/", SlotView.as_view(), name="slot"),
    path("v1/blocks/", BlocksView.as_view(), name="blocks"),
    path("v1/items/<path:item>/similar/", SimilarView.as_view(), name="similar"),
    path("v1/events/", EventsView.as_view(), name="events"),
    path("v1/advice/", AdviceView.as_view(), name="advice"),
    path("v1/ratings/", RatingsView.as_view(), name="ratings"),
    path("v1/ratings/<path:item>/", RatingView.as_view(), name="rating"),
    path("v1/offers/quote/", QuoteView.as_view(), name="quote"),
    path("v1/offers/reserve/", in_own_transactions(ReserveView.as_view()), name="reserve"),
    path("v1/offers/redeem/", in_own_transactions(RedeemView.as_view()), name="redeem"),
    path("v1/offers/release/", in_own_transactions(ReleaseView.as_view()), name="release"),
    path("v1/privacy/", PrivacyView.as_view(), name="choice"),
    path("v1/privacy/export/", ExportView.as_view(), name="export"),
    path("v1/privacy/erase/", in_own_transactions(EraseView.as_view()), name="erase"),
    path("likes/", in_own_transactions(LikesPage.as_view()), name="likes"),
    path("privacy/", in_own_transactions(PrivacyPage.as_view()), name="privacy"),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    re_path(r"^v1/(?:[\s\S]*/)?\Z", UnknownPathView.as_view()),
]
