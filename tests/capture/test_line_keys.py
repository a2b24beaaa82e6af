import random
from collections import Counter
from hashlib import blake2b
from pathlib import Path

import pytest

from personalization.capture.line_keys import LineKeys


def digest(text):
    return blake2b(str(text).encode(), digest_size=16).digest()


def count(texts, *, chunk=7):
    digests = list(map(digest, texts))
    with LineKeys() as keys:
        for at in range(0, len(digests), chunk):
            keys.add(digests[at : at + chunk])
        keys.settle()
        assert len(keys) == len(digests)
        read = [keys.read(5) for _ in range(0, len(digests), 5)]
    assert [digest for part, _ in read for digest in part] == digests
    return [int(number) for _, part in read for number in part]


def plain(texts):
    seen = Counter()
    return [(seen.update([text]), seen[text] - 1)[1] for text in texts]


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "b"], ["a", "a", "a"], ["a", "b", "a", "b", "b"]])
def test_each_line_knows_how_many_came_before(texts):
    assert count(texts) == plain(texts)


def test_it_counts_as_plainly_counting_does():
    chance = random.Random(1)
    texts = [chance.randrange(3000) for _ in range(20_000)]
    assert count(texts, chunk=999) == plain(texts)


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RuntimeError), LineKeys() as keys:
        keys.add([digest("a")])
        assert list(Path(tmp_path).iterdir())
        raise RuntimeError
    assert not list(Path(tmp_path).iterdir())
