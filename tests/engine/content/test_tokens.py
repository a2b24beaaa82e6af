import pytest

from personalization.engine.content.tokens import phrases, pieces, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red CUPS, set of 3", ["red", "cups", "set", "of", "3"]),
        ("红色连衣裙", ["红色", "色连", "连衣", "衣裙"]),
        ("裙", ["裙"]),
        ("iPhone手机壳", ["iphone", "手机", "机壳"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ＡＢＣ１２３", ["abc123"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("ของเล่น", ["ขอ", "อง", "งเ", "เล", "ล่", "่น"]),
        ("Red Gift-Box, 12cm", ["red", "gift", "box", "12cm"]),
        ("LED灯 12个", ["led", "灯", "12", "个"]),
        ("ギフトbox", ["ギフ", "フト", "box"]),
        ("under_score", ["under", "score"]),
        ("", []),
        ("!? 、。", []),
    ],
)
def test_words_of_any_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_phrases_add_each_two_words_that_follow_each_other() -> None:
    assert phrases("white hanging heart") == ["white", "hanging", "heart", "white hanging", "hanging heart"]
    assert phrases("heart") == ["heart"]


def test_pieces_mark_the_ends_of_words() -> None:
    assert pieces("cups") == [" cu", "cup", "ups", "ps "]
    assert pieces("a") == [" a "]
    assert pieces("连衣裙") == ["连", "衣", "裙"]


def test_one_letter_more_changes_few_pieces() -> None:
    one, several = set(pieces("dress")), set(pieces("dresses"))
    assert len(one & several) == 4
