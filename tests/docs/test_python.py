"""The Python of the documentation compiles, and whatever it names of this package is there."""

from __future__ import annotations

import ast
import inspect
import json
import re
from importlib import import_module
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Final

import pytest

from personalization.adapters import DeclarativeAdapter
from personalization.conf import BUILT_IN_COOKIE, BUILT_IN_THROTTLES, DEFAULTS
from personalization.serving.slots import Slot
from tests.docs.pages import PAGES, Block, all_blocks, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Its blocks are pieces of the demo shop's functions, which tests/shop_demo/test_offers.py finds there line by line.
PIECES: Final = "docs/how-to/coupons.md"
BLOCKS: Final = [block for block in all_blocks("python") if block.page != PIECES]
PATH: Final = re.compile(r"(?<![\w/.@-])personalization(?:\.\w+)+(?!\w|/)")
CHECK: Final = re.compile(r"personalization\.[EW]\d{3}")
NESTED: Final = {
    "SLOTS": {field.upper() for field in Slot.__dataclass_fields__} - {"NAME", "RULES"} | {"FILTER", "BOOST"},
    "RECOMMENDERS": {"BACKEND", "OPTIONS", "SEGMENT"},
}
FLAT: Final[dict[str, set[str]]] = {"COOKIE": set(BUILT_IN_COOKIE), "THROTTLES": set(BUILT_IN_THROTTLES)}

each_block = pytest.mark.parametrize("block", BLOCKS, ids=str)


def tree(block: Block) -> ast.Module:
    """Of a block that begins with a key of a dict, the dict; an ellipsis stands for what the reader has."""
    code = dedent(block.code).replace("…", "...")
    code = f"PERSONALIZATION = {{{code}}}" if code.startswith('"') else code
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
    parsed = compile(code, str(block), "exec", flags=flags)
    assert isinstance(parsed, ast.Module)
    return parsed


def resolve(path: str) -> Any:
    """A module, or something in one."""
    parts = path.split(".")
    found: Any = import_module(parts[0])
    for count, name in enumerate(parts[1:], 2):
        found = getattr(found, name) if hasattr(found, name) else import_module(".".join(parts[:count]))
    return found


def imported(module: ast.Module) -> dict[str, Any]:
    """Name in the block → what it is, of all that a block imports from this package."""
    return {
        alias.asname or alias.name: resolve(f"{node.module}.{alias.name}")
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "personalization"
        for alias in node.names
    }


@each_block
def test_it_compiles_and_what_it_imports_is_there(block: Block) -> None:
    module = tree(block)
    known = imported(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            assert hasattr(known[node.value.id], node.attr), f"{block}: {ast.unparse(node)}"


@each_block
def test_what_is_called_takes_these_arguments(block: Block) -> None:
    module = tree(block)
    known = imported(module)
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        function = known.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if function is not None:
            keywords = {word.arg: None for word in call.keywords if word.arg}
            inspect.signature(function).bind_partial(*call.args, **keywords)


@each_block
def test_adapters_declare_what_is_read(block: Block) -> None:
    for kind in (node for node in ast.walk(tree(block)) if isinstance(node, ast.ClassDef)):
        if [base.id for base in kind.bases if isinstance(base, ast.Name)] == ["DeclarativeAdapter"]:
            unknown = {name for name in _declared(kind) if not hasattr(DeclarativeAdapter, name)}
            assert not unknown, f"{block}: {unknown}"


def _declared(kind: ast.ClassDef) -> Iterator[str]:
    for node in kind.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


@each_block
def test_settings_are_there(block: Block) -> None:
    for node in ast.walk(tree(block)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PERSONALIZATION":
            assert isinstance(node.value, ast.Dict), str(block)
            _check_settings(node.value, str(block))


def _check_settings(written: ast.Dict, where: str) -> None:
    for key, value in _entries(written):
        assert key in DEFAULTS, f"{where}: {key}"
        if key in FLAT:
            assert {name for name, _ in _entries(value)} <= FLAT[key], where
        for _, options in _entries(value) if key in NESTED else ():
            assert {name for name, _ in _entries(options)} <= NESTED[key], where


def _entries(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    assert isinstance(node, ast.Dict)
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_dotted_path_leads_somewhere(page: Path) -> None:
    for path in PATH.findall(page.read_text()):
        if not CHECK.fullmatch(path):
            resolve(path)


@pytest.mark.parametrize("block", all_blocks("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    json.loads(block.code)


def test_the_rules_of_these_tests_leave_enough_to_test() -> None:
    assert len(BLOCKS) > 40
    assert sum(bool(imported(tree(block))) for block in BLOCKS) >= 20
