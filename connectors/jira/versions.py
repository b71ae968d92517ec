"""An issue's earlier versions, put together from what it is now and from its change log. Pure.

A change log tells what a value was before and after each change, as an id and as words. From those
come values in the shapes of Jira's own JSON, as far as judges and queries look at them: a choice
with its id and name, an account with its id and display name, a list of labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json
from connectors.jira.changelog import Change
from connectors.jira.statuses import Statuses

Kind = tuple[str, str | None]
"""The type of a field's value, and of its items where that is an array."""

CONSTANT = frozenset({"created", "creator", "id"})
"""Fields that never change."""

FOLLOWING: Mapping[str, str] = {
    "resolutiondate": "resolution",
    "statuscategorychangedate": "status",
}
"""Fields that no log tells of, and the field by whose changes they are set."""

UNKNOWN: Json = object()
"""What the log does not tell: of which category a status was that Jira no longer has, or which
options were chosen where a comma is part of one.
"""

_PLAIN = frozenset(
    {"string", "number", "option", "status", "priority", "resolution", "issuetype", "user"}
    | {"project", "date", "datetime"}
)
_LISTED = frozenset({"string", "option", "user"})
_ITEMWISE = frozenset({"component", "version"})
_BETWEEN_IDS = re.compile(r"[\[\],\s]+")
_UNLOGGED = frozenset({"updated", "lastViewed", "statusCategory", "workratio"})


def can_be_rebuilt(field: str, kind: Kind) -> bool:
    """Whether the log tells what a field of this kind held before."""
    if field in CONSTANT or field in FOLLOWING:
        return True
    if field in _UNLOGGED or field.startswith("aggregate"):
        return False
    type_, items = kind
    return type_ in _PLAIN or (type_ == "array" and items in _LISTED | _ITEMWISE)


@dataclass(frozen=True)
class Rebuilding:
    """How the values of one Jira's fields are put together. `kinds` are those of the fields that
    are wanted, by id; `project_keys` are keys by project id, as far as they are known.
    """

    kinds: Mapping[str, Kind]
    statuses: Statuses | None
    project_keys: Mapping[str, str]

    def versions(
        self,
        now_held: Mapping[str, Json],
        changes: Sequence[Change],
        created: datetime,
        since: datetime,
        until: datetime,
    ) -> Iterator[tuple[datetime, datetime, dict[str, Json]]]:
        """The versions between two moments: from when, until when, and what each field held, by id.
        The first begins at `since`, or at the creation when that is later.
        """
        begins = max(created, since)
        if begins >= until:
            return
        held = {field: self._held(field, now_held, changes, created) for field in self.kinds}
        moments = sorted({begins, *(change.at for change in changes if begins < change.at < until)})
        for start, end in zip(moments, [*moments[1:], until], strict=True):
            yield start, end, {field: _at(values, start) for field, values in held.items()}

    def _held(
        self,
        field: str,
        now_held: Mapping[str, Json],
        changes: Sequence[Change],
        created: datetime,
    ) -> list[tuple[datetime, Json]]:
        """What a field held from the creation on, each with the moment it was set."""
        if field in CONSTANT:
            return [(created, now_held.get(field))]
        if field in FOLLOWING:
            return self._followed(field, now_held, changes, created)
        own = [change for change in changes if change.field == field]
        value = now_held.get(field)
        if not own:
            return [(created, value)]
        type_, items = self.kinds[field]
        if type_ == "array" and items in _ITEMWISE:
            return _itemwise(value, own, created)
        first = own[0]
        values = [(created, self._value(field, first.before_id, first.before))]
        values += [(each.at, self._value(field, each.after_id, each.after)) for each in own]
        # What it is now, Jira tells better than its log does.
        values[-1] = (own[-1].at, value)
        return values

    def _followed(
        self,
        field: str,
        now_held: Mapping[str, Json],
        changes: Sequence[Change],
        created: datetime,
    ) -> list[tuple[datetime, Json]]:
        cause = FOLLOWING[field]
        found: list[tuple[datetime, Json]] = []
        category: Json = None
        for at, value in self._held(cause, now_held, changes, created):
            text = at.isoformat()
            if cause == "resolution":
                found.append((at, text if value else None))
                continue
            known = value if isinstance(value, Mapping) else {}
            key = (known.get("statusCategory") or {}).get("key")
            if not found or key != category:
                found.append((at, text))
            category = key
        found[-1] = (found[-1][0], now_held.get(field))
        return found

    def _value(self, field: str, identifier: str | None, text: str | None) -> Json:
        if not identifier and not (text or "").strip():
            return [] if self.kinds[field][0] == "array" else None
        type_, items = self.kinds[field]
        if type_ == "array":
            return _many(items, identifier, text)
        makers: Mapping[str, Callable[[], Json]] = {
            "number": lambda: _number(text, identifier),
            "option": lambda: {"id": identifier, "value": text},
            "user": lambda: _person(identifier, text),
            "status": lambda: self._status(identifier, text),
            "priority": lambda: {"id": identifier, "name": text},
            "resolution": lambda: {"id": identifier, "name": text},
            "issuetype": lambda: {"id": identifier, "name": text},
            "project": lambda: {
                "id": identifier,
                "name": text,
                "key": self.project_keys.get(identifier or ""),
            },
            "date": lambda: identifier or text,
            "datetime": lambda: identifier or text,
        }
        return makers.get(type_, lambda: text)()

    def _status(self, identifier: str | None, text: str | None) -> Json:
        found = None if self.statuses is None else self.statuses.found(identifier, text)
        if found is None:
            return UNKNOWN
        return {
            "id": found.id,
            "name": found.name,
            "statusCategory": {"key": found.category, "name": found.category_name},
        }


