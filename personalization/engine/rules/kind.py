"""The base of every kind of condition. A host adds one by subclassing it; what it must write is small."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.engine.rules.columns import facts_at
from personalization.engine.rules.facts import Facts
from personalization.engine.rules.words import AND, OR, in_the_last

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, FactType, Scope
    from personalization.engine.rules.field import Field
    from personalization.engine.rules.node import Condition
    from personalization.engine.rules.truth import Truth
    from personalization.engine.rules.words import Translate

#: What must be among the facts for a condition to be TRUE: one of these (fact name, text).
Anchors = frozenset[tuple[str, str]]

#: The text that anchors have for a FLAG that is set.
IS_SO = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """How a condition compares."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A condition judged. ``actual`` None: not known; ``missing``: how much more would do; ``unit``: a currency or ''.

    ``code`` says what is wrong where more than "failed" can be said: too_low, too_high, currency.
    """

    truth: Truth
    expected: str
    actual: str | None = None
    missing: Decimal | None = None
    unit: str = ""
    code: str = ""


class Kind(ABC):
    """A kind of condition: what it reads, and when it holds. Pure, without state; one instance serves all rules.

    ``code``: scope, dot, name; it stands in stored rules and never changes. ``sentences``: a text for each operator,
    with fields as placeholders; ``{subject}`` is the text ``subject``. ``sensitive``: reads what must not decide about
    people (age, gender, religion, …); a vocabulary refuses it.
    """

    code: str
    scope: Scope
    label: str
    operators: tuple[Operator, ...]
    fields: tuple[Field, ...] = ()
    subject: str = ""
    sentences: Mapping[str, str]
    sensitive: bool = False

    @abstractmethod
    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        """The facts that the condition reads, by name."""

    @abstractmethod
    def decide(self, condition: Condition, facts: Facts) -> Truth:
        """Whether the condition holds; UNKNOWN when a fact that decides it is missing."""

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        """Whether the condition holds, with what was expected and what is."""
        return Outcome(self.decide(condition, facts), self.expected(condition))

    def judge_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        """`decide` of every case: int8 (n,)."""
        if self.facts(condition).keys() & columns.columns.keys():
            return self.decide_columns(condition, columns)
        same = self.decide(condition, Facts(columns.shared, columns.now, columns.zone))
        return np.full(columns.n, same, np.int8)

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        """int8 (n,), one case after the other; the built-in kinds do better."""
        types = self.facts(condition)
        cases = (facts_at(columns, row, types) for row in range(columns.n))
        return np.fromiter((self.decide(condition, facts) for facts in cases), np.int8, columns.n)

    def check(self, operator: str, values: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
        """What is wrong with fields that are right one by one: (field, code, message)."""
        return ()

    def anchors(self, condition: Condition) -> Anchors | None:
        """What must be known for the condition to be TRUE; None: anything may do."""
        return None

    def anchors_suffice(self, condition: Condition) -> bool:
        """Whether the condition is TRUE as soon as one of its anchors is among the facts."""
        return False

    def texts(self, condition: Condition) -> Mapping[str, frozenset[str]]:
        """Facts of which the condition looks at some texts only: by name those that make a difference."""
        return {}

    def segments(self, condition: Condition) -> frozenset[str]:
        """The segments whose rules decide the condition."""
        return frozenset()

    def about(self, condition: Condition) -> Hashable:
        """What the condition is about: only those about the same can contradict one another."""
        return self.code

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        """Whether conditions about the same can never all hold at once."""
        return False

    def expected(self, condition: Condition) -> str:
        """What the condition wants, briefly and untranslated: its values."""
        return ", ".join(self.shown(condition, str).values())

    def shown(self, condition: Condition, translate: Translate) -> dict[str, str]:
        """The values in words, by field name."""
        joint = AND if condition.operator == "all_of" else OR
        values = condition.values
        return {
            field.name: field.show(values[field.name], translate, joint)
            for field in self.fields
            if field.name in values
        }

    def sentence(self, condition: Condition, translate: Translate) -> str:
        """The condition in plain words."""
        words: dict[str, Any] = self.shown(condition, translate)
        template = translate(self.sentences[condition.operator])
        if self.subject:
            words["subject"] = translate(self.subject).format(**words)
        sentence = template.format(**words)
        return in_the_last(
            sentence, None if "{days}" in template else condition.values.get("days"), translate
        )
