"""Moments in an issue's life that durations run between, and other measures count from. Pure.

Every point is the **first** time that something was so: an issue that is reopened, assigned anew
or sent back keeps its first moment. What an issue was created with counts from its creation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from connectors.base import BadAnswer, Json, Row
from connectors.jira.changelog import Change, Person, moment_of, person_of
from connectors.jira.entries import Malformed
from connectors.jira.needs import Needs
from connectors.jira.statuses import Test

_EXPECTED = (
    "expected created, resolved, assigned, or one of {status: S}, {status_category: C}, "
    "{transition: {from: A, to: B}}, {field: F}, {comment: first}, {sla: NAME}"
)
_ITEMWISE = frozenset({"components", "fixVersions", "versions"})
"""Fields of many values whose changes are logged value by value."""

_IDS = ("id", "accountId")
_TEXTS = ("name", "value", "displayName", "key")


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """When a point was (aware UTC) and who brought it about, None where Jira names nobody."""

    at: datetime
    author: Person | None


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: when it was written, and by whom."""

    at: datetime
    author: Person | None


class Point(Protocol):
    """A moment of an issue that may not have come yet."""

    @property
    def definition(self) -> Json:
        """JSON that identifies it: what its author wrote."""
        ...

    @property
    def words(self) -> str:
        """What it is called in a note on an issue: the author's own word."""
        ...

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        ...

    def first(self, row: Row) -> Occurrence | None:
        """The first time it was so, None when it was not yet."""
        ...


def created_of(row: Row) -> Occurrence:
    """The creation of the issue, and who created it where that was asked for."""
    fields = row["fields"]
    try:
        at = moment_of(fields.get("created"))
    except Malformed as error:
        raise BadAnswer(f"issue {row['key']}: created: {error}") from error
    creator = fields.get("creator")
    return Occurrence(at, None if creator is None else person_of(creator))


def _first(row: Row, word: str, is_meant: Test) -> Occurrence | None:
    """The first time that a field held a value that is meant."""
    changes: tuple[Change, ...] = row["changes"][word]
    if is_meant(*_at_birth(row, word, changes)):
        return created_of(row)
    for change in changes:
        if is_meant(change.after_id, change.after):
            return Occurrence(change.at, change.author)
    return None


def _at_birth(row: Row, word: str, changes: tuple[Change, ...]) -> tuple[str | None, str | None]:
    """The id and the words of what a field held when the issue was created."""
    if not changes:
        return _now(row["fields"].get(word))
    first = changes[0]
    if first.field in _ITEMWISE and not first.before and _others(row["fields"].get(word), changes):
        return None, "there since the creation"
    return first.before_id, first.before


def _is_filled(identifier: str | None, text: str | None) -> bool:
    return bool(identifier or (text or "").strip())


def _now(value: Json) -> tuple[str | None, str | None]:
    """The id and the words of what a field holds now, as a change log would write them."""
    if isinstance(value, Mapping):
        identifier = next((str(value[word]) for word in _IDS if value.get(word)), None)
        text = next((str(value[word]) for word in _TEXTS if value.get(word)), None)
        if value.get("type") == "doc":  # a document is filled when it has any content
            text = "document" if value.get("content") else None
        return identifier, text
    if isinstance(value, list):
        texts = [text for each in value if (text := _now(each)[1])]
        return None, " ".join(texts) or None
    return None, None if value is None else str(value)


def _others(value: Json, changes: tuple[Change, ...]) -> bool:
    """Whether the field held something before the first of its changes: going back from what it
    holds now, adding what was taken away and taking away what was added.
    """
    names = {_now(each)[1] for each in value} if isinstance(value, list) else set()
    for change in reversed(changes):
        names.discard(change.after)
        if change.before:
            names.add(change.before)
    return bool(names)


@dataclass(frozen=True)
class Created:
    """The creation."""

    definition: Json = "created"
    words: str = "created"

    @property
    def needs(self) -> Needs:
        """The date."""
        return Needs(fields=frozenset({"created"}))

    def first(self, row: Row) -> Occurrence | None:
        """Always there."""
        return created_of(row)


@dataclass(frozen=True)
class Filled:
    """The first time a field was set."""

    field: str
    definition: Json
    words: str

    @property
    def needs(self) -> Needs:
        """The field's log and value, and the creation."""
        return _logged(self.field)

    def first(self, row: Row) -> Occurrence | None:
        """The first value that is not empty."""
        return _first(row, self.field, _is_filled)


@dataclass(frozen=True)
class Resolved:
    """The first time a resolution was set."""

    definition: Json = "resolved"
    words: str = "resolved"

    @property
    def needs(self) -> Needs:
        """The resolution's log, and the date that imported issues have without a log."""
        return _logged("resolution") | Needs(fields=frozenset({"resolutiondate"}))

    def first(self, row: Row) -> Occurrence | None:
        """From the log; where that is empty, Jira's own date of the resolution that there is."""
        found = _first(row, "resolution", _is_filled)
        date = row["fields"].get("resolutiondate")
        if found is None or row["changes"]["resolution"] or date is None:
            return found
        try:
            at = moment_of(date)
        except Malformed as error:
            raise BadAnswer(f"issue {row['key']}: resolutiondate: {error}") from error
        return found if at <= found.at else Occurrence(at, None)


