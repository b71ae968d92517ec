"""An issue over time: what it was at any moment, and the change log that tells of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any

from syncd.demo.jira.fields import Field, Kind
from syncd.demo.jira.seed import FATES, KEY, AgreementSeed, ChangeSeed, CommentSeed, IssueSeed
from syncd.demo.jira.site import Project, Site


@dataclass(frozen=True, slots=True)
class State:
    """An issue from one change to the next. `fields` holds plain values by field id."""

    id: int
    key: str
    project: Project
    created: datetime
    creator: str
    updated: datetime
    fields: Mapping[str, Any]
    comments: tuple[CommentSeed, ...] = ()
    deleted: bool = False
    visible: bool = True

    @property
    def number(self) -> int:
        """The number in the key."""
        return int(self.key.rpartition("-")[2])

    @property
    def there(self) -> bool:
        """True when the account may see it."""
        return self.visible and not self.deleted


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a change log entry: ids, where the values have ids, and words."""

    field: str
    field_id: str | None
    custom: bool
    before_id: str | None
    before: str | None
    after_id: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the change log."""

    id: int
    at: datetime
    author: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time (end exclusive, None: until now) with one value, set by `author`."""

    start: datetime
    end: datetime | None
    value: Any
    author: str


class Past:
    """One issue over time, past and planned. ValueError when its seed makes no sense."""

    def __init__(
        self, site: Site, seed: IssueSeed, identifier: int, entry_ids: Iterator[int]
    ) -> None:
        self._site = site
        self._seed = seed
        self._id = identifier
        self._entry_ids = entry_ids
        self._known_entries: dict[tuple[datetime, str], int] = {}
        self._build(seed)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key it has or will have had."""
        return tuple(dict.fromkeys(state.key for state in self._states))

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments at which it changes, the creation first."""
        return self._moments

    def add(self, changes: Iterable[ChangeSeed] = (), comments: Iterable[CommentSeed] = ()) -> None:
        """Adds to what happens. Nothing is added when any of it makes no sense."""
        self._build(
            self._seed.model_copy(
                update={
                    "changes": (*self._seed.changes, *changes),
                    "comments": (*self._seed.comments, *comments),
                }
            )
        )

    @property
    def agreements(self) -> tuple[AgreementSeed, ...]:
        """The service level agreements it is under."""
        return self._seed.agreements

    def at(self, moment: datetime) -> State | None:
        """The issue as it was; None before it was created."""
        index = bisect_right(self._moments, moment)
        return self._states[index - 1] if index else None

    def keys_until(self, moment: datetime) -> tuple[str, ...]:
        """The keys it had by then."""
        return tuple(
            dict.fromkeys(
                state.key
                for at, state in zip(self._moments, self._states, strict=True)
                if at <= moment
            )
        )

    def entries(self, moment: datetime) -> tuple[Entry, ...]:
        """The change log as of then, the oldest entry first."""
        return tuple(entry for entry in self._entries if entry.at <= moment)

    def spans(self, field: str, moment: datetime) -> list[Span]:
        """The values a field had until then."""
        spans: list[Span] = []
        for at, author, state in zip(self._moments, self._authors, self._states, strict=True):
            if at > moment:
                break
            value = state.fields.get(field)
            if spans and spans[-1].value == value:
                continue
            if spans:
                spans[-1] = replace(spans[-1], end=at)
            spans.append(Span(at, None, value, author))
        return spans

    def _build(self, seed: IssueSeed) -> None:
        try:
            steps, entries = self._lived(seed)
        except ValueError as error:
            raise ValueError(f"issue {seed.key}: {error}") from error
        self._seed = seed
        self._moments = tuple(step.at for step in steps)
        self._authors = tuple(step.author for step in steps)
        self._states = tuple(step.state for step in steps)
        self._entries = tuple(entries)

    def _lived(self, seed: IssueSeed) -> tuple[list[_Step], list[Entry]]:
        state = self._born(seed)
        steps = [_Step(seed.created, seed.reporter, state)]
        entries: list[Entry] = []
        happenings: list[ChangeSeed | CommentSeed] = [*seed.changes, *seed.comments]
        happenings.sort(key=lambda each: each.at)
        for (at, author), group in groupby(happenings, key=lambda each: (each.at, each.author)):
            if at < seed.created:
                raise ValueError(f"something happens at {at.isoformat()}, before it was created")
            self._site.user(author)
            state, items = self._changed(state, at, tuple(group))
            steps.append(_Step(at, author, state))
            if items:
                entries.append(Entry(self._entry_id(at, author), at, author, items))
        return steps, entries

    def _entry_id(self, at: datetime, author: str) -> int:
        """The same id whenever the past is built again, whatever is inserted before."""
        if (at, author) not in self._known_entries:
            self._known_entries[at, author] = next(self._entry_ids)
        return self._known_entries[at, author]

    def _born(self, seed: IssueSeed) -> State:
        self._site.user(seed.reporter)
        project = self._site.project(_project_key(seed.key))
        fields: dict[str, Any] = {
            field.id: () if field.kind.holds_many else None for field in self._site.fields
        }
        fields["reporter"] = fields["creator"] = seed.reporter
        for word, value in seed.fields.items():
            field, kept = self._value(word, value, project)
            fields[field.id] = kept
        for needed in ("summary", "issuetype", "status"):
            if fields[needed] is None:
                raise ValueError(f"it has no {needed}")
        fields["statuscategorychangedate"] = seed.created
        if self._is_done(fields) and fields["resolution"] is None:
            fields["resolution"] = "Done"
        fields["resolutiondate"] = seed.created if fields["resolution"] else None
        return State(
            self._id, seed.key, project, seed.created, seed.reporter, seed.created, _frozen(fields)
        )

    def _value(self, word: str, value: Any, project: Project) -> tuple[Field, Any]:
        try:
            field = self._site.fields.settable(word)
            return field, self._site.value(field, value, project)
        except (ValueError, TypeError) as error:
            raise ValueError(f'field "{word}": {error}') from error

    def _is_done(self, fields: Mapping[str, Any]) -> bool:
        return self._site.statuses.get(fields["status"]).category == "done"

    def _changed(
        self, state: State, at: datetime, group: tuple[ChangeSeed | CommentSeed, ...]
    ) -> tuple[State, tuple[Item, ...]]:
        before = state.fields
        fields = dict(before)
        items: list[Item] = []
        comments = tuple(each for each in group if isinstance(each, CommentSeed))
        changes = [each for each in group if isinstance(each, ChangeSeed)]
        touched: dict[str, Field] = {}
        for change in changes:
            if change.field in FATES:
                state, moved = self._fated(state, change, fields)
                items += moved
                continue
            field, kept = self._value(change.field, change.to, state.project)
            if field.id in ("summary", "issuetype", "status") and kept is None:
                raise ValueError(f"its {field.id} cannot be emptied")
            fields[field.id] = kept
            touched[field.id] = field
        touched |= self._followed(before, fields, at, set(touched))
        for field in touched.values():
            items += self._items(field, before[field.id], fields[field.id], state.project)
        if items or comments:
            state = replace(state, updated=at)
        state = replace(state, fields=_frozen(fields), comments=(*state.comments, *comments))
        return state, tuple(items)

    def _followed(
        self, before: Mapping[str, Any], fields: dict[str, Any], at: datetime, touched: set[str]
    ) -> dict[str, Field]:
        """Sets what follows from a change of status, and says which logged fields that were."""
        was, is_ = (self._site.category(each["status"]) for each in (before, fields))
        if was != is_:
            fields["statuscategorychangedate"] = at
        if "resolution" not in touched and was != is_:
            if is_.key == "done":
                fields["resolution"] = fields["resolution"] or "Done"
            elif was.key == "done":
                fields["resolution"] = None
        if fields["resolution"] == before["resolution"]:
            return {}
        fields["resolutiondate"] = at if fields["resolution"] else None
        resolution = self._site.fields.by_id("resolution")
        return {"resolution": resolution} if resolution else {}

    def _fated(
        self, state: State, change: ChangeSeed, fields: dict[str, Any]
    ) -> tuple[State, list[Item]]:
        if change.field == "deleted":
            return replace(state, deleted=bool(change.to)), []
        if change.field == "visible":
            return replace(state, visible=bool(change.to)), []
        if not isinstance(change.to, str) or not KEY.fullmatch(change.to):
            raise ValueError(f"got the key {change.to!r}; expected one such as CE-12")
        old, new = state.project, self._site.project(_project_key(change.to))
        for field in ("components", "versions", "fixVersions"):
            known = new.components if field == "components" else new.versions
            fields[field] = tuple(name for name in fields[field] if known.find(name))
        items = [
            Item("project", "project", False, str(old.id), old.name, str(new.id), new.name),
            Item("Key", None, False, None, state.key, None, change.to),
        ]
        return replace(state, key=change.to, project=new), items

    def _items(self, field: Field, before: Any, after: Any, project: Project) -> list[Item]:
        if before == after:
            return []
        name = field.name if field.custom else _LOGGED_AS.get(field.id, field.id)
        if field.kind in (Kind.COMPONENTS, Kind.VERSIONS):
            gone = [Item(name, field.id, False, *self._trace(field, (each,), project), None, None)
                    for each in before if each not in after]  # fmt: skip
            new = [Item(name, field.id, False, None, None, *self._trace(field, (each,), project))
                   for each in after if each not in before]  # fmt: skip
            return gone + new
        traces = (*self._trace(field, before, project), *self._trace(field, after, project))
        return [Item(name, field.id, field.custom, *traces)]

    def _trace(self, field: Field, value: Any, project: Project) -> tuple[str | None, str | None]:
        """The id and the words of a value in the change log."""
        site = self._site
        if value is None:
            return None, None
        match field.kind:
            case Kind.STATUS | Kind.TYPE | Kind.PRIORITY | Kind.RESOLUTION:
                choices: Any = {
                    Kind.STATUS: site.statuses,
                    Kind.TYPE: site.types,
                    Kind.PRIORITY: site.priorities,
                    Kind.RESOLUTION: site.resolutions,
                }[field.kind]
                return str(choices.get(value).id), value
            case Kind.COMPONENTS | Kind.VERSIONS:
                known = project.components if field.kind is Kind.COMPONENTS else project.versions
                found = known.find(value[0])
                return (str(found.id) if found else None), value[0]
            case Kind.OPTION:
                return str(site.options(field).get(value).id), value
            case Kind.OPTIONS:
                ids = ", ".join(str(site.options(field).get(each).id) for each in value)
                return f"[{ids}]", ",".join(value)
            case Kind.USER:
                return value, site.user(value).display_name
            case Kind.USERS:
                names = ", ".join(site.user(each).display_name for each in value)
                return f"[{', '.join(value)}]", f"[{names}]"
            case Kind.LABELS:
                return "", " ".join(value)
            case Kind.DATE | Kind.DATETIME:
                return value.isoformat(), _moment_words(value)
            case _:
                return None, str(value)


_LOGGED_AS = {"components": "Component", "fixVersions": "Fix Version", "versions": "Version"}


@dataclass(frozen=True, slots=True)
class _Step:
    at: datetime
    author: str
    state: State


def _frozen(fields: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(fields)


def _project_key(key: str) -> str:
    return key.rpartition("-")[0]


def _moment_words(value: date) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.0")
