"""Entries of change logs as they are decoded: of all that Jira tells, only what is looked at is
made.

An entry ("history") of Cloud's REST v3 and of Data Center's REST v2 is::

    {"id": "10001", "author": {…}, "created": "2026-01-15T10:30:12.345-0500" or 1768491012345,
     "items": [{"field": "status", "fieldId": "status", "fieldtype": "jira", "from": "3",
                "fromString": "In Progress", "to": "5", "toString": "Done"}]}

Cloud leaves out what is null. Data Center names no `fieldId`, only `field`: the field's name, or
for its own fields a word that need not be the id (`Component` for ``components``).

An answer in which anything is of another type than here is decoded whole (`transport.decoding`);
its entries are then read one by one (`entry_of`), and what is wrong with one is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import msgspec
import orjson

from connectors.base import Json

WORDS_OF_A_PERSON = ("accountId", "name", "key", "emailAddress", "displayName")
_SIDES = {"before_id": "from", "before": "fromString", "after_id": "to", "after": "toString"}


class Malformed(ValueError):
    """An entry that is not of the shape that Jira promises; the message says in what."""


# None of these refers to itself, so they are no work for the garbage collector: to look through
# the entries of a thousand issues again and again took a fifth of the time of a scan.
class Item(msgspec.Struct, gc=False, rename={"field_id": "fieldId", "kind": "fieldtype"} | _SIDES):
    """What one field was and became: ids where it has things with ids, and words."""

    field: str | None = None
    field_id: str | None = None
    kind: str | None = None
    before_id: str | None = None
    before: str | None = None
    after_id: str | None = None
    after: str | None = None


class Entry(msgspec.Struct, gc=False):
    """What was changed at once. `created` and `author` are as Jira writes them, `author` not
    decoded yet where it is a `msgspec.Raw`.
    """

    id: str
    created: str | int
    items: list[Item]
    author: msgspec.Raw = msgspec.Raw(b"null")


Log = Sequence[Entry | Json]
"""A change log as its answer was decoded."""


def entry_of(history: Json) -> Entry:
    """An entry of an answer that was decoded whole. Malformed when it is not of the promised
    shape.
    """
    if not isinstance(history, dict) or not str(history.get("id", "")).isdecimal():
        raise Malformed("an entry came without its numeric id")
    items = history.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Malformed("an entry came without its list of items")
    created: Any = history.get("created")  # whoever reads it says what is wrong with it
    entry = Entry(str(history["id"]), created, [_item_of(item) for item in items])
    author = history.get("author")
    if isinstance(author, dict):
        words = {name: author.get(name) for name in WORDS_OF_A_PERSON}
        texts = {name: word for name, word in words.items() if isinstance(word, str)}
        entry.author = msgspec.Raw(orjson.dumps(texts))
    return entry


def _item_of(item: dict[str, Json]) -> Item:
    named = (item.get(name) for name in ("field", "fieldId", "fieldtype"))
    sides = (item.get(name) for name in _SIDES.values())
    return Item(
        *(word if isinstance(word, str) else None for word in named),
        *(None if side is None else str(side) for side in sides),
    )


# No `Any` among these: what is nested in it would be made level by level, until the stack ends.
class _Log(TypedDict, total=False):
    issueId: str
    changeHistories: list[Entry]


class _Logs(TypedDict, total=False):
    issueChangeLogs: list[_Log]
    nextPageToken: str | None


class _Histories(TypedDict, total=False):
    histories: list[Entry]
    total: int


class _Issue(TypedDict, total=False):
    id: str
    key: str
    fields: msgspec.Raw
    changelog: _Histories


class _Found(TypedDict, total=False):
    issues: list[_Issue]
    total: int
    errorMessages: list[str]
    errors: dict[str, str]
    warningMessages: list[str]


_logs = msgspec.json.Decoder(_Logs)
_found = msgspec.json.Decoder(_Found)


def logs_in_bulk(body: bytes) -> Json:
    """An answer of ``changelog/bulkfetch`` (Cloud) as JSON with an `Entry` for each entry.
    ValueError or RecursionError where it is of another shape.
    """
    return _logs.decode(body)


def found_with_logs(body: bytes) -> Json:
    """An answer of ``search`` with change logs (Data Center) as JSON with an `Entry` for each
    entry. ValueError or RecursionError where it is of another shape.
    """
    found: Json = _found.decode(body)
    for issue in found.get("issues", ()):
        if "fields" in issue:
            # of any types; orjson counts levels, where msgspec runs out of stack
            issue["fields"] = orjson.loads(memoryview(issue["fields"]))
    return found
