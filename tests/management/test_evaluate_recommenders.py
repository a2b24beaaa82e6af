import io
import json

import pytest
from django.core.management import CommandError, call_command

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
    assert list(result) == ["task", "visitors", "dropped_relevant", "recommenders"]
    assert (result["task"], result["visitors"], result["dropped_relevant"]) == ("new", 12, 1)
    metrics = ["recall", "precision", "f1", "ndcg", "hit", "coverage"]
    costs = ["fit_seconds", "score_seconds_per_1000_visitors", "peak_rss_mb"]
    for figures in result["recommenders"].values():
        assert list(figures) == [f"{metric}@{k}" for k in (1, 5) for metric in metrics] + costs
    assert result["recommenders"]["item-cosine"]["recall@1"] == 1
    assert result["recommenders"]["item-cosine"]["coverage@1"] == 1
    assert result["recommenders"]["popularity"]["recall@1"] < 1


def test_all_counts_repeats_and_masks_nothing(files):
    result = evaluate(files, "--k", "12", task="all", recommenders=["popularity"])
    assert result["visitors"] == 12
    assert result["recommenders"]["popularity"]["recall@12"] == 1


def test_a_table_for_people(files):
    lines = evaluate(files, json_output=False, recommenders=["popularity", "auto"]).strip().split("\n")
    assert lines[0].startswith("task new: 12 visitors, 1 relevant pairs dropped")
    assert lines[1].split() == ["popularity", "auto"]
    assert lines[2].split()[0] == "recall@10"
    assert len({len(line) for line in lines[2:]}) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--train", "missing.csv"], "train: there is no file 'missing.csv'"),
        (["--test", "/dev/zero"], "test: there is no file '/dev/zero'"),
        (["--item-column=nope"], "train: .* has no column 'nope'"),
        (["--price-column=nope"], "train: .* has no column 'nope'"),
        (["--time-column=sku"], "train: row 1 has sku 'R1'"),
        (["--recommenders", "popularity", "os.system"], "recommender: there is no 'os.system'; known: auto"),
        (["--as-of=tomorrow"], "as_of: 'tomorrow' is not an ISO"),
        (["--k", "0"], "ks: expected list lengths of at least 1"),
        (["--k", "1000000000"], "ks: lists hold at most 1000 items"),
        (["--k", "abc"], "argument --k: invalid int value"),
        (["--task=both"], "argument --task: invalid choice"),
        (["--items", "missing.csv"], "items: there is no file"),
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
