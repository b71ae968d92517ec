"""What objects were: their versions, put together from the change log's before and after. Pure.

A row of the log holds the whole object twice, with references as ids, choices by value and tags by
name. Where the before of a row is not the after of the row before it, something was changed
without being logged, and nobody knows when: the object is known from that row on only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Json, Row
from connectors.netbox.fields import CUSTOM, Path
from connectors.netbox.points import parsed

TAGS = "tags"

Data = Mapping[Path, Json]
"""An object's values as the change log writes them, by ``(field,)`` or ``(custom_fields, x)``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the change log; `before` and `after` are None where it holds nothing, `request`
    is what rows of one edit have in common.
    """

    id: int
    at: datetime
    action: str
    before: Data | None
    after: Data | None
    name: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What an object was from `start` (inclusive) to `end` (exclusive, None: it still is)."""

    start: datetime
    end: datetime | None
    data: Data


@dataclass(frozen=True)
class Life:
    """An object's versions, ordered and without overlap. `broken`: what was before the first is
    not known, though the object was there.
    """

    versions: tuple[Version, ...]
    broken: bool = False

    @property
    def gone(self) -> bool:
        """Whether it was deleted, or nothing is known of it."""
        return not self.versions or self.versions[-1].end is not None


@dataclass(frozen=True)
class Alive:
    """An object as it is now: when it was created (None: not told) and what it says."""

    created: datetime | None
    data: Data


def entry_of(row: Mapping[str, Any], paths: Collection[Path]) -> Entry | None:
    """The row of the log, its data cut down to these paths; None for a row without a time."""
    at = parsed(row["time"])
    if at is None:
        return None
    before, after = (logged(row[key], paths) for key in ("prechange_data", "postchange_data"))
    action = row["action"]["value"]
    name, request = (str(row.get(key) or "") for key in ("object_repr", "request_id"))
    return Entry(row["id"], at, action, before, after, name, request)


def logged(data: Json, paths: Collection[Path]) -> Data | None:
    """The log's data at these paths; a custom field that it leaves out is empty."""
    if not isinstance(data, Mapping) or not data:
        return None
    custom = data.get(CUSTOM) or {}
    return {
        path: custom.get(path[1]) if path[0] == CUSTOM else data[path[0]]
        for path in paths
        if path[0] == CUSTOM or path[0] in data
    }


def flattened(row: Row, paths: Collection[Path]) -> Data:
    """A row of the API as the log would write it, at these paths."""
    found: dict[Path, Json] = {}
    for path in paths:
        value = (row.get(CUSTOM) or {}).get(path[1]) if path[0] == CUSTOM else row.get(path[0])
        found[path] = _flat(value, "name" if path == (TAGS,) else "id")
    return found


def _flat(value: Json, name: str) -> Json:
    if isinstance(value, list):
        return [_flat(one, name) for one in value]
    if isinstance(value, Mapping):
        return value["value"] if "value" in value else value.get(name)
    return value


def _nothing(path: Path, value: Json) -> bool:  # noqa: ARG001  for those that know of something
    """Says of no value that it went without a row."""
    return False


def life(
    entries: Sequence[Entry],
    alive: Alive | None,
    since: datetime,
    *,
    there: bool = True,
    emptied: Callable[[Path, Json], bool] = _nothing,
) -> Life:
    """The object's versions from `since` on.

    `emptied`: whether a value goes without a row of its own, as a bay is emptied by deleting what
    was in it.

    `entries` are its rows at or after `since`, by id; `alive` is what it is now (None: it was not
    read); `there`: whether it still exists. What was before its first row is told by that row; an
    object without rows is what it always was.
    """
    if alive is None and not entries:
        return Life(())
    broken = False
    versions: list[Version] = []
    current, start = _first(entries, alive, since)
    request = ""
    for entry in entries:
        # within one edit, a before may be what the object was before the whole edit
        continues, request = bool(request) and entry.request == request, entry.request
        if entry.action == "create":
            current, start, versions = entry.after, entry.at, []
            continue
        known = current is not None and entry.before is not None and not continues
        if known and _differ(current or {}, entry.before or {}, emptied):
            versions, current, broken = [], None, True
        if current is not None and entry.at > start:
            versions.append(Version(start, entry.at, current))
        current, start = entry.after, max(entry.at, start)
        if entry.action == "delete":
            return Life(_joined(versions), broken)
    if (
        current is None
        or not there
        or (alive is not None and _differ(current, alive.data, emptied))
    ):
        return Life((), broken=True)
    versions.append(Version(start, None, current))
    return Life(_joined(versions), broken)


def _first(
    entries: Sequence[Entry], alive: Alive | None, since: datetime
) -> tuple[Data | None, datetime]:
    """What the object was at its first known moment, and that moment."""
    born = alive.created if alive is not None else None
    start = since if born is None else max(since, born)
    if not entries:
        return (None if alive is None else alive.data), start
    first = entries[0]
    return first.before, min(start, first.at) if first.action != "create" else first.at


def _joined(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Neighbours that say the same as one."""
    found: list[Version] = []
    for version in versions:
        if found and found[-1].end == version.start and not _differ(found[-1].data, version.data):
            found[-1] = Version(found[-1].start, version.end, version.data)
        else:
            found.append(version)
    return tuple(found)


def _differ(one: Data, other: Data, emptied: Callable[[Path, Json], bool] = _nothing) -> bool:
    return any(
        not _same(path, one[path], other[path])
        and not (other[path] is None and emptied(path, one[path]))
        for path in one.keys() & other.keys()
    )


def _same(path: Path, one: Json, other: Json) -> bool:
    if one == other or (one in (None, "", []) and other in (None, "", [])):
        return True
    if isinstance(one, list) and isinstance(other, list):
        if path == (TAGS,):
            return sorted(map(str, one)) == sorted(map(str, other))
        return len(one) == len(other) and all(
            _same(path, a, b) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    return _number(one, other) or _moment(one, other)


def _number(one: Json, other: Json) -> bool:
    """Whether both are the same number: 3.0 and "3.0"."""
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return False


def _moment(one: Json, other: Json) -> bool:
    at = parsed(one)
    return at is not None and at == parsed(other)
