import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.hyperparameters import check_whole


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.int32(1)])
def test_whole_numbers_of_python_and_numpy_are_taken(value):
    check_whole("count", value, minimum=1)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, np.True_, "3", None, np.float64(2), float("nan")])
def test_what_is_no_whole_number_or_too_small_is_refused_by_name(value):
    with pytest.raises(InvalidInputError) as refusal:
        check_whole("count", value, minimum=1)
    assert refusal.value.field == "count"
