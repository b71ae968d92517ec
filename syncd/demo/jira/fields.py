"""The fields of a sandbox Jira: what they are called, what they hold, how they are searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from syncd.demo.jira.seed import CustomFieldSeed


class Kind(StrEnum):
    """What a field holds."""

    STRING = "string"
    TEXT = "text"
    NUMBER = "number"
    SECONDS = "seconds"
    DATE = "date"
    DATETIME = "datetime"
    OPTION = "option"
    OPTIONS = "options"
    USER = "user"
    USERS = "users"
    LABELS = "labels"
    URL = "url"
    PROJECT = "project"
    TYPE = "issuetype"
    STATUS = "status"
    CATEGORY = "statusCategory"
    PRIORITY = "priority"
    RESOLUTION = "resolution"
    COMPONENTS = "component"
    VERSIONS = "version"
    KEY = "issuekey"
    PARENT = "parent"
    RANK = "rank"
    COMMENTS = "comments"
    ANY_TEXT = "any text"

    @property
    def holds_many(self) -> bool:
        """True when a value is a list."""
        return self in _MANY


_MANY = frozenset({Kind.OPTIONS, Kind.USERS, Kind.LABELS, Kind.COMPONENTS, Kind.VERSIONS})

_EQUALITY = ("=", "!=", "in", "not in")
_EMPTINESS = ("is", "is not")
_ORDERING = ("<", ">", "<=", ">=")
_TEXT = ("~", "!~")
_HISTORY = ("was", "was not", "was in", "was not in", "changed", "not changed")

_OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    **dict.fromkeys((Kind.STRING, Kind.TEXT, Kind.COMMENTS), _TEXT + _EMPTINESS),
    Kind.ANY_TEXT: _TEXT,
    **dict.fromkeys((Kind.NUMBER, Kind.DATE, Kind.DATETIME), _EQUALITY + _EMPTINESS + _ORDERING),
    **dict.fromkeys(
        (Kind.OPTION, Kind.OPTIONS, Kind.USERS, Kind.LABELS, Kind.URL, Kind.PROJECT, Kind.TYPE),
        _EQUALITY + _EMPTINESS,
    ),
    Kind.CATEGORY: _EQUALITY + _EMPTINESS,
    Kind.COMPONENTS: _EQUALITY + _EMPTINESS,
    Kind.USER: _EQUALITY + _EMPTINESS,
    Kind.STATUS: _EQUALITY + _EMPTINESS + _HISTORY,
    Kind.RESOLUTION: _EQUALITY + _EMPTINESS + _HISTORY,
    Kind.VERSIONS: _EQUALITY + _EMPTINESS + _HISTORY,
    Kind.PRIORITY: _EQUALITY + _EMPTINESS + _ORDERING + _HISTORY,
    # Jira compares these with durations such as 4h, which are not read here.
    Kind.SECONDS: _EMPTINESS,
    Kind.PARENT: _EQUALITY + _EMPTINESS,
    Kind.KEY: _EQUALITY + _EMPTINESS + _ORDERING,
    Kind.RANK: _EQUALITY,
}

_HISTORIC = frozenset({"assignee", "reporter"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `clauses` are its names in JQL, `schema` is what the field list tells of it;
    a field that is not listed is a name of JQL only.
    """

    id: str
    name: str
    kind: Kind
    clauses: tuple[str, ...]
    schema: Mapping[str, Any] | None
    options: tuple[str, ...] = ()
    listed: bool = True

    @property
    def custom(self) -> bool:
        """True for a custom field."""
        return self.id.startswith("customfield_")

    @property
    def operators(self) -> tuple[str, ...]:
        """The JQL operators it supports."""
        return _OPERATORS[self.kind] + (_HISTORY if self.id in _HISTORIC else ())

    @property
    def sortable(self) -> bool:
        """True when ORDER BY takes it."""
        return self.kind not in (Kind.COMMENTS, Kind.ANY_TEXT, Kind.CATEGORY)


