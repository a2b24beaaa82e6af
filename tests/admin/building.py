"""A marketer at the admin's forms, without a script: fills inputs, presses buttons, reads what comes back."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


class _Inputs(HTMLParser):
    """The names and values that a browser would send of a page's form, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None
        self._chosen: str | None = None
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        name, value = found.get("name"), found.get("value") or ""
        if tag == "button" and name:
            self.buttons.append((name, value))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._chosen, self._first = name, None, None
        elif tag == "option" and self._select:
            self._first = value if self._first is None else self._first
            self._chosen = value if "selected" in found else self._chosen
        elif tag == "input" and name:
            self._input(found, name, value)

    def _input(self, found: dict[str, str], name: str, value: str) -> None:
        kind = found.get("type", "text")
        if kind in {"checkbox", "radio"}:
            if "checked" in found:
                self.pairs.append((name, found.get("value", "on")))
        elif kind != "submit":
            self.pairs.append((name, value))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.pairs.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = self._first if self._chosen is None else self._chosen
            self.pairs.append((self._select, chosen or ""))
            self._select = None


def inputs_of_html(html: str) -> list[tuple[str, str]]:
    """What a browser would send of some inputs."""
    parser = _Inputs()
    parser.feed(html)
    return parser.pairs


class Form:
    """The form of an admin page as it stands."""

    def __init__(self, client: Client, url: str, html: str = "") -> None:
        self.client = client
        self.url = url
        self.response: Any = None
        self.read(html or client.get(url).content.decode())

    def read(self, html: str) -> None:
        self.html = html
        found = re.search(r'<form[^>]*id="\w+_form".*?</form>', html, re.DOTALL)
        parser = _Inputs()
        parser.feed(found[0] if found else "")
        self.data: dict[str, list[str]] = {}
        for name, value in parser.pairs:
            self.data.setdefault(name, []).append(value)
        self.buttons = parser.buttons

    def fill(self, **values: Any) -> Form:
        """Type into inputs; ``__`` stands for ``-`` in their names."""
        for name, value in values.items():
            self.data[name.replace("__", "-")] = value if isinstance(value, list) else [str(value)]
        return self

    def untick(self, name: str) -> Form:
        self.data.pop(name, None)
        return self

    def press(self, value: str, builder: str = "rule") -> Form:
        """A button of a builder; it must be there."""
        assert (f"{builder}-act", value) in self.buttons, value
        return self._send({f"{builder}-act": [value]})

    def save(self, **extra: Any) -> Form:
        return self._send(
            {name: value if isinstance(value, list) else [value] for name, value in extra.items()}
        )

    def _send(self, extra: dict[str, list[str]]) -> Form:
        self.response = self.client.post(self.url, self.data | extra)
        if self.response.status_code == 200:
            self.read(self.response.content.decode())
        return self

    @property
    def saved(self) -> bool:
        return bool(self.response.status_code == 302)

    def add(self, kind: str, parent: str = "0", builder: str = "rule", **fields: Any) -> Form:
        """Add a condition, choose its kind and comparison, and fill its fields."""
        self.press(f"add:{parent}", builder)
        row = max((head.split(":")[0] for head in self.data[f"{builder}-row"]), key=int)
        self.fill(**{f"{builder}__{row}__kind": kind}).press(f"show:{row}", builder)
        operator = fields.pop("op", None)
        if operator:
            self.fill(**{f"{builder}__{row}__op": operator}).press(f"show:{row}", builder)
        return self.fill(**{f"{builder}__{row}__f__{name}": value for name, value in fields.items()})
