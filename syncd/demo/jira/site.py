"""What a sandbox Jira is set up with: its projects, choices, people and fields, with their ids.

Values are kept plain: names for choices, account ids for people, aware UTC moments, dates,
numbers, tuples for fields of many values, None for empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from syncd.demo.jira.fields import Field, Fields, Kind
from syncd.demo.jira.seed import KEY, Category, Seed, UserSeed

Flavour = Literal["cloud", "datacenter"]


class _Named(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=_Named)


class Choices(Generic[T]):
    """Named things with ids, found by id or, without regard to case, by name."""

    def __init__(self, what: str, rows: Iterable[T]) -> None:
        self._what = what
        self.rows: tuple[T, ...] = tuple(rows)
        self._by_name = {row.name.casefold(): row for row in self.rows}
        self._by_id = {row.id: row for row in self.rows}
        if len(self._by_name) != len(self.rows) or len(self._by_id) != len(self.rows):
            raise ValueError(f"the seed has one {what} twice")
        self.rank = {row.name: index for index, row in enumerate(self.rows)}

    def get(self, name: str) -> T:
        """The thing of this name, KeyError without one."""
        return self._by_name[name.casefold()]

    def find(self, word: str) -> T | None:
        """The thing that a query means by this name or id, None without one."""
        found = self._by_name.get(word.casefold())
        if found is None and word.isdecimal():
            found = self._by_id.get(int(word))
        return found

    def named(self, name: Any) -> str:
        """The name as it is written in Jira. ValueError when there is none such."""
        found = self._by_name.get(name.casefold()) if isinstance(name, str) else None
        if found is None:
            known = ", ".join(row.name for row in self.rows) or "none"
            raise ValueError(f"got {name!r}; expected the name of a {self._what}: {known}")
        return found.name


@dataclass(frozen=True, slots=True)
class Choice:
    """A priority, resolution, component, version or option."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class IssueType:
    """An issue type."""

    id: int
    name: str
    subtask: bool


