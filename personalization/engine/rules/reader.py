"""Reading a rule strictly: everything that is wrong is told at once, and nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.engine.rules.field import RefusedError
from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Not
from personalization.engine.rules.problem import InvalidRuleError, RuleProblem
from personalization.engine.rules.rule import Rule, rule_of
from personalization.engine.rules.strict_json import Members, parse_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.rules.facts import Scope
    from personalization.engine.rules.field import Field
    from personalization.engine.rules.kind import Kind
    from personalization.engine.rules.node import Node
    from personalization.engine.rules.vocabulary import Vocabulary

#: How many levels a rule may have, conditions included, and how many nodes.
MAX_DEPTH: Final = 8
MAX_NODES: Final = 200

_SHOWN = 60
_FORMS = frozenset({"all", "any", "not", "everyone"})


def read_rule(text: str | bytes, vocabulary: Vocabulary, *, scopes: Collection[Scope]) -> Rule:
    """The rule that a JSON text holds. ``scopes``: whose facts there will be where the rule is used.

    Raises InvalidRuleError with all problems.
    """
    try:
        written = parse_json(text)
    except RefusedError as error:
        raise InvalidRuleError(
            [RuleProblem("", "", one.code, one.message) for one in error.refused]
        ) from None
    reader = _Reader(vocabulary, scopes)
    root = Everyone() if reader.is_everyone(written) else reader.read(written, "", 1)
    if reader.problems or root is None:
        raise InvalidRuleError(reader.problems)
    return rule_of(root)


class _Reader:
    """Walks over what JSON holds, and keeps every problem it meets."""

    def __init__(self, vocabulary: Vocabulary, scopes: Collection[Scope]) -> None:
        self.problems: list[RuleProblem] = []
        self._vocabulary = vocabulary
        self._scopes = scopes
        self._nodes = 1

    @staticmethod
    def is_everyone(written: object) -> bool:
        if not isinstance(written, Members) or written.repeated:
            return False
        return len(written) == 1 and written.get("everyone") is True

    def read(self, written: object, path: str, depth: int) -> Node | None:
        """The node, or None when it cannot be read at all; either way the problems are kept."""
        try:
            return self._read_node(written, path, depth)
        except _RefusedNodeError as error:
            self.problems.append(error.problem)
            return None

    def _read_node(self, written: object, path: str, depth: int) -> Node | None:
        if not isinstance(written, Members):
            raise _RefusedNodeError(path, "type", "expected a group or a condition")
        if depth > MAX_DEPTH:
            raise _RefusedNodeError(path, "depth", f"is nested more than {MAX_DEPTH} levels deep")
        for name in written.repeated:
            self._refuse(f"{path}/{_pointer(name)}", "duplicate", f"{_shown(name)} stands here twice")
        forms = sorted(_FORMS & written.keys())
        if not forms:
            return self._read_condition(written, path)
        for name in sorted(written.keys() - {forms[0]}):
            message = f"nothing else may stand beside {forms[0]}"
            self._refuse(f"{path}/{_pointer(name)}", "keys", message)
        return self._read_group(forms[0], written[forms[0]], path, depth)

    def _read_group(self, form: str, below: object, path: str, depth: int) -> Node | None:
        path = f"{path}/{form}"
        if form == "everyone":
            raise _RefusedNodeError(path, "everyone", "must be true, and be the whole rule")
        if form == "not":
            self._count(1, path)
            child = self.read(below, path, depth + 1)
            return child and Not(child)
        if not isinstance(below, list):
            raise _RefusedNodeError(path, "type", "expected a list of conditions")
        if not below:
            raise _RefusedNodeError(path, "empty", "an empty group says nothing")
        self._count(len(below), path)
        nodes = [self.read(child, f"{path}/{place}", depth + 1) for place, child in enumerate(below)]
        read = tuple([node for node in nodes if node is not None])
        return AllOf(read) if form == "all" else AnyOf(read)

    def _count(self, nodes: int, path: str) -> None:
        if self._nodes + nodes > MAX_NODES:
            raise _RefusedNodeError(path, "nodes", f"a rule has at most {MAX_NODES} conditions and groups")
        self._nodes += nodes

    def _read_condition(self, written: Members, path: str) -> Condition:
        kind = self._read_kind(written, path)
        operator = written.get("op")
        known = [operator.code for operator in kind.operators]
        if not isinstance(operator, str) or operator not in known:
            message = f"{kind.code} compares by one of {', '.join(known)}"
            raise _RefusedNodeError(f"{path}/op", "operator", message, "op")
        before = len(self.problems)
        values = self._read_fields(kind, operator, written, path)
        if len(self.problems) == before:
            for field, code, message in kind.check(operator, values):
                self._refuse(f"{path}/{field}", code, message, field)
        return Condition(kind, operator, values)

    def _read_kind(self, written: Members, path: str) -> Kind:
        if "kind" not in written:
            raise _RefusedNodeError(path, "form", "expected all, any, not or a condition with its kind")
        code = written["kind"]
        kind = self._vocabulary.find(code) if isinstance(code, str) else None
        if kind is None:
            raise _RefusedNodeError(f"{path}/kind", "kind", f"there is no kind {_shown(code)}", "kind")
        if kind.scope not in self._scopes:
            message = f"{kind.code} cannot be asked here, only {', '.join(sorted(self._scopes))}"
            raise _RefusedNodeError(f"{path}/kind", "scope", message, "kind")
        return kind

    def _read_fields(self, kind: Kind, operator: str, written: Members, path: str) -> dict[str, object]:
        fields = {field.name: field for field in kind.fields if field.takes_part(operator)}
        for name in sorted(written.keys() - fields.keys() - {"kind", "op"}):
            message = f"{kind.code} has no field {_shown(name)} with {operator}"
            self._refuse(f"{path}/{_pointer(name)}", "keys", message)
        values: dict[str, object] = {}
        for name, field in fields.items():
            if name in written:
                self._read_field(field, written[name], path, values)
            elif field.required:
                self._refuse(f"{path}/{name}", "required", f"{name} is missing", name)
        return values

    def _read_field(self, field: Field, raw: object, path: str, values: dict[str, object]) -> None:
        try:
            values[field.name] = field.read(raw)
        except RefusedError as error:
            for one in error.refused:
                message = f"{field.name}: {one.message}"
                self._refuse(f"{path}/{field.name}{one.path}", one.code, message, field.name)

    def _refuse(self, path: str, code: str, message: str, field: str = "") -> None:
        self.problems.append(RuleProblem(path, field, code, message))


class _RefusedNodeError(Exception):
    """A node that cannot be read any further."""

    def __init__(self, path: str, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.problem = RuleProblem(path, field, code, message)


def _pointer(name: str) -> str:
    """A key as part of a JSON pointer, in characters that can be shown anywhere."""
    return ascii(name[:_SHOWN])[1:-1].replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    shown = ascii(value) if isinstance(value, str) else type(value).__name__
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