def _at(values: Sequence[tuple[datetime, Json]], moment: datetime) -> Json:
    held = values[0][1]
    for at, value in values[1:]:
        if at > moment:
            break
        held = value
    return held


def _itemwise(
    value: Json, changes: Sequence[Change], created: datetime
) -> list[tuple[datetime, Json]]:
    """Lists whose log tells each thing that was added or taken away: gone back through from now."""
    held = {str(each.get("id")): each for each in value or () if isinstance(each, Mapping)}
    found: list[tuple[datetime, Json]] = []
    for change in reversed(changes):
        if not found or found[-1][0] != change.at:
            found.append((change.at, list(held.values())))
        if change.after:
            held = {
                key: each
                for key, each in held.items()
                if key != change.after_id and each.get("name") != change.after
            }
        if change.before:
            key = change.before_id or change.before
            held = {**held, key: {"id": change.before_id, "name": change.before}}
    found.append((created, list(held.values())))
    return found[::-1]


def _many(items: str | None, identifier: str | None, text: str | None) -> Json:
    if items == "user":
        names = _inner(text)
        return [
            _person(each, names[index] if index < len(names) else None)
            for index, each in enumerate(_ids(identifier))
        ]
    if items == "option":
        return _options(_ids(identifier), text or "")
    return list((text or "").split())


def _ids(identifier: str | None) -> list[str]:
    return [each for each in _BETWEEN_IDS.split(identifier or "") if each]


def _options(ids: list[str], text: str) -> Json:
    # A comma parts options, and may be part of one: then nobody can tell which is which.
    texts = [text.strip()] if len(ids) == 1 else [each.strip() for each in text.split(",")]
    if len(ids) != len(texts):
        return UNKNOWN
    return [{"id": one, "value": each} for one, each in zip(ids, texts, strict=True)]


def _inner(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").strip("[] ").split(",") if each.strip()]


def _person(identifier: str | None, text: str | None) -> Json:
    return {"accountId": identifier, "name": identifier, "key": identifier, "displayName": text}


def _number(text: str | None, identifier: str | None) -> Json:
    for each in (text, identifier):
        try:
            return float(each or "")
        except ValueError:
            continue
    return text
