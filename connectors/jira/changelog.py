"""An issue's change log: what was changed, when and by whom, whichever way Jira writes it
(`entries`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Final

import msgspec
import orjson

from connectors.base import Json, QueryRefused
from connectors.jira.entries import WORDS_OF_A_PERSON, Entry, Item, Log, Malformed, entry_of

_LOGGED_AS = {"components": "Component", "fixVersions": "Fix Version", "versions": "Version"}
_MILLISECONDS_FROM = 100_000_000_000
"""Whole numbers from here on are milliseconds since 1970."""

_AS_JIRA_WRITES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", re.ASCII)
_OFFSET_AT = len("2026-01-15T10:30:12.345")
_offsets: dict[str, timedelta] = {}
"""By how much the offsets that were met so far are ahead, by their texts."""

_NOTHING = "[]"
"""The ids of a list, once its last thing is taken away."""

MOST_TOLD: Final = 1024
"""Of so many names that items call fields by it is kept which field each means."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account: every word it goes by (folded), and the name it is shown by, which is no
    address.
    """

    words: frozenset[str]
    shown: str

    def is_one_of(self, accounts: Iterable[str]) -> bool:
        """True when one of the accounts (name, id, e-mail address or display name) is this one."""
        return any(account.strip().casefold() in self.words for account in accounts)


class Change(msgspec.Struct, frozen=True, gc=False):
    """One field set to something else. Ids are there for things with ids (a status, an account);
    None and empty text both mean that there was nothing. `author` is None where Jira names nobody.

    Made in a quarter of the time of a tuple with names, and no work for the garbage collector:
    there is one for each entry of every change log.
    """

    at: datetime
    author: Person | None
    field: str
    before_id: str | None
    before: str | None
    after_id: str | None
    after: str | None


def person_of(user: Json) -> Person | None:
    """The account that Jira's JSON tells of, None when it tells of none."""
    if not isinstance(user, dict):  # as JSON is decoded; Mapping would cost more than the rest
        return None
    try:
        return _person(*map(user.get, WORDS_OF_A_PERSON))
    except TypeError:  # a list or an object, where a word is promised
        said = (user.get(name) for name in WORDS_OF_A_PERSON)
        return _person(*(word if isinstance(word, str) else None for word in said))


@lru_cache(maxsize=1024)
def _person(*said: Json) -> Person | None:
    """The account of these words, in their order. A Jira has few people and many entries of each,
    and to make one of them anew took a third of the time of reading a change log.
    """
    known = zip(WORDS_OF_A_PERSON, said, strict=True)
    words = {name: word for name, word in known if isinstance(word, str)}
    if not words:
        return None
    shown = words.get("displayName") or words.get("name") or next(iter(words.values()))
    return Person(frozenset(word.strip().casefold() for word in words.values()), shown)


def moment_of(value: Json) -> datetime:
    """The moment, aware UTC, that Jira writes so: text with an offset, or milliseconds since 1970
    (as a number or, met in bulk change logs, as text). Malformed when it is none.
    """
    # There are three to an issue, nearly all at the account's one or two offsets. To ask first what
    # one is took as long as to read it, and `astimezone` twice as long as all the rest.
    try:
        return datetime.fromisoformat(value[:_OFFSET_AT] + "Z") - _offsets[value[_OFFSET_AT:]]
    except (TypeError, LookupError, ValueError, OverflowError):
        return _moment_of(value)


def _moment_of(value: Json) -> datetime:
    with suppress(TypeError, ValueError, OverflowError):
        moment = datetime.fromisoformat(value)
        if (offset := moment.utcoffset()) is not None:
            found = moment.astimezone(UTC)
            if _AS_JIRA_WRITES.fullmatch(value) and len(_offsets) < MOST_TOLD:
                _offsets[value[_OFFSET_AT:]] = offset
            return found
    return _of_milliseconds(value)


def _of_milliseconds(value: Json) -> datetime:
    if (isinstance(value, str) and value.isdecimal()) or type(value) is int:
        with suppress(ValueError, OverflowError, OSError):
            number = int(value)
            if number >= _MILLISECONDS_FROM:
                return datetime.fromtimestamp(number // 1000, UTC).replace(
                    microsecond=number % 1000 * 1000
                )
    raise Malformed(f"expected a time with its offset or milliseconds, got {value!r:.60}")


