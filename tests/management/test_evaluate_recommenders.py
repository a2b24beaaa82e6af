import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.popularity import Popularity

# Visitors 0-5 have all "red" items but one each, 6-11 all "blue" ones but one each, which they take afterwards.
RED, BLUE = [f"R{n}" for n in range(6)], [f"B{n}" for n in range(6)]
OWN = {visitor: (RED if visitor < 6 else BLUE) for visitor in range(12)}
TRAIN = [(visitor, item) for visitor, own in OWN.items() for item in own if item != own[visitor % 6]]
LATER = [(visitor, own[visitor % 6]) for visitor, own in OWN.items()] + [(0, "R1"), (1, "unknown")]


@pytest.fixture
def files(tmp_path):
    train, test, items = tmp_path / "train.csv", tmp_path / "test.csv", tmp_path / "items.csv"
    train.write_text("who,sku,at\n" + "".join(f"{v},{i},2024-01-{v + 1:02}\n" for v, i in TRAIN))
    test.write_text("who,sku\n" + "".join(f"{v},{i}\n" for v, i in LATER))
    items.write_text("sku,title\n" + "".join(f"{i},A title\n" for i in RED + BLUE))
    return {"train": str(train), "test": str(test), "items": str(items)}


def evaluate(files, *more, json_output=True, recommenders=("popularity", "item-cosine", "auto"), task="new"):
    out, err = io.StringIO(), io.StringIO()
    arguments = [
        "--train",
        files["train"],
        "--test",
        files["test"],
        "--visitor-column=who",
        "--item-column=sku",
    ]
    arguments += ["--task", task, "--recommenders", *recommenders, *more]
    call_command(
        "evaluate_recommenders", *arguments, *(["--json"] if json_output else []), stdout=out, stderr=err
    )
    return json.loads(out.getvalue()) if json_output else out.getvalue()


def test_the_fixed_form(files):
    result = evaluate(
        files, "--k", "1", "5", "--time-column=at", "--items", files["items"], "--as-of=2024-02-01"
    )
    assert list(result) == [
        *("task", "visitors", "dropped_relevant", "recommenders", "protocol", "split"),
        *("intervals", "against_popularity"),
    ]
    assert (result["task"], result["visitors"], result["dropped_relevant"]) == ("new", 12, 1)
    metrics = ["recall", "precision", "f1", "ndcg", "hit", "coverage", "map", "mrr", "novelty"]
    metrics += ["diversity", "serendipity", "popularity_calibration", "popularity_bias", "gini"]
    costs = ["fit_seconds", "score_seconds_per_1000_visitors", "peak_rss_mb"]
    for figures in result["recommenders"].values():
        of_lists = [f"{metric}@{k}" for k in (1, 5) for metric in metrics]
        assert list(figures) == [*of_lists, "auc", *costs]
    assert result["recommenders"]["item-cosine"]["recall@1"] == 1
    assert result["recommenders"]["item-cosine"]["coverage@1"] == 1
    assert result["recommenders"]["popularity"]["recall@1"] < 1


@dataclass(frozen=True)
class Listening:
    """Recommends what is popular, and keeps what it was told."""

    heard: ClassVar[list[Interactions]] = []

    def fit(self, interactions):
        self.heard.append(interactions)
        return Popularity().fit(interactions)


def test_a_recommender_hears_all_that_the_files_tell(files, tmp_path, settings):
    backend = f"{__name__}.Listening"
    settings.PERSONALIZATION = {"RECOMMENDERS": {"listening": {"BACKEND": backend}}}
    Listening.heard.clear()
    (tmp_path / "train.csv").write_text(
        "who,sku,cost,cart,stars,n\n0,R1,2.5,A7,4,1\n0,R2,,A7,,3\n1,R1,3,,1,2\n"
    )
    (tmp_path / "items.csv").write_text(
        "sku,name,category,tags,brand,cost,since,attribute:size\nR1,Red,toys,a|b,Us,9,2020-01-01,L\n"
    )
    columns = ["--price-column=cost", "--order-column=cart", "--rating-column=stars", "--quantity-column=n"]
    more = [
        f"--items={files['items']}",
        "--title-column=name",
        "--listed-at-column=since",
        "--item-price-column=cost",
    ]
    evaluate(files, *columns, *more, recommenders=["listening"])
    (heard,) = Listening.heard
    catalog = heard.catalog
    first = catalog.titles.index("Red")
    assert (catalog.categories[first], catalog.brands[first]) == ("toys", "Us")
    assert (catalog.tags[first], catalog.attributes[first]) == (("a", "b"), {"size": "L"})
    assert (catalog.prices[first], catalog.listed_at[first]) == (9, 1_577_836_800_000_000)
    assert heard.prices[[0, 2]].tolist() == [2.5, 3]
    assert (heard.quantities.tolist(), heard.orders.tolist()) == ([1, 3, 2], [0, 0, -1])
    assert heard.ratings[[0, 2]].tolist() == [4, 1]


