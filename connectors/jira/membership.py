"""Which issues a JQL query would have found, from the values their fields had.

Only what Jira's change log keeps can be answered: equality, lists and emptiness of status, status
category, labels, components, assignee, reporter, priority, resolution, issue type, project and
custom fields of options or short text; and `created` against fixed dates. Everything else is not
guessed at: `Untellable` names the condition.

The rules are JQL's: names and ids without regard to case; an empty field is found by `is EMPTY`
and `= EMPTY` and by no `!=` or `not in`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from connectors.base import Json
from connectors.jira.changelog import moment_of
from connectors.jira.fields import FieldCatalogue
from connectors.jira.jql_tree import (
    Both,
    Clause,
    Either,
    Empty,
    Function,
    JqlError,
    Node,
    Operand,
    Value,
    Values,
    parse,
)

Fields = Mapping[str, Json]
"""What an issue's fields held at a moment, by field id, in the shapes of Jira's own JSON."""

Test = Callable[[Fields], bool]

_SYSTEM = {
    "status": "status", "statuscategory": "status", "labels": "labels", "component": "components",
    "assignee": "assignee", "reporter": "reporter", "priority": "priority",
    "resolution": "resolution", "issuetype": "issuetype", "type": "issuetype",
    "project": "project", "created": "created", "createddate": "created",
}  # fmt: skip
_PEOPLE = frozenset({"assignee", "reporter"})
_OPPOSITE = frozenset({"!=", "not in", "is not"})
_EQUALITY = frozenset({"=", "in", "is"}) | _OPPOSITE
_ORDER: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_CUSTOM_KINDS = frozenset(
    {("option", None), ("string", None), ("array", "option"), ("array", "string")}
)
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?")
_WORDS = ("id", "key", "name", "value", "accountId", "displayName")
_CATEGORIES = {"new": ("to do", "2"), "indeterminate": ("in progress", "4"), "done": ("done", "3")}


class Untellable(Exception):
    """A condition that the past does not answer; the message is the condition as it stands."""


@dataclass(frozen=True)
class Membership:
    """`fields` are the ids a query looks at; `holds` is true of the issues it finds. `wider` is a
    query that finds at least those that it found at any time and that were not moved to another
    project; None when nothing that never changes bounds it.
    """

    fields: frozenset[str]
    holds: Test
    wider: str | None


@dataclass(frozen=True)
class Site:
    """What the words of a query mean in one Jira. `zone` is the one JQL dates are read in (None:
    Jira did not say); `project` finds a project by key or id.
    """

    catalogue: FieldCatalogue
    zone: tzinfo | None
    cloud: bool
    project: Callable[[str], Mapping[str, Json] | None]


def membership(jql: str, site: Site) -> Membership:
    """What the query finds. Untellable."""
    try:
        where = parse(jql).where
    except JqlError as error:
        raise Untellable(jql) from error
    if where is None:
        raise Untellable("an empty query")
    reader = _Reader(site)
    holds = reader.test(where)
    return Membership(frozenset(reader.fields), holds, _wider(where))


class _Reader:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.fields: set[str] = set()

    def test(self, node: Node) -> Test:
        match node:
            case Clause():
                return self._clause(node)
            case Both():
                every = [self.test(part) for part in node.parts]
                return lambda fields: all(test(fields) for test in every)
            case Either():
                some = [self.test(part) for part in node.parts]
                return lambda fields: any(test(fields) for test in some)

    def _clause(self, clause: Clause) -> Test:
        field = self._field(clause)
        self.fields.add(field)
        if field == "created":
            return self._created(clause)
        if clause.operator not in _EQUALITY:
            raise Untellable(written(clause))
        among, has_empty = self._among(field, clause)
        positive = clause.operator not in _OPPOSITE
        category = clause.field.text.casefold() == "statuscategory"

        def holds(fields: Fields) -> bool:
            value = fields.get(field)
            words = _category(value) if category else set(_folded(value))
            if not words:
                return has_empty and positive
            if has_empty and not among:
                return not positive
            return (not among.isdisjoint(words)) is positive

        return holds

    def _field(self, clause: Clause) -> str:
        name = clause.field.text.casefold()
        if name in _SYSTEM:
            return _SYSTEM[name]
        found = self._site.catalogue.in_jql(clause.field.text)
        if len(found) != 1:
            raise Untellable(written(clause))
        [field] = found
        is_custom = field.startswith("customfield_")
        if not is_custom or self._site.catalogue.kind_of(field) not in _CUSTOM_KINDS:
            raise Untellable(written(clause))
        return field

    def _among(self, field: str, clause: Clause) -> tuple[frozenset[str], bool]:
        """The folded words that are looked for, and whether EMPTY is among them."""
        wanted: set[str] = set()
        has_empty = False
        for member in _members(clause.operand):
            if isinstance(member, Empty):
                has_empty = True
            elif isinstance(member, Function | Values):
                raise Untellable(written(clause))
            elif field == "resolution" and member.text.casefold() == "unresolved":
                has_empty = True
            elif field in _PEOPLE and (not self._site.cloud or "@" in member.text):
                # The log of Data Center knows accounts by keys that queries do not use, and no
                # log keeps addresses.
                raise Untellable(written(clause))
            elif field == "project":
                known = self._site.project(member.text) or {}
                wanted |= {member.text.casefold(), *_folded(dict(known))}
            else:
                wanted.add(member.text.strip().casefold())
        return frozenset(wanted), has_empty

    def _created(self, clause: Clause) -> Test:
        compare, operand = _ORDER.get(clause.operator), clause.operand
        if compare is None or not isinstance(operand, Value) or self._site.zone is None:
            raise Untellable(written(clause))
        match = _DATE.fullmatch(operand.text.strip())
        if match is None:
            raise Untellable(written(clause))
        year, month, day, hour, minute = (int(part or 0) for part in match.groups())
        try:
            local = datetime(year, month, day, hour, minute, tzinfo=self._site.zone)
        except ValueError as error:
            raise Untellable(written(clause)) from error
        limit = local.astimezone(UTC)
        return lambda fields: compare(
            moment_of(fields.get("created")).replace(microsecond=0), limit
        )


def _members(operand: Operand) -> Iterator[Operand]:
    if isinstance(operand, Values):
        for member in operand.members:
            yield from _members(member)
    else:
        yield operand


def _folded(value: Json) -> Iterator[str]:
    """Every word that a value goes by."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _folded(each)
    elif isinstance(value, Mapping):
        yield from (str(value[word]).strip().casefold() for word in _WORDS if value.get(word))
    elif isinstance(value, str) and value.strip():
        yield value.strip().casefold()
    elif value is not None and not isinstance(value, str):
        yield str(value)


