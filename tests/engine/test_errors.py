import pickle

import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules.problem import InvalidRuleError, RuleProblem


@pytest.mark.parametrize(
    "error",
    [
        InvalidInputError("rows", "no such visitor", code="unknown"),
        InvalidRuleError([RuleProblem("/all/0", "cart.total", "unknown_field", "no such field")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_can_be_sent_to_another_process(error):
    sent = pickle.loads(pickle.dumps(error))
    assert (type(sent), str(sent), vars(sent)) == (type(error), str(error), vars(error))