def test_all_counts_repeats_and_masks_nothing(files):
    result = evaluate(files, "--k", "12", task="all", recommenders=["popularity"])
    assert result["visitors"] == 12
    assert result["recommenders"]["popularity"]["recall@12"] == 1


def test_a_table_for_people(files):
    lines = evaluate(files, json_output=False, recommenders=["popularity", "auto"]).strip().split("\n")
    assert lines[0].startswith("task new: 12 visitors, 1 relevant pairs dropped")
    assert lines[1].split() == ["popularity", "auto"]
    assert lines[2].split()[0] == "recall@10"
    assert len({len(line) for line in lines[2 : lines.index("")]}) == 1
    assert lines[-1].startswith("  auto: 1.0000 to 1.0000; +0.")
    assert ", p = 0.0" in lines[-1]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--train", "missing.csv"], "train: there is no file 'missing.csv'"),
        (["--test", "/dev/zero"], "test: there is no file '/dev/zero'"),
        (["--item-column=nope"], "train: .* has no column 'nope'"),
        (["--price-column=nope"], "train: .* has no column 'nope'"),
        (["--time-column=sku"], "train: row 1 has sku 'R1'"),
        (
            ["--recommenders", "popularity", "os.system"],
            "recommender: there is no 'os.system'; known: als, auto",
        ),
        (["--as-of=tomorrow"], "as_of: 'tomorrow' is not an ISO"),
        (["--k", "0"], "ks: expected list lengths of at least 1"),
        (["--k", "1000000000"], "ks: lists hold at most 1000 items"),
        (["--k", "abc"], "argument --k: invalid int value"),
        (["--task=both"], "argument --task: invalid choice"),
        (["--items", "missing.csv"], "items: there is no file"),
        (["--title-column=name"], "title_column: only an items file has it"),
        (["--item-price-column=price"], "item_price_column: only an items file has it"),
        (["--rating-column=nope"], "train: .* has no column 'nope'"),
        (["--rating-column=sku"], "train: row 1 has sku 'R1'"),
        (["--split=temporal"], "test: only a files split has it"),
        (["--cut=2024-02-01"], "cut: only a temporal split has it"),
        (["--split=random"], "argument --split: invalid choice"),
        (["--protocol=quick"], "argument --protocol: invalid choice"),
        (["--seed=-1"], "seed: expected a whole number of at least 0"),
        (
            ["--report", "no/such/folder/page.html"],
            "report: 'no/such/folder/page.html' is not a file in a folder",
        ),
        (["--report", "."], "report: '.' is not a file"),
        (["--tune", "auto"], "tune: expected ALIAS.OPTION=VALUE"),
        (["--tune", "item-cosine.neighbors=0"], "tune: 'item-cosine' cannot be made: neighbors"),
        (["--tune", "item-cosine.neighbors=5"], "tune: a validation window needs --time-column"),
        (["--what"], "unrecognized arguments: --what"),
    ],
)
def test_refusals_are_one_line(files, more, reason):
    with pytest.raises(CommandError, match=reason) as refusal:
        evaluate(files, *more)
    assert "\n" not in str(refusal.value)


def test_a_test_file_without_answers_is_refused(files, tmp_path):
    (tmp_path / "test.csv").write_text("who,sku\n0,unknown\n")
    with pytest.raises(CommandError, match="test: no visitor took an item of the training file"):
        evaluate(files)


def without_test(files, *more):
    """The training file alone."""
    out = io.StringIO()
    arguments = [
        "--train",
        files["train"],
        "--visitor-column=who",
        "--item-column=sku",
        "--task=all",
        "--json",
    ]
    arguments += ["--recommenders", "popularity", "item-cosine", "--k", "3", *more]
    call_command("evaluate_recommenders", *arguments, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_one_file_is_cut_at_an_instant(files):
    result = without_test(files, "--time-column=at", "--split=temporal", "--cut=2024-01-03")
    assert result["split"] == "temporal"
    assert result["visitors"] == 4  # of the red ones, two came before; the blue ones are unknown
    assert result["recommenders"]["popularity"]["hit@3"] == 1


def test_the_last_of_everybody_is_left_out(files):
    result = without_test(files, "--time-column=at", "--split=leave-last-out")
    # All lines of one have the same time: one is drawn, not the same for everybody, so others keep the item.
    assert (result["split"], result["visitors"], result["dropped_relevant"]) == ("leave-last-out", 12, 0)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([], "test: a files split needs it"),
        (["--split=temporal", "--time-column=at"], "cut: a temporal split needs it"),
        (["--split=leave-last-out"], "time_column: a leave-last-out split needs times"),
        (
            ["--split=leave-last-out", "--time-column=at", "--repeat-column=again"],
            "repeat_column: a leave-last-out split has no test file",
        ),
        (["--split=temporal", "--time-column=at", "--cut=2020-01-01"], "cut: nothing is left to learn from"),
        (["--split=temporal", "--time-column=at", "--cut=2030-01-01"], "test: no visitor took"),
    ],
)
def test_splits_of_one_file_say_what_they_need(files, more, reason):
    with pytest.raises(CommandError, match=reason):
        without_test(files, *more)


