import numpy as np
import pytest

from personalization.engine.content.tf_idf import tf_idf


def test_the_formula() -> None:
    rows = tf_idf([["a", "a", "b"], ["b"], ["c"]], widest=10).toarray()
    weight_a, weight_b = (1 + np.log(2)) * (1 + np.log(4 / 2)), 1 + np.log(4 / 3)
    assert rows.shape == (3, 1)  # only b stands in more than one
    assert rows[:, 0] == pytest.approx([weight_b / np.hypot(weight_a, weight_b), 1.0, 0.0])


def test_what_too_many_have_is_not_compared_but_counts_in_the_length() -> None:
    documents = [["common", "rare"], ["common", "rare"], ["common"]]
    assert tf_idf(documents, widest=3).shape == (3, 2)
    narrow = tf_idf(documents, widest=2)
    assert narrow.shape == (3, 1)
    assert 0 < narrow[0, 0] < 1


def test_documents_without_tokens_have_empty_rows() -> None:
    assert tf_idf([[], []], widest=2).shape == (2, 0)
    assert tf_idf([], widest=2).shape == (0, 0)