@dataclass(frozen=True)
class InStatus:
    """The first time in a status, created in it included."""

    status: str

    @property
    def definition(self) -> Json:
        """As its author wrote it."""
        return {"status": self.status}

    @property
    def words(self) -> str:
        """The status."""
        return self.status

    @property
    def needs(self) -> Needs:
        """The status's log; the status must exist."""
        return _logged("status") | Needs(statuses=frozenset({self.status}))

    def first(self, row: Row) -> Occurrence | None:
        """The first value that is this status."""
        return _first(row, "status", row["statuses"].meant_by(self.status))


@dataclass(frozen=True)
class InCategory:
    """The first time in a status of a category, created in one included. A status that Jira no
    longer has is of no category.
    """

    category: str

    @property
    def definition(self) -> Json:
        """As its author wrote it."""
        return {"status_category": self.category}

    @property
    def words(self) -> str:
        """The category."""
        return self.category

    @property
    def needs(self) -> Needs:
        """The status's log; the category must exist."""
        return _logged("status") | Needs(categories=frozenset({self.category}))

    def first(self, row: Row) -> Occurrence | None:
        """The first value whose category this is."""
        statuses = row["statuses"]
        wanted = statuses.category(self.category)

        def within(identifier: str | None, name: str | None) -> bool:
            status = statuses.found(identifier, name)
            return status is not None and status.category == wanted

        return _first(row, "status", within)


@dataclass(frozen=True)
class Transition:
    """The first change from one status to another."""

    before: str
    after: str

    @property
    def definition(self) -> Json:
        """As its author wrote it."""
        return {"transition": {"from": self.before, "to": self.after}}

    @property
    def words(self) -> str:
        """Both statuses."""
        return f"{self.before} → {self.after}"

    @property
    def needs(self) -> Needs:
        """The status's log; both must exist."""
        return _logged("status") | Needs(statuses=frozenset({self.before, self.after}))

    def first(self, row: Row) -> Occurrence | None:
        """The first change that is this one."""
        statuses = row["statuses"]
        was_before, is_after = statuses.meant_by(self.before), statuses.meant_by(self.after)
        for change in row["changes"]["status"]:
            if was_before(change.before_id, change.before) and is_after(
                change.after_id, change.after
            ):
                return Occurrence(change.at, change.author)
        return None


@dataclass(frozen=True)
class Commented:
    """The first comment that the account may see."""

    definition: Json
    words: str = "comment"

    @property
    def needs(self) -> Needs:
        """The comments, and the field that holds the first of them."""
        return Needs(fields=frozenset({"comment"}), comments=True)

    def first(self, row: Row) -> Occurrence | None:
        """The oldest one."""
        comments: tuple[Said, ...] = row["comments"]
        return Occurrence(comments[0].at, comments[0].author) if comments else None


@dataclass(frozen=True)
class Agreed:
    """The first time that a service level agreement's cycle was complete (as `to`), or began
    (as `from`).
    """

    sla: str
    begins: bool

    @property
    def definition(self) -> Json:
        """As its author wrote it."""
        return {"sla": self.sla} | ({"begins": True} if self.begins else {})

    @property
    def words(self) -> str:
        """The agreement."""
        return self.sla

    @property
    def needs(self) -> Needs:
        """The agreement's cycles."""
        return Needs(slas=frozenset({self.sla}))

    def first(self, row: Row) -> Occurrence | None:
        """The start of the first cycle, or the stop of the first that is complete; who stopped it
        is not told.
        """
        cycles = (row["slas"] or {}).get(self.sla.casefold(), ())
        moments = [cycle.start if self.begins else cycle.stop for cycle in cycles]
        found = [moment for moment in moments if moment is not None]
        return Occurrence(found[0], None) if found else None


def point_of(given: Json, *, begins: bool = False) -> Point:
    """The point that an author means; `begins`: it is a `from`. ValueError in an author's words."""
    words: Mapping[str, Point] = {
        "created": Created(),
        "resolved": Resolved(),
        "assigned": Filled("assignee", "assigned", "assignee"),
    }
    if isinstance(given, str):
        if given in words:
            return words[given]
        raise ValueError(f'got "{given}"; {_EXPECTED}')
    if not isinstance(given, Mapping) or len(given) != 1:
        raise ValueError(f"got {given!r:.80}; {_EXPECTED}")
    [(kind, value)] = given.items()
    if kind == "comment":
        if value != "first":
            raise ValueError(f"got {{comment: {value}}}; expected {{comment: first}}")
        return Commented(definition={"comment": "first"})
    if kind == "transition":
        if not isinstance(value, Mapping) or set(value) != {"from", "to"}:
            raise ValueError("got a transition without from and to; expected {from: A, to: B}")
        return Transition(_word("from", value["from"]), _word("to", value["to"]))
    makers: Mapping[str, Callable[[str], Point]] = {
        "status": InStatus,
        "status_category": InCategory,
        "field": lambda field: Filled(field, {"field": field}, field),
        "sla": lambda name: Agreed(name, begins),
    }
    if kind not in makers:
        raise ValueError(f"got {{{kind}: ...}}; {_EXPECTED}")
    return makers[kind](_word(kind, value))


def point_json(given: Json) -> Json:
    """What an author wrote, once it is known to be a point."""
    point_of(given)
    return given


def _word(kind: str, value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"got {value!r:.40} as {kind}; expected its name")
    return value.strip()


def _logged(field: str) -> Needs:
    return Needs(fields=frozenset({field, "created"}), changes=frozenset({field}))