def _system(
    identifier: str,
    name: str,
    kind: Kind,
    clauses: tuple[str, ...],
    type_: str | None,
    items: str | None = None,
) -> Field:
    schema = None
    if type_ is not None:
        schema = {"type": type_, "system": identifier} | ({"items": items} if items else {})
    return Field(identifier, name, kind, clauses, schema)


_SYSTEM = (
    _system("issuekey", "Key", Kind.KEY, ("id", "issue", "issuekey", "key"), None),
    _system("summary", "Summary", Kind.STRING, ("summary",), "string"),
    _system("description", "Description", Kind.TEXT, ("description",), "string"),
    _system("project", "Project", Kind.PROJECT, ("project",), "project"),
    _system("issuetype", "Issue Type", Kind.TYPE, ("issuetype", "type"), "issuetype"),
    _system("status", "Status", Kind.STATUS, ("status",), "status"),
    _system("statusCategory", "Status Category", Kind.CATEGORY, ("statusCategory",),
            "statusCategory"),
    _system("priority", "Priority", Kind.PRIORITY, ("priority",), "priority"),
    _system("resolution", "Resolution", Kind.RESOLUTION, ("resolution",), "resolution"),
    _system("assignee", "Assignee", Kind.USER, ("assignee",), "user"),
    _system("reporter", "Reporter", Kind.USER, ("reporter",), "user"),
    _system("creator", "Creator", Kind.USER, ("creator",), "user"),
    _system("labels", "Labels", Kind.LABELS, ("labels",), "array", "string"),
    _system("components", "Components", Kind.COMPONENTS, ("component",), "array", "component"),
    _system("fixVersions", "Fix versions", Kind.VERSIONS, ("fixVersion",), "array", "version"),
    _system("versions", "Affects versions", Kind.VERSIONS, ("affectedVersion",), "array",
            "version"),
    _system("duedate", "Due date", Kind.DATE, ("due", "duedate"), "date"),
    _system("created", "Created", Kind.DATETIME, ("created", "createdDate"), "datetime"),
    _system("updated", "Updated", Kind.DATETIME, ("updated", "updatedDate"), "datetime"),
    _system("resolutiondate", "Resolved", Kind.DATETIME, ("resolutiondate", "resolved"),
            "datetime"),
    _system(
        "statuscategorychangedate",
        "Status Category Changed",
        Kind.DATETIME,
        ("statusCategoryChangedDate",),
        "datetime",
    ),
    _system(
        "timeoriginalestimate",
        "Original estimate",
        Kind.SECONDS,
        ("originalEstimate", "timeoriginalestimate"),
        "number",
    ),
    _system(
        "timeestimate",
        "Remaining Estimate",
        Kind.SECONDS,
        ("remainingEstimate", "timeestimate"),
        "number",
    ),
    _system("timespent", "Time Spent", Kind.SECONDS, ("timespent",), "number"),
    _system("comment", "Comment", Kind.COMMENTS, ("comment",), "comments-page"),
    Field("text", "text", Kind.ANY_TEXT, ("text",), None, listed=False),
)  # fmt: skip

DERIVED = frozenset(
    {
        "issuekey", "project", "statusCategory", "creator", "created", "updated", "resolutiondate",
        "statuscategorychangedate", "comment", "text",
    }
)  # fmt: skip
"""Fields that follow from the rest, so that nobody sets them."""

_PLATFORM = "com.atlassian.jira.plugin.system.customfieldtypes"

