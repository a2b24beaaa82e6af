"""Every command that the documentation shows exists, with the options that it shows."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from tests.docs.pages import PAGES, ROOT, all_blocks, name_of

#: A command in a block, over as many lines as it continues; its arguments end at a comment, a pipe or a quoted script.
CALL: Final = re.compile(r"manage\.py (?P<name>\w+)(?P<arguments>(?:\\\n|[^\n#|\"'(])*)")
OPTION: Final = re.compile(r"--[a-z][\w-]*")
OURS: Final = sorted(name for name, app in get_commands().items() if app == "personalization")
REFERENCE: Final = ROOT / "docs" / "reference" / "commands.md"


class Call(NamedTuple):
    where: str
    name: str
    arguments: str


#: In blocks, where everything that a command needs is there.
SHOWN: Final = [
    Call(str(block), call["name"], call["arguments"].replace("\\\n", " "))
    for block in all_blocks("", "console", "text")
    for call in CALL.finditer(block.code)
]


@cache
def parser_of(name: str) -> ArgumentParser:
    app = get_commands()[name]
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    parser = command.create_parser("manage.py", name)
    parser.allow_abbrev = False
    return parser


def options_of(name: str) -> set[str]:
    return set(parser_of(name)._option_string_actions)


@pytest.mark.parametrize("call", SHOWN, ids=lambda call: f"{call.where}-{call.name}")
def test_a_command_in_a_block_is_complete(call: Call) -> None:
    if call.name in {"demo", "startapp", "shell"} or call.name not in OURS:
        assert call.name in get_commands()
    else:
        parser_of(call.name).parse_args(shlex.split(call.arguments))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_options_in_a_sentence_exist(page: Path) -> None:
    for code in re.findall(r"`([^`\n]+)`", page.read_text()):
        name = code.removeprefix("python ").removeprefix("manage.py ").partition(" ")[0]
        if name in OURS:
            assert set(OPTION.findall(code)) <= options_of(name), code


@pytest.mark.parametrize("name", OURS)
def test_the_reference_has_every_option(name: str) -> None:
    sections = re.split(r"^## ", REFERENCE.read_text(), flags=re.M)
    (section,) = (one for one in sections if one.startswith(f"`{name}"))
    general = set(BaseCommand().create_parser("manage.py", name)._option_string_actions)
    told = {option for cell in re.findall(r"^\|(.*?) \|", section, re.M) for option in OPTION.findall(cell)}
    assert options_of(name) - general <= told | {"--json"}
    assert told <= options_of(name)


def test_commands_are_shown_at_all() -> None:
    assert len(OURS) == 13
    assert {call.name for call in SHOWN} >= set(OURS)