@dataclass(frozen=True, slots=True)
class Status:
    """A status and the key of its category."""

    id: int
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class StatusCategory:
    """One of Jira's own categories of statuses."""

    id: int
    key: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project with the components and versions its issues may have."""

    id: int
    key: str
    name: str
    type: str
    components: Choices[Choice]
    versions: Choices[Choice]


CATEGORIES = (
    StatusCategory(1, "undefined", "No Category", "medium-gray"),
    StatusCategory(2, "new", "To Do", "blue-gray"),
    StatusCategory(4, "indeterminate", "In Progress", "yellow"),
    StatusCategory(3, "done", "Done", "green"),
)
_RESOLUTIONS = ("Done", "Won't Do", "Duplicate", "Cannot Reproduce", "Declined")
_FIRST = 10000


def _numbered(names: Sequence[str], first: int) -> Iterable[Choice]:
    return (Choice(first + index, name) for index, name in enumerate(names))


class Site:
    """The set-up of one Jira."""

    def __init__(self, seed: Seed, flavour: Flavour) -> None:
        self.title = seed.title
        self.cloud = flavour == "cloud"
        self.fields = Fields(seed.custom_fields, cloud=self.cloud, epic_link=seed.epic_link)
        self.projects = tuple(
            Project(
                id=_FIRST + index if each.id is None else each.id,
                key=each.key,
                name=each.name,
                type=each.type,
                components=Choices(
                    f"component of {each.key}",
                    _numbered(each.components, _FIRST + 100 * (index + 1)),
                ),
                versions=Choices(
                    f"version of {each.key}",
                    _numbered(each.versions, 2 * _FIRST + 100 * (index + 1)),
                ),
            )
            for index, each in enumerate(seed.projects)
        )
        self._projects = {each.key: each for each in self.projects}
        self.types = Choices(
            "issue type",
            (
                IssueType(_FIRST + 1 + index if t.id is None else t.id, t.name, t.subtask)
                for index, t in enumerate(seed.issue_types)
            ),
        )
        self.statuses = Choices(
            "status",
            (
                Status(_FIRST + 1 + index if s.id is None else s.id, s.name, s.category)
                for index, s in enumerate(seed.statuses)
            ),
        )
        self.priorities = Choices(
            "priority",
            (
                Choice(1 + index if p.id is None else p.id, p.name)
                for index, p in enumerate(seed.priorities)
            ),
        )
        self.resolutions = Choices("resolution", _numbered(_RESOLUTIONS, _FIRST))
        self._options = {
            field.id: Choices(
                f'option of "{field.name}"',
                _numbered(field.options, 3 * _FIRST + 100 * index),
            )
            for index, field in enumerate(self.fields)
            if field.kind in (Kind.OPTION, Kind.OPTIONS)
        }
        self.users = tuple(seed.users)
        self._users = {user.account_id: user for user in self.users}

    def project(self, key: str) -> Project:
        """The project of this key; ValueError without one."""
        if key not in self._projects:
            known = ", ".join(self._projects) or "none"
            raise ValueError(f"got {key!r}; expected the key of a project: {known}")
        return self._projects[key]

    def find_project(self, word: str) -> Project | None:
        """The project that a query means by this key, name or id."""
        wanted = word.casefold()
        for each in self.projects:
            if wanted in (each.key.casefold(), each.name.casefold()) or word == str(each.id):
                return each
        return None

    def options(self, field: Field) -> Choices[Choice]:
        """The values of an option field."""
        return self._options[field.id]

    def user(self, account_id: str) -> UserSeed:
        """The person of this account id; ValueError without one."""
        if account_id not in self._users:
            raise ValueError(f"got {account_id!r}; expected the account id of a user of the seed")
        return self._users[account_id]

    def find_user(self, word: str) -> UserSeed | None:
        """The person that a query means by this account id, name, display name or e-mail."""
        wanted = word.casefold()
        for user in self.users:
            names = (user.account_id, user.name, user.display_name, user.email_address)
            if any(name is not None and name.casefold() == wanted for name in names):
                return user
        return None

    def category(self, status: str) -> StatusCategory:
        """The category of the status of this name."""
        key = self.statuses.get(status).category
        return next(each for each in CATEGORIES if each.key == key)

    def value(self, field: Field, given: Any, project: Project) -> Any:
        """A seed's value as it is kept, None for empty; ValueError
        or TypeError when it does not fit.
        """
        if given is None or given == "" or given == []:
            return () if field.kind.holds_many else None
        if not field.kind.holds_many:
            return self._one(field, given, project)
        if not isinstance(given, list | tuple):
            raise TypeError(f"got {given!r}; expected a list")
        return tuple(dict.fromkeys(self._one(field, each, project) for each in given))

    def _one(self, field: Field, given: Any, project: Project) -> Any:
        match field.kind:
            case Kind.STATUS:
                return self.statuses.named(given)
            case Kind.TYPE:
                return self.types.named(given)
            case Kind.PRIORITY:
                return self.priorities.named(given)
            case Kind.RESOLUTION:
                return self.resolutions.named(given)
            case Kind.COMPONENTS:
                return project.components.named(given)
            case Kind.VERSIONS:
                return project.versions.named(given)
            case Kind.OPTION | Kind.OPTIONS:
                return self.options(field).named(given)
            case Kind.USER | Kind.USERS:
                return self.user(given).account_id
            case Kind.DATE:
                return _date(given)
            case Kind.DATETIME:
                return _moment(given)
            case Kind.NUMBER:
                if isinstance(given, bool) or not isinstance(given, int | float):
                    raise TypeError(f"got {given!r}; expected a number")
                return given
            case Kind.SECONDS:
                if isinstance(given, bool) or not isinstance(given, int) or given < 0:
                    raise TypeError(f"got {given!r}; expected whole seconds")
                return given
            case Kind.PARENT:
                if not isinstance(given, str) or not KEY.fullmatch(given):
                    raise TypeError(f"got {given!r}; expected the key of an issue")
                return given
            case _:
                if not isinstance(given, str):
                    raise TypeError(f"got {given!r}; expected text")
                return given


def _date(given: Any) -> date:
    if isinstance(given, datetime):
        raise TypeError(f"got {given!r}; expected a date such as 2026-01-05")
    return given if isinstance(given, date) else date.fromisoformat(given)


def _moment(given: Any) -> datetime:
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    if moment.tzinfo is None:
        raise ValueError(f"got {given!r}; expected a time with its offset")
    return moment.astimezone(UTC)
