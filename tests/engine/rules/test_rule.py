"""What a rule says of itself before it is evaluated."""

from personalization.engine.rules import (
    FactType,
    Kind,
    Operator,
    Scope,
    asked_texts,
    default_vocabulary,
    read_rule,
)

VIEWED = '{"kind": "visitor.viewed_category", "op": "any_of", "values": ["Tea", "Cups"]}'
CUPS = '{"kind": "visitor.viewed_category", "op": "none_of", "values": ["Cups", "Pots"], "days": 3}'
ORDERS = '{"kind": "visitor.orders", "op": "at_least", "value": 1}'
SEGMENT = '{"kind": "visitor.segment", "op": "any_of", "values": ["regulars"]}'


class Wanderer(Kind):
    """Reads the same fact, and looks at all of it."""

    code = "visitor.wanderer"
    scope = Scope.VISITOR
    label = "Looks at many categories"
    operators = (Operator("yes", "is so"),)
    sentences = {"yes": "the visitor looks at many categories"}

    def facts(self, condition):
        return {"visitor.viewed_categories": FactType.MOMENTS}

    def decide(self, condition, facts):
        raise NotImplementedError


def asked(*texts):
    vocabulary = default_vocabulary().extended(Wanderer())
    return asked_texts([read_rule(text, vocabulary, scopes=list(Scope)) for text in texts])


def test_the_texts_that_make_a_difference_are_those_of_all_conditions():
    assert asked(f'{{"any": [{VIEWED}, {{"not": {CUPS}}}]}}') == {
        "visitor.viewed_categories": {"Tea", "Cups", "Pots"}
    }
    assert asked(VIEWED, CUPS, ORDERS, SEGMENT) == {
        "visitor.viewed_categories": {"Tea", "Cups", "Pots"},
        "visitor.orders": None,
    }
    assert asked('{"everyone": true}') == {}


def test_a_kind_that_does_not_say_looks_at_everything():
    wanderer = '{"kind": "visitor.wanderer", "op": "yes"}'
    for texts in ((VIEWED, wanderer), (wanderer, VIEWED)):
        assert asked(*texts) == {"visitor.viewed_categories": None}
