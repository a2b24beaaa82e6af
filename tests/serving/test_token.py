import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest

from personalization.engine.types import Mode
from personalization.exceptions import InvalidInputError
from personalization.serving.token import LONGEST, AnswerToken, read_token, sign_answer

ANSWER = AnswerToken(
    "id-1", "home.for_you", Mode.PERSONALIZED, ("a", "ü", "商品"), 7, "B", 0.5, "shop", 1_700_000_000_000_000
)


def test_what_is_signed_is_read():
    assert read_token(sign_answer(ANSWER)) == ANSWER


def test_a_campaign_is_named_and_other_tokens_are_as_they_were():
    named = replace(ANSWER, campaign=12)
    assert read_token(sign_answer(named)) == named
    content = sign_answer(ANSWER).partition(".")[0]
    assert json.loads(urlsafe_b64decode(content + "=="))[-1] == ANSWER.at


def test_a_token_is_safe_in_addresses_and_attributes():
    token = sign_answer(ANSWER)
    assert token.isascii()
    assert not set(token) & set("\"'<>&+/= ")


def flipped(token):
    return token[:10] + ("A" if token[10] != "A" else "B") + token[11:]


@pytest.mark.parametrize(
    "spoil",
    [
        flipped,
        lambda token: token[:-1],
        lambda token: token + "=",
        lambda token: token.swapcase(),
        lambda token: token.split(".")[0],
        lambda token: "",
        lambda token: ".",
        lambda token: token + "é",
        lambda token: "\ud800",
        lambda token: "x" * (LONGEST + 1),
        lambda token: token.replace("-", "+").replace("_", "/") + " ",
    ],
)
def test_anything_else_is_refused_alike(spoil):
    with pytest.raises(InvalidInputError) as refusal:
        read_token(spoil(sign_answer(ANSWER)))
    assert (refusal.value.field, refusal.value.code) == ("token", "token")


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b"[9, 1, 2, 3, 4]", b'[1,"i","s","no-mode",[]]', b"\xff", b"1"]
)
def test_signed_nonsense_is_refused_too(content, settings):
    from personalization.serving.token import _signature, _text

    with pytest.raises(InvalidInputError):
        read_token(f"{_text(content)}.{_text(_signature(content, settings.SECRET_KEY))}")


def test_a_second_text_for_the_same_bytes_is_refused():
    body, signature = sign_answer(ANSWER).split(".")
    content = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert json.loads(content)[1] == "id-1"
    with pytest.raises(InvalidInputError):
        read_token(f"{urlsafe_b64encode(content).decode()}.{signature}.")


def test_keys_are_rotated_by_fallbacks(settings):
    token, old = sign_answer(ANSWER), settings.SECRET_KEY
    settings.SECRET_KEY = "new" * 20
    with pytest.raises(InvalidInputError):
        read_token(token)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert read_token(token) == ANSWER
