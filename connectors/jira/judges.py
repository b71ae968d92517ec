"""Pure judgements of one Jira issue.

The row a judge sees is made by the session::

    {
        "id": "10042",
        "key": "PROC-7",
        "url": "https://…/browse/PROC-7" or None,
        "fields": {word: value},  # by the author's own word for the field
        "passing": {jql: bool},
    }  # whether the issue is in the scope narrowed by that JQL

Values are Jira's own JSON (REST v3 on Cloud, v2 on Data Center).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connectors.base import Json, Judge, Outcome, Row, Timeline
from connectors.jira.verdicts import AsksNothing, from_now, identity, looked_at

STATUS_CATEGORY = "statuscategory"
_WORDS_OF_A_VALUE = ("name", "value", "displayName", "key")
_CONTAINERS = ("comments", "worklogs")
_INLINE_CONTENT = frozenset(
    {"mention", "emoji", "date", "status", "inlineCard", "blockCard", "embedCard"}
)


class IssueJudge(Judge, Protocol):
    """A judge and what the session must fetch for it."""

    @property
    def fields(self) -> frozenset[str]:
        """The fields it looks at, in the author's words (ids or names)."""
        ...

    @property
    def passing(self) -> str | None:
        """The JQL that, ANDed to the scope, finds the issues that pass (None: not asked)."""
        ...


def _is_document(value: Mapping[str, Any]) -> bool:
    return value.get("type") == "doc" and isinstance(value.get("content"), list)


def _has_words(node: Mapping[str, Any]) -> bool:
    if node.get("type") == "text":
        return bool(str(node.get("text") or "").strip())
    if node.get("type") in _INLINE_CONTENT:
        return True
    return any(_has_words(child) for child in node.get("content") or () if isinstance(child, dict))


def is_missing(value: Json) -> bool:
    """True for what says nothing: null, blank text, an empty list or object, a list of only such,
    and a document (Atlassian Document Format) in which nothing can be read. 0 and false say
    something. Pictures alone are not words.
    """
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(is_missing(each) for each in value)
    if isinstance(value, dict):
        if _is_document(value):
            return not _has_words(value)
        for container in _CONTAINERS:
            if isinstance(value.get(container), list):
                return not value[container]
        return not value
    return value is None


def _words(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        yield from (value[word] for word in _WORDS_OF_A_VALUE if word in value)
    else:
        yield value


def _folded(value: Json) -> Json:
    if isinstance(value, str):
        return value.strip().casefold()
    return (type(value) is bool, value)


def agrees(value: Json, wanted: Json) -> bool:
    """True when the field's value is the wanted one: null means empty, a list means any of them,
    choices are compared by name without regard to case (as JQL does), a field of many values
    agrees when one of them does.
    """
    if isinstance(wanted, list | tuple):
        return any(agrees(value, each) for each in wanted)
    if wanted is None:
        return is_missing(value)
    return any(_folded(word) == _folded(wanted) for word in _words(value))


def _looked_up(fields: Mapping[str, Json], word: str) -> Json:
    if word.casefold() == STATUS_CATEGORY:
        return (fields.get("status") or {}).get("statusCategory")
    return fields.get(word)


@dataclass(frozen=True)
class Present(AsksNothing):
    """Every issue of the scope passes: what a count counts."""

    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(self.titles, jira="present")

    @property
    def fields(self) -> frozenset[str]:
        """The title, where it is kept."""
        return looked_at((), self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass from `now` on."""
        return from_now(row, now, Outcome.PASS, titles=self.titles)


@dataclass(frozen=True)
class Passing:
    """An issue passes when the server finds it in the scope narrowed by `passing` (JQL)."""

    passing: str
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(self.titles, jira="passing", passing=self.passing)

    @property
    def fields(self) -> frozenset[str]:
        """The title, where it is kept."""
        return looked_at((), self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass or a fail from `now` on."""
        passes = row["passing"][self.passing]
        return from_now(row, now, Outcome.PASS if passes else Outcome.FAIL, titles=self.titles)


@dataclass(frozen=True)
class Requirement:
    """Fields that must be filled on every issue for which all conditions of `when` hold."""

    fields: tuple[str, ...]
    when: Mapping[str, Json] = field(default_factory=dict)

    @property
    def definition(self) -> Json:
        """JSON that identifies the requirement."""
        return {"when": dict(self.when), "fields": list(self.fields)}

    def applies_to(self, fields: Mapping[str, Json]) -> bool:
        """True when every condition holds of the issue's fields."""
        return all(agrees(_looked_up(fields, word), wanted) for word, wanted in self.when.items())


@dataclass(frozen=True)
class Complete(AsksNothing):
    """An issue passes when nothing that is required of it is missing."""

    required: Sequence[Requirement]
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        required = [requirement.definition for requirement in self.required]
        return identity(self.titles, jira="complete", required=required)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that is required or tested."""
        tested = {
            "status" if word.casefold() == STATUS_CATEGORY else word
            for requirement in self.required
            for word in requirement.when
        }
        wanted = {word for requirement in self.required for word in requirement.fields}
        return looked_at(tested | wanted, self.titles)

    def missing(self, row: Row) -> tuple[str, ...]:
        """What the issue lacks, in the author's words and order."""
        fields = row["fields"]
        wanted = dict.fromkeys(
            word
            for requirement in self.required
            if requirement.applies_to(fields)
            for word in requirement.fields
        )
        return tuple(word for word in wanted if is_missing(_looked_up(fields, word)))

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass, or a fail with what is missing."""
        missing = self.missing(row)
        outcome = Outcome.FAIL if missing else Outcome.PASS
        return from_now(row, now, outcome, titles=self.titles, missing=missing)