# What Jira calls the type, its items, the name in the JQL of Cloud, and the type's own key.
_CUSTOM: Mapping[str, tuple[str, str | None, str, str]] = {
    "string": ("string", None, "Short text", f"{_PLATFORM}:textfield"),
    "text": ("string", None, "Paragraph", f"{_PLATFORM}:textarea"),
    "number": ("number", None, "Number", f"{_PLATFORM}:float"),
    "date": ("date", None, "Date", f"{_PLATFORM}:datepicker"),
    "datetime": ("datetime", None, "Time stamp", f"{_PLATFORM}:datetime"),
    "option": ("option", None, "Dropdown", f"{_PLATFORM}:select"),
    "options": ("array", "option", "Checkboxes", f"{_PLATFORM}:multicheckboxes"),
    "user": ("user", None, "User Picker (single user)", f"{_PLATFORM}:userpicker"),
    "users": ("array", "user", "User Picker (multiple users)", f"{_PLATFORM}:multiuserpicker"),
    "labels": ("array", "string", "Labels", f"{_PLATFORM}:labels"),
    "url": ("string", None, "URL Field", f"{_PLATFORM}:url"),
    "rank": ("any", None, "Rank", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
}


def _custom(
    identifier: str, name: str, type_: str, options: tuple[str, ...], *, typed_clause: bool
) -> Field:
    base, items, label, key = _CUSTOM[type_]
    number = int(identifier.removeprefix("customfield_"))
    schema: dict[str, Any] = {"type": base, "custom": key, "customId": number}
    if items:
        schema["items"] = items
    clauses: tuple[str, ...] = (f"cf[{number}]", name)
    if typed_clause:
        clauses += (f"{name}[{label}]",)
    return Field(identifier, name, Kind(type_), clauses, schema, options)


RANK = "customfield_10000"
"""The id of the rank, which every Jira with boards has."""

PARENT = "parent"
"""What a seed calls the epic, or other issue, that an issue belongs to."""

_EPIC_LINK = "customfield_10001"
"""The id of the field that Data Center keeps an issue's epic in."""


def _belonging(epic_link: str, *, cloud: bool) -> Field:
    """The field that names the issue which another belongs to: its parent on Cloud, its epic link
    on Data Center, called `epic_link` there because translations rename it.
    """
    if cloud:
        return Field(PARENT, "Parent", Kind.PARENT, ("parent",), None)
    schema = {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link", "customId": 10001}
    return Field(_EPIC_LINK, epic_link, Kind.PARENT, ("cf[10001]", epic_link), schema)


class Fields:
    """The fields of one Jira, found by id or, without regard to case, by name."""

    def __init__(
        self, custom: Iterable[CustomFieldSeed], *, cloud: bool, epic_link: str = "Epic Link"
    ) -> None:
        rows = [
            replace(field, listed=False) if field.kind is Kind.CATEGORY and not cloud else field
            for field in _SYSTEM
            if cloud or field.id != "statuscategorychangedate"
        ]
        rows.append(_custom(RANK, "Rank", "rank", (), typed_clause=False))
        rows.append(_belonging(epic_link, cloud=cloud))
        self._belonging = rows[-1]
        rows += [
            _custom(each.id, each.name, each.type, each.options, typed_clause=cloud)
            for each in custom
        ]
        self._by_id = {field.id: field for field in rows}
        if len(self._by_id) != len(rows):
            raise ValueError("two fields of the seed have one id")
        self._by_clause: dict[str, list[Field]] = {}
        for field in rows:
            for clause in dict.fromkeys(name.casefold() for name in field.clauses):
                self._by_clause.setdefault(clause, []).append(field)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._by_id.values())

    def by_id(self, identifier: str) -> Field | None:
        """The field of this id."""
        return self._by_id.get(identifier)

    def in_jql(self, name: str) -> tuple[Field, ...]:
        """The fields that JQL means by this name: several custom fields may share one. An id such
        as ``customfield_10010`` is no name in JQL.
        """
        return tuple(self._by_clause.get(name.casefold(), ()))

    def settable(self, word: str) -> Field:
        """The field that a seed means by this id or name. ValueError when there is none or
        several, or when nobody sets it.
        """
        field = self._belonging if word == PARENT else self._by_id.get(word)
        if field is None:
            named = [f for f in self if f.name.casefold() == word.casefold()]
            if len(named) != 1:
                found = "no field" if not named else f"{len(named)} fields"
                raise ValueError(f'there is {found} called "{word}"; write the id of a field')
            field = named[0]
        if field.id in DERIVED or field.id == RANK:
            raise ValueError(f'the field "{field.id}" follows from others and cannot be set')
        return field