def _category(status: Json) -> set[str]:
    category = status.get("statusCategory") if isinstance(status, Mapping) else None
    if not isinstance(category, Mapping):
        return set()
    return {*_folded(category), *_CATEGORIES.get(str(category.get("key")), ())}


# -------------------------------------------------------------------------------------- as text


def _wider(node: Node) -> str | None:
    """The conditions that hold of an issue for ever once they do, as JQL; None when nothing
    bounds it.
    """
    match node:
        case Clause():
            name = node.field.text.casefold()
            kept = name == "project" and node.operator in ("=", "in")
            kept = kept or _SYSTEM.get(name) == "created"
            return written(node) if kept else None
        case Both():
            parts = [text for part in node.parts if (text := _wider(part)) is not None]
            return " AND ".join(f"({part})" for part in parts) or None
        case Either():
            some = [_wider(part) for part in node.parts]
            if None in some:
                return None
            return " OR ".join(f"({part})" for part in some)


def written(clause: Clause) -> str:
    """The condition as JQL."""
    predicates = "".join(
        f" {each.word.upper()} {_operand(each.operand)}" for each in clause.predicates
    )
    name = clause.field.text if clause.field.custom is not None else _quoted(clause.field.text)
    if clause.operator.endswith("changed"):
        return f"{name} {clause.operator}{predicates}"
    return f"{name} {clause.operator} {_operand(clause.operand)}{predicates}"


def _operand(operand: Operand) -> str:
    match operand:
        case Empty():
            return "EMPTY"
        case Function():
            return f"{operand.name}({', '.join(_quoted(each) for each in operand.arguments)})"
        case Values():
            return f"({', '.join(_operand(each) for each in operand.members)})"
        case Value():
            return _quoted(operand.text)


def _quoted(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
