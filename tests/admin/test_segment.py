"""A marketer makes segments: rules built in a form, without a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from personalization.engine.rules import (
    FactType,
    Field,
    FieldType,
    Kind,
    Operator,
    Scope,
    Truth,
    default_vocabulary,
)
from personalization.models import Segment, Version
from personalization.store.segments import SegmentContent, save_segment
from tests.admin.building import Form
from tests.admin.conftest import NOW, XSS
from tests.people import login_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.engine.rules import Condition, Facts

ADD = "/admin/personalization/segment/add/"
CAMPERS = {"days": 365, "kind": "visitor.bought_category", "op": "any_of", "values": ["Sleeping bags"]}


def save(rule: Any = CAMPERS, name: str = "campers", **said: Any) -> Segment:
    content = SegmentContent(name=name, title=said.pop("title", name.title()), rule=json.dumps(rule), **said)
    saved = save_segment(content, vocabulary=default_vocabulary(), expected_version=0, author="li", now=NOW)
    return Segment.objects.get(pk=saved.id)


def page(segment: Segment) -> str:
    return reverse("admin:personalization_segment_change", args=[segment.pk])


def rule_of(segment: Segment) -> Any:
    segment.refresh_from_db()
    return json.loads(segment.rule)


@pytest.fixture
def form(chief: Client) -> Form:
    return Form(chief, ADD).fill(title="Campers", name="campers")


def test_a_segment_is_built_without_a_script(form: Form) -> None:
    form.add("visitor.bought_category", values="Sleeping bags", days="365")
    assert not Segment.objects.exists()
    assert form.save().saved
    segment = Segment.objects.get()
    assert (segment.title, segment.name, segment.active, segment.version) == ("Campers", "campers", True, 1)
    assert rule_of(segment) == CAMPERS
    assert LogEntry.objects.get().get_change_message() == "Saved as version 1."
    assert Version.objects.get().author == login_name("chief")


def test_groups_are_nested_and_negated(form: Form) -> None:
    form.add("visitor.returning")
    form.press("group:0").fill(rule__2__joint="any", rule__3__kind="visitor.bought_tag").press("show:3")
    form.fill(rule__3__f__values="winter\r\nalpine")
    form.press("group:2").fill(rule__4__joint="none", rule__5__kind="visitor.spent").press("show:5")
    form.fill(rule__5__op="between").press("show:5")
    form.fill(rule__5__f__low="10", rule__5__f__high="20.50", rule__5__f__currency="eur")
    assert form.save().saved
    spent = {"currency": "EUR", "high": "20.5", "kind": "visitor.spent", "low": "10", "op": "between"}
    tags = {"kind": "visitor.bought_tag", "op": "any_of", "values": ["alpine", "winter"]}
    expected = {"all": [{"kind": "visitor.returning", "op": "yes"}, {"any": [tags, {"not": spent}]}]}
    assert rule_of(Segment.objects.get()) == expected


def test_a_button_in_the_middle_loses_and_saves_nothing(form: Form) -> None:
    form.fill(note="half done").untick("active").add("visitor.spent", value="abc", days="x")
    form.press("add:0").press("remove:2")
    kept = {"title": ["Campers"], "note": ["half done"], "rule-1-f-value": ["abc"], "rule-1-f-days": ["x"]}
    assert kept.items() <= form.data.items()
    assert "active" not in form.data
    assert "errornote" not in form.html
    assert not Segment.objects.exists()


def test_what_was_typed_for_another_comparison_comes_back(form: Form) -> None:
    form.add("visitor.orders", value="3")
    form.fill(rule__1__op="between").press("show:1").fill(rule__1__op="at_least").press("show:1")
    assert form.data["rule-1-f-value"] == ["3"]


def test_removing_a_group_removes_what_is_inside(form: Form) -> None:
    form.press("group:0").press("add:1").press("remove:1")
    assert form.data["rule-row"] == ["0::g"]


def test_focus_goes_where_one_expects(form: Form) -> None:
    def focused() -> str:
        return form.html.split(" autofocus")[0].rsplit("<", 1)[1]

    form.press("add:0")
    assert 'name="rule-1-kind"' in focused()
    form.fill(rule__1__kind="visitor.bought_item").press("show:1")
    assert 'name="rule-1-f-values"' in focused()
    form.press("remove:1")
    assert 'value="add:0"' in focused()


def test_errors_stand_at_their_rows_and_name_them(form: Form) -> None:
    form.add("visitor.spent", value="20,50", currency="euro")
    form.press("group:0").fill(rule__3__kind="visitor.last_seen").press("show:3").fill(rule__3__f__days="0")
    form.press("add:2")
    form.save()
    assert not Segment.objects.exists()
    for told in (
        "Condition 1, Amount spent, Amount: Please write an amount, such as 12.50.",
        "Condition 2.1, Last visit, Days: Please write a number from 1 to 3,650.",
        "Condition 2.2: Please choose what this condition is about.",
    ):
        assert told in form.html
    assert 'aria-describedby="id_rule-1-f-value-errors"' in form.html
    assert form.data["rule-1-f-value"] == ["20,50"]


def test_an_empty_group_is_named(form: Form) -> None:
    form.press("group:0").press("remove:2").save()
    assert "Group 1: An empty group says nothing" in form.html


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("visitor.orders", {"op": "between", "low": "5", "high": "2"}, "The end comes before the beginning."),
        ("visitor.orders", {"value": "1.5"}, "Please write a whole number."),
        ("visitor.country", {"values": "Germany"}, "This is not written as such values are."),
        ("visitor.bought_item", {"values": "x" * 300}, "Please write 1 to 255 characters."),
        ("visitor.bought_item", {"values": " \r\n "}, "Please fill this in."),
    ],
)
def test_fields_are_read_strictly(form: Form, kind: str, fields: dict[str, str], told: str) -> None:
    form.add(kind, **fields).save()
    assert told in form.html
    assert not Segment.objects.exists()


def test_what_is_doubtful_is_ticked_before_it_counts(form: Form) -> None:
    form.save()
    assert "This is true of everyone." in form.html
    assert not Segment.objects.exists()
    form.save(confirmed="something else")
    assert not Segment.objects.exists()
    assert form.save(confirmed="rule:everyone").saved
    assert rule_of(Segment.objects.get()) == {"everyone": True}


def test_what_does_not_count_yet_may_be_doubtful(form: Form) -> None:
    assert form.untick("active").save().saved


def test_a_name_is_made_from_the_title(form: Form) -> None:
    assert form.fill(title="People who camp: often!", name="").add("visitor.returning").save().saved
    assert Segment.objects.get().name == "people-who-camp-often"


def test_a_title_without_latin_letters_makes_no_name(form: Form) -> None:
    form.fill(title="露营者", name="").save()
    assert "please write one" in form.html
    assert not Segment.objects.exists()
    assert form.fill(name="campers").add("visitor.returning").save().saved


def test_a_name_is_for_ever(chief: Client) -> None:
    segment = save()
    form = Form(chief, page(segment)).fill(name="others", title="Others")
    assert form.save().saved
    segment.refresh_from_db()
    assert (segment.name, segment.title, segment.version) == ("campers", "Others", 2)
    again = Form(chief, ADD).fill(title="Again", name="campers")
    again.save(confirmed="rule:everyone")
    assert "There is one with this name already." in again.html


def test_the_second_editor_loses_nothing_and_overwrites_nothing_unseen(chief: Client) -> None:
    segment = save()
    first, second = Form(chief, page(segment)), Form(chief, page(segment))
    assert first.fill(title="First", rule__1__f__days="30").save().saved
    second.fill(title="Second").save()
    assert second.response.status_code == 200
    segment.refresh_from_db()
    assert segment.title == "First"
    assert second.data["title"] == ["Second"]
    assert "version 2 was saved by chief" in second.html
    assert "in the last 365 days</del>" in second.html.replace("\n", "")
    assert "in the last 30 days</ins>" in second.html.replace("\n", "")
    assert second.save().saved
    segment.refresh_from_db()
    assert (segment.title, segment.version) == ("Second", 3)


def test_a_button_or_an_error_on_the_way_hides_no_conflict(chief: Client) -> None:
    segment = save()
    first, second = Form(chief, page(segment)), Form(chief, page(segment))
    first.fill(title="First").save()
    second.press("add:0").fill(title="").save()
    assert second.data["version"] == ["1"]
    second.fill(title="Second", rule__2__kind="visitor.returning").save()
    assert "Somebody else has saved meanwhile" in second.html


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30, "0"])
def test_a_version_that_never_was_is_a_conflict(chief: Client, version: str) -> None:
    segment = save()
    form = Form(chief, page(segment)).fill(title="Mine", version=version)
    form.save()
    assert "Somebody else has saved meanwhile" in form.html
    segment.refresh_from_db()
    assert segment.title == "Campers"


def test_versions_are_compared_and_restored(chief: Client) -> None:
    segment = save()
    Form(chief, page(segment)).fill(title="Hikers", rule__1__f__days="30").save()
    Form(chief, page(segment)).fill(note="again").save()
    history = reverse("admin:personalization_segment_history", args=[segment.pk])
    shown = chief.get(history, {"old": 1, "new": 3}).content.decode()
    for line in ("Campers</del>", "Hikers</ins>", "in the last 30 days</ins>", "again</ins>"):
        assert line in shown
    restore = reverse("admin:personalization_segment_restore", args=[segment.pk])
    assert chief.get(restore).status_code == 405
    chief.post(restore, {"number": 1, "version": 2})
    segment.refresh_from_db()
    assert segment.version == 3
    chief.post(restore, {"number": 1, "version": 3})
    segment.refresh_from_db()
    assert (segment.title, segment.version, rule_of(segment)) == ("Campers", 4, CAMPERS)
    assert "Version 1 is restored as version 4." in chief.get(history).content.decode()


@pytest.mark.parametrize("number", ["", "99", "x"])
def test_a_version_that_is_not_there_is_not_restored(chief: Client, number: str) -> None:
    segment = save()
    restore = reverse("admin:personalization_segment_restore", args=[segment.pk])
    response = chief.post(restore, {"number": number, "version": 1}, follow=True)
    assert "cannot be restored" in response.content.decode()


def test_a_rule_that_cannot_be_read_is_shown_and_replaced(chief: Client) -> None:
    segment = save()
    Segment.objects.update(rule='{"kind":"visitor.shoe_size","op":"is"}')
    form = Form(chief, page(segment))
    assert "there is no kind" in form.html
    assert "visitor.shoe_size" in form.html
    form.save()
    assert "tick that it is to be replaced" in form.html
    assert "shoe_size" in Segment.objects.get().rule
    form.add("visitor.returning").fill(rule__replace="1")
    assert form.save().saved
    assert rule_of(segment) == {"kind": "visitor.returning", "op": "yes"}


@pytest.mark.parametrize("rule", [CAMPERS | {"values": ["two\nlines"]}, {"any": [CAMPERS] * 150}])
def test_a_rule_that_inputs_would_change_is_shown_as_it_is(chief: Client, rule: Any) -> None:
    form = Form(chief, page(save(rule)))
    assert "than this page can edit" in form.html
    form.save()
    assert rule_of(Segment.objects.get()) == rule


def test_a_segment_cannot_lead_back_to_itself(chief: Client) -> None:
    campers = save()
    save({"kind": "visitor.segment", "op": "any_of", "values": ["campers"]}, "friends")
    form = Form(chief, page(campers)).press("remove:1").add("visitor.segment", values="friends")
    form.save()
    assert "campers → friends → campers" in form.html
    campers.refresh_from_db()
    assert campers.version == 1


def test_a_page_says_where_the_segment_is_used(chief: Client) -> None:
    campers, friends = (
        save(),
        save({"kind": "visitor.segment", "op": "any_of", "values": ["campers"]}, "friends"),
    )
    assert page(friends) in chief.get(page(campers)).content.decode()
    assert "No rule names this segment yet." in chief.get(page(friends)).content.decode()


def test_each_verb_asks_its_permission(staff: Callable[..., Client]) -> None:
    segment = save()
    history, restore = (
        reverse(f"admin:personalization_segment_{what}", args=[segment.pk]) for what in ("history", "restore")
    )
    builder = reverse("admin:personalization_segment_rule", args=["rule"])
    stranger, viewer, editor = staff(), staff("view_segment"), staff("view_segment", "change_segment")
    assert [stranger.get(url).status_code for url in (ADD, page(segment), history)] == [403] * 3
    assert [viewer.get(url).status_code for url in (ADD, page(segment), history)] == [403, 200, 200]
    assert '<fieldset class="rule-whole" disabled>' in viewer.get(page(segment)).content.decode()
    assert [viewer.post(url).status_code for url in (page(segment), restore, builder)] == [403] * 3
    assert editor.post(builder).status_code == 200
    assert editor.post(restore, {"number": 1, "version": 1}).status_code == 302
    assert editor.post(ADD).status_code == 403
    assert editor.post(f"/admin/personalization/segment/{segment.pk}/delete/").status_code == 403


def test_only_who_may_see_visitors_asks_who_matches(staff: Callable[..., Client]) -> None:
    builder = reverse("admin:personalization_segment_rule", args=["rule"])
    answer = staff("change_segment").post(builder, {"rule-act": "count"}).content.decode()
    assert "Who matches" not in answer
    allowed = staff("change_segment", "view_visitor").post(builder, {"rule-act": "count"}).content.decode()
    assert "Nobody is known yet." in allowed


def test_the_builder_on_its_own_is_the_one_of_the_page(chief: Client) -> None:
    builder = reverse("admin:personalization_segment_rule", args=["rule"])
    answer = chief.post(builder, {"rule-row": "0::g", "rule-act": "add:0"})
    assert 'name="rule-1-kind"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert chief.get(builder).status_code == 405
    assert chief.post(reverse("admin:personalization_segment_rule", args=["title"])).status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {"rule-row": ["0::g", "1:9:c", "2:0:c", "2:0:c", "3:2:c", "x", "4:0:z", "0:0:c"]},
        {"rule-row": ["5:0:c"], "rule-act": "add:5"},
        {"rule-row": ["0::g"], "rule-act": "remove:0"},
        {"rule-row": ["0::g"], "rule-act": "burn:0", "rule-0-joint": "xor"},
        {"rule-row": ["0::g", *(f"{n}:0:c" for n in range(1, 400))], "rule-act": "add:0"},
        {"rule-row": ["0::g", "1:0:c"], "rule-1-kind": ["cart.subtotal"], "rule-1-f-value": ["\0"]},
        {"rule-unreadable": "{" * 1000},
    ],
)
def test_odd_rows_are_left_out(chief: Client, data: dict[str, Any]) -> None:
    builder = reverse("admin:personalization_segment_rule", args=["rule"])
    assert chief.post(builder, data).status_code == 200


def test_another_tenants_segment_is_not_there(chief: Client) -> None:
    segment = save()
    Segment.objects.update(tenant="other")
    for what in ("change", "history"):
        assert (
            chief.get(reverse(f"admin:personalization_segment_{what}", args=[segment.pk])).status_code == 404
        )
    for url in (page(segment), reverse("admin:personalization_segment_restore", args=[segment.pk])):
        assert chief.post(url, {"number": 1}).status_code == 404
    assert chief.get("/admin/personalization/segment/").context["cl"].result_count == 0


def test_titles_and_values_are_inert(chief: Client) -> None:
    segment = save(CAMPERS | {"values": [XSS]}, title=XSS, note=XSS)
    Form(chief, page(segment)).fill(note="other").save()
    for url in (page(segment), "/admin/personalization/segment/", page(segment).replace("change", "history")):
        assert XSS not in chief.get(url).content.decode()


def test_a_post_without_a_token_is_refused(staff: Callable[..., Client]) -> None:
    client = staff("add_segment", enforce_csrf_checks=True)
    assert client.post(ADD, {"title": "x"}).status_code == 403
    assert client.post(reverse("admin:personalization_segment_rule", args=["rule"])).status_code == 403


@pytest.mark.usefixtures("languages")
def test_the_builder_speaks_chinese(chief: Client) -> None:
    shown = chief.get(page(save()), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "添加条件" in shown
    assert "Sleeping bags" in shown


class ShoeSize(Kind):
    """A kind that a host adds."""

    code = "visitor.shoe_size"
    scope = Scope.VISITOR
    label = "Shoe size"
    operators = (Operator("is", "is"),)
    fields = (Field("size", FieldType.WHOLE, "Size", low=20, high=60),)
    sentences: Mapping[str, str] = {"is": "the visitor wears size {size}"}

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {"visitor.shoe_size": FactType.NUMBER}

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        return Truth.UNKNOWN


def test_a_hosts_own_kind_has_its_form(chief: Client, settings: Any) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"RULE_KINDS": [f"{__name__}.ShoeSize"]}
    form = Form(chief, ADD).fill(title="Big feet", name="big-feet").add("visitor.shoe_size", size="47")
    form.press("add:0").press("remove:2")
    assert "Somebody is in the segment when the visitor wears size 47." in form.html
    assert form.save().saved
    assert rule_of(Segment.objects.get()) == {"kind": "visitor.shoe_size", "op": "is", "size": 47}
