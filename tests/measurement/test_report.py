import re
from html.parser import HTMLParser

import numpy as np
import pytest
from django.utils import translation

from personalization.engine.evaluation import Split, Task, held_out
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.measurement.offline import ACCURACY, BEYOND, OfflineTest, Protocol
from personalization.measurement.report import Report
from personalization.measurement.report_words import metric_words
from personalization.measurement.split_files import SplitKind
from personalization.measurement.tuning import Attempt, Tuning
from personalization.testing import checkerboard, missing_item

HOSTILE = "<script>alert('x')</script>\"&"


@pytest.fixture
def split():
    visitors = np.arange(12, dtype=np.int32)
    items = np.array([missing_item(visitor) for visitor in visitors], dtype=np.int32)
    train = checkerboard()
    return Split(train, held_out(train, visitors, items))


def page(split, recommenders, tunings=None, *, kind=SplitKind.FILES, protocol=Protocol.FULL):
    test = OfflineTest(split, task=Task.NEW, ks=(1, 3), protocol=protocol)
    trials = dict(test.try_out(recommenders))
    return Report.of(test, recommenders, trials, tunings or {}, split=kind).html()


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.names, self.attributes = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs


def test_the_page_stands_alone(split):
    html = page(split, {"knn": ItemKNN()})
    tags = Tags(html)
    assert not {"script", "link", "img", "iframe"} & set(tags.names)
    named = {name for name, _ in tags.attributes}
    assert not {"src", "href", "style"} & named
    assert not [name for name in named if name.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", html)


def test_ids_and_values_are_escaped(split):
    tuning = Tuning((Attempt({HOSTILE: HOSTILE}, 0.5),), {}, ItemKNN())
    html = page(split, {HOSTILE: ItemKNN()}, {HOSTILE: tuning})
    assert HOSTILE not in html
    assert "script" not in Tags(html).names
    assert "&lt;script&gt;" in html


def test_the_best_sellers_are_always_beside(split):
    added = page(split, {"knn": ItemKNN()})
    assert added.count('class="bar baseline"') == 3
    assert "best sellers</span>" in added
    asked = page(split, {"mine": Popularity(), "knn": ItemKNN()})
    assert asked.count('class="bar baseline"') == 3
    assert "best sellers</span>" not in asked


def test_it_says_in_plain_words_what_was_found(split):
    good = page(split, {"knn": ItemKNN()})
    assert "With <strong>knn</strong>, 100.0 % of the customers took something of what 1 suggestions" in good
    assert "chance would rarely do that" in good
    assert "Nothing here beats the best sellers" in page(split, {"popularity": Popularity()})


def test_intervals_are_drawn_and_told(split):
    html = page(split, {"knn": ItemKNN(), "popularity": Popularity()})
    lines = re.findall(r'x1="([\d.]+)%" x2="([\d.]+)%"', html)
    assert lines
    assert all(0 <= float(x) <= 100 for line in lines for x in line)
    assert "1.0000 … 1.0000" in html


def test_other_methods_carry_their_warning(split):
    plain = page(split, {"knn": ItemKNN()})
    assert 'class="warning"' not in plain
    assert "few drawn items only" in page(split, {"knn": ItemKNN()}, protocol=Protocol.SAMPLED)
    last = page(split, {"knn": ItemKNN()}, kind=SplitKind.LEAVE_LAST_OUT)
    assert "last step was held back" in last
    assert "Learned from the past" not in last


def test_what_was_tried_is_told_with_the_winner(split):
    tuning = Tuning((Attempt({}, 0.25), Attempt({"neighbors": None}, 0.5)), {"neighbors": None}, ItemKNN())
    html = page(split, {"knn": ItemKNN()}, {"knn": tuning})
    assert "as declared" in html
    assert "neighbors = null" in html
    assert html.count('class="won"') == 1


def test_every_metric_has_words():
    assert all(metric_words(name)[0] for name in (*ACCURACY, *BEYOND, "coverage", "gini"))


def test_chinese(split):
    with translation.override("zh-hans"):
        html = page(split, {"knn": ItemKNN()})
    assert '<html lang="zh-hans">' in html
    assert "推荐效果如何？" in html
    assert "胜过畅销榜吗？" in html