def test_sampled_candidates_are_labelled(files):
    assert evaluate(files, "--protocol=sampled")["protocol"] == "sampled"
    text = evaluate(files, "--protocol=sampled", json_output=False)
    assert "sampled candidates: figures are higher" in text


def test_what_wins_on_the_validation_window_is_compared_too(files, tmp_path):
    report = tmp_path / "report.html"
    (tmp_path / "train.csv").write_text(
        "who,sku,at\n"
        + "".join(f"{v},old,2024-01-01\n" for v in range(30, 42))
        + "".join(f"{v},R1,2024-01-01\n" for v in range(8, 16))
        + "".join(f"{v},new,2024-01-20\n" for v in range(20, 24))
        + "".join(f"{v},new,2024-01-31\n" for v in range(8, 12))
    )
    (tmp_path / "test.csv").write_text("who,sku\n" + "".join(f"{v},new\n" for v in range(12, 16)))
    options = [
        "--time-column=at",
        "--k",
        "1",
        "--tune",
        "popularity.decay_days=2,2000",
        "--report",
        str(report),
    ]
    result = evaluate(files, *options, recommenders=["popularity"])
    assert result["tuning"]["popularity"]["won"] == {"decay_days": 2}
    assert [one["options"] for one in result["tuning"]["popularity"]["tried"]] == [
        {},
        {"decay_days": 2},
        {"decay_days": 2000},
    ]
    assert result["recommenders"]["popularity-tuned"]["hit@1"] == 1
    assert "popularity-tuned" in report.read_text(encoding="utf-8")
    assert "{'decay_days': 2}  won" in evaluate(
        files, *options, recommenders=["popularity"], json_output=False
    )


def test_the_same_files_give_the_same_figures(files):
    once, again = evaluate(files), evaluate(files)
    assert (once["intervals"], once["against_popularity"]) == (
        again["intervals"],
        again["against_popularity"],
    )


@dataclass(frozen=True)
class TenTimesAsMuch(Popularity):
    """Says 10 of everything."""

    def fit(self, interactions):
        fitted = super().fit(interactions)
        object.__setattr__(fitted, "predict", lambda visitors, items: np.full(len(visitors), 10, np.float32))
        return fitted


def test_predicted_ratings_are_compared_with_those_of_the_test_file(files, settings):
    for name, rows, rating in (("train", TRAIN, "4"), ("test", LATER, "")):
        with Path(files[name]).open("w") as file:
            file.write("who,sku,stars\n")
            file.writelines(f"{v},{i},{2 if (v, i) == LATER[0] else rating}\n" for v, i in rows)
    settings.PERSONALIZATION = {
        "RECOMMENDERS": {"ten": {"BACKEND": f"{__name__}.TenTimesAsMuch"}},
    }
    more = {"recommenders": ("popularity", "ten", "svd")}
    result = evaluate(files, "--rating-column=stars", **more)["ratings"]
    assert result["pairs"] == 1
    assert result["means"] == {name: {"rmse": 2, "mae": 2} for name in ("global-mean", "item-mean")}
    assert result["recommenders"]["ten"] == {"rmse": 8, "mae": 8}
    assert result["recommenders"]["svd"] == {"rmse": 2, "mae": 2}  # all of training are fours
    assert "popularity" not in result["recommenders"]
    shown = evaluate(files, "--rating-column=stars", json_output=False, **more)
    assert "1 ratings predicted, in points of their scale" in shown
    assert "  ten: rmse 8.0000, mae 8.0000" in shown


def test_without_ratings_in_the_test_file_none_are_compared(files):
    Path(files["train"]).write_text("who,sku,stars\n" + "".join(f"{v},{i},4\n" for v, i in TRAIN))
    assert "ratings" not in evaluate(files, "--rating-column=stars", recommenders=("svd",))
