import pytest

from personalization.models import Answer
from personalization.store.answers import AnswerRow, append_answers

pytestmark = pytest.mark.django_db


def row(key, **fields):
    return AnswerRow(key=key, slot="for_you", mode="personalized", answered_at=1_000_000, **fields)


def test_answers_are_stored_as_they_are():
    assert (
        append_answers([row("a", build=3, arm="holdout", propensity=0.1, campaign=9), row("b")], tenant="t")
        == 2
    )
    answer = Answer.objects.get(key="a")
    assert (answer.tenant, answer.slot, answer.mode) == ("t", "for_you", "personalized")
    assert (answer.build, answer.arm, answer.propensity, answer.campaign) == (3, "holdout", 0.1, 9)
    assert Answer.objects.get(key="b").campaign is None
    assert answer.answered_at.timestamp() == 1
    assert (Answer.objects.get(key="b").build, Answer.objects.get(key="b").arm) == (None, "")


def test_each_is_stored_once_and_the_first_holds():
    append_answers([row("a", arm="holdout")], tenant="")
    assert append_answers([row("a"), row("b")], tenant="") == 1
    assert Answer.objects.get(key="a").arm == "holdout"


def test_tenants_do_not_share_them():
    append_answers([row("a")], tenant="")
    assert append_answers([row("a")], tenant="t") == 1


def test_nothing_is_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert append_answers([], tenant="") == 0
