"""What a page may link to."""

import pytest

from personalization.engine.addresses import web_address


@pytest.mark.parametrize(
    "url",
    ["", "/", "/p/1?a=b:c#d", "p/1", "//cdn.example/x", "http://x.example", "HTTPS://x.example/?q=1", "?a:b"],
)
def test_links(url):
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "java\tscript:x", " /", "/a b", "\0", "x:y"],
)
def test_what_would_run_or_hide_is_nothing(url):
    assert web_address(url) == ""