class _Meant(dict[str | None, str | None]):
    """Which wanted field each name means that items have called one by; None: none of them."""

    def __init__(self, means: Callable[[str], str | None]) -> None:
        super().__init__()
        self._means = means

    def __missing__(self, name: str | None) -> str | None:
        if name is None:
            raise Malformed("an item names no field")
        found = self._means(name)
        if len(self) < MOST_TOLD:
            self[name] = found
        return found


class Tracked:
    """The fields whose changes are wanted, and how entries name them.

    `names` are the ids of all wanted fields with their names; `namesakes` are the names that more
    than one field of this Jira bears, which on Data Center nobody can tell apart in a change log.
    `people`: it matters who changed them; else no change has an author.
    """

    def __init__(
        self, names: Mapping[str, str], namesakes: frozenset[str], *, people: bool = True
    ) -> None:
        self.ids = frozenset(names)
        self.people = people
        self._namesakes = namesakes
        self._own = _Meant(partial(self._named, custom=False))
        self._custom = _Meant(partial(self._named, custom=True))
        self._by_name = {
            (name if field.startswith("customfield_") else _LOGGED_AS.get(field, field)).casefold():
            field
            for field, name in names.items()
        }  # fmt: skip

    def field_of(self, item: Item) -> str | None:
        """The id of the wanted field that an item is about, None when it is about another.
        QueryRefused when it may be about another field of the same name.
        """
        if item.field_id is not None:
            return item.field_id if item.field_id in self.ids else None
        return (self._custom if item.kind == "custom" else self._own)[item.field]

    def _named(self, name: str, *, custom: bool) -> str | None:
        found = self._by_name.get(name.casefold())
        if found is None or found.startswith("customfield_") != custom:
            return None
        if name.casefold() in self._namesakes and found.startswith("customfield_"):
            raise QueryRefused(
                f'several fields are called "{name}", and the change log of Data Center names '
                "fields without their ids; fix: rename one of them in Jira"
            )
        return found


def changes_of(log: Log, tracked: Tracked) -> tuple[Change, ...]:
    """The changes of the wanted fields, the oldest first; each entry once, whatever order and
    however often it comes. Malformed when an entry is not of the promised shape.
    """
    found: list[Change] = []
    last: datetime | None = None
    people, field_of = tracked.people, tracked.field_of
    for history in log:
        entry = history if type(history) is Entry else entry_of(history)
        if not entry.id.isdecimal():
            raise Malformed("an entry came without its numeric id")
        at = moment_of(entry.created)
        author = _author_of(entry) if people else None
        for item in entry.items:
            if (field := field_of(item)) is None:
                continue
            # at once with the last one, before it, or the same again
            if last is not None and at <= last:
                return _sorted(log, tracked)
            last = at
            before_id, after_id = item.before_id, item.after_id
            if before_id == _NOTHING or after_id == _NOTHING:
                found.append(Change(at, author, field, *_sides(item)))
            else:
                found.append(
                    Change(at, author, field, before_id, item.before, after_id, item.after)
                )
    return tuple(found)


def _sorted(log: Log, tracked: Tracked) -> tuple[Change, ...]:
    """The same of a log that is not plain: nearly all are in their order, with one change at a
    time, and to sort those took longer than to read them.
    """
    found: dict[tuple[datetime, int], dict[Change, None]] = {}
    for history in log:
        entry = history if isinstance(history, Entry) else entry_of(history)
        if not entry.id.isdecimal():
            raise Malformed("an entry came without its numeric id")
        at = moment_of(entry.created)
        author = _author_of(entry) if tracked.people else None
        changes = [
            Change(at, author, field, *_sides(item))
            for item in entry.items
            if (field := tracked.field_of(item)) is not None
        ]
        if changes:
            found.setdefault((at, int(entry.id)), {}).update(dict.fromkeys(changes))
    return tuple(change for _, entry in sorted(found.items()) for change in entry)


def _author_of(entry: Entry) -> Person | None:
    try:
        return person_of(orjson.loads(memoryview(entry.author)))
    except orjson.JSONDecodeError as error:
        raise Malformed("an entry came with an author that is no JSON") from error


def _sides(item: Item) -> tuple[str | None, str | None, str | None, str | None]:
    """Ids and words, before and after; those of a list without things are empty, not `[]`."""
    before_id, before, after_id, after = item.before_id, item.before, item.after_id, item.after
    if before_id == _NOTHING:
        before_id = before = ""
    if after_id == _NOTHING:
        after_id = after = ""
    return before_id, before, after_id, after
