import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import bootstrap as module
from personalization.engine.evaluation import intervals, paired_tests, resampled_means


def rng():
    return np.random.default_rng(7)


VALUES = np.random.default_rng(1).normal(size=(400, 2)) + np.array([0, 3])


def test_intervals_are_those_of_the_normal_law():
    means = resampled_means(VALUES, resamples=4_000, rng=rng())
    error = VALUES.std(axis=0) / np.sqrt(len(VALUES))
    for column, interval in enumerate(intervals(means)):
        middle = VALUES[:, column].mean()
        assert (interval.low, interval.high) == pytest.approx(
            (middle - 1.96 * error[column], middle + 1.96 * error[column]), abs=0.012
        )


def test_draws_equal_a_naive_resampling(monkeypatch):
    monkeypatch.setattr(module, "_BYTES", 8 * 400 * 3)  # three at once
    drawn, naive = rng(), rng()
    means = resampled_means(VALUES, resamples=7, rng=drawn)
    expected = [VALUES[naive.integers(400, size=400)].mean(axis=0) for _ in range(7)]
    assert means == pytest.approx(np.array(expected))


def test_one_value_leaves_no_doubt():
    (interval,) = intervals(resampled_means(np.full((5, 1), 0.25), resamples=50, rng=rng()))
    assert (interval.low, interval.high) == (0.25, 0.25)


def test_paired_visitors_show_a_difference_that_intervals_hide():
    better = VALUES + 0.05
    tests = paired_tests(better, VALUES, resamples=999, rng=rng())
    assert [one.p_value for one in tests] == [0.002, 0.002]
    assert tests[0].difference == pytest.approx(0.05)
    alone = [intervals(resampled_means(one, resamples=999, rng=rng()))[0] for one in (better, VALUES)]
    assert alone[0].low < alone[1].high


def test_no_difference_is_no_finding():
    (same,) = paired_tests(VALUES[:, :1], VALUES[:, :1], resamples=99, rng=rng())
    assert (same.difference, same.p_value) == (0, 1)


def test_chance_is_called_a_finding_about_as_often_as_promised():
    noise = np.random.default_rng(3).normal(size=(200, 300))
    tests = paired_tests(noise, np.zeros_like(noise), resamples=500, rng=rng())
    assert 0.02 <= np.mean([one.p_value <= 0.05 for one in tests]) <= 0.09


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: resampled_means(np.zeros((0, 1)), resamples=9, rng=rng()), "values"),
        (lambda: resampled_means(np.array([[np.nan]]), resamples=9, rng=rng()), "values"),
        (lambda: resampled_means(VALUES, resamples=0, rng=rng()), "resamples"),
        (lambda: intervals(VALUES, level=1), "level"),
        (lambda: paired_tests(VALUES, VALUES[:1], resamples=9, rng=rng()), "second"),
    ],
)
def test_refusals_name_the_parameter(call, field):
    with pytest.raises(InvalidInputError, match=field):
        call()
