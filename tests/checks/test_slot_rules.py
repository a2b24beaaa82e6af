"""FILTER and BOOST are judged before the first request, each fault by itself."""

import pytest

from personalization.checks import check_settings

TENTS = {"kind": "item.category", "op": "any_of", "values": ["Tents"]}


@pytest.fixture
def told(settings):
    def tell(options):
        settings.PERSONALIZATION = {"SLOTS": {"home": options}}
        return [(message.id.rpartition(".")[2], message.msg) for message in check_settings()]

    return tell


@pytest.mark.parametrize(
    "options",
    [
        {"KIND": "campaign"},
        {"KIND": "campaign", "LAZY": True},
        {"FILTER": TENTS},
        {
            "FILTER": {
                "all": [TENTS, {"kind": "item.price", "op": "at_most", "value": "5", "currency": "EUR"}]
            }
        },
        {"BOOST": [{"WHEN": TENTS, "TIMES": 1.3}, {"WHEN": {"not": TENTS}, "TIMES": 0.5}]},
        {"BOOST": (), "FILTER": None},
    ],
)
def test_what_is_right(told, options):
    assert told(options) == []


@pytest.mark.parametrize(
    ("options", "id_", "said"),
    [
        ({"FILTER": "x"}, "E026", "expected a dict"),
        ({"FILTER": {"kind": "item.nothing", "op": "any_of"}}, "E026", "FILTER that is wrong"),
        (
            {"FILTER": {"kind": "visitor.orders", "op": "at_least", "value": 1}},
            "E026",
            "FILTER that is wrong",
        ),
        ({"FILTER": {"all": []}}, "E026", "FILTER that is wrong"),
        ({"FILTER": {"x": float("nan")}}, "E026", "JSON"),
        ({"FILTER": TENTS, "KIND": "campaign"}, "E026", "shows campaigns"),
        ({"BOOST": "x"}, "E027", "a list"),
        ({"BOOST": [7]}, "E027", "entry 0"),
        ({"BOOST": [{"WHEN": TENTS, "TIMES": 2}, {"WHEN": TENTS, "TIMES": -1}]}, "E027", "entry 1"),
        ({"BOOST": [{"WHEN": {}, "TIMES": 2}]}, "E027", "entry 0"),
        ({"BOOST": [], "KIND": "campaign"}, "E027", "shows campaigns"),
    ],
)
def test_what_is_wrong(told, options, id_, said):
    ((found, message),) = told(options)
    assert found == id_
    assert said in message


def test_every_fault_is_told(told):
    both = {"FILTER": {"any": [{"kind": "a"}, {"kind": "b"}]}, "BOOST": [1, 2]}
    assert [id_ for id_, _ in told(both)].count("E027") == 2
    assert [id_ for id_, _ in told(both)].count("E026") >= 2


@pytest.mark.parametrize("slots", [7, {"a": 7}, {7: {"FILTER": 7}}])
def test_nothing_makes_it_fail(settings, slots):
    settings.PERSONALIZATION = {"SLOTS": slots}
    assert check_settings()
