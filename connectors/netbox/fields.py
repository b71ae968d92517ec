"""Dotted paths into NetBox objects: what stands there, whether it is filled, whether it matches.

Pure. NetBox gives choices and select custom fields as ``{value, label}``, references as small
objects with ``slug`` or ``name``, and a custom field that is not defined as no key at all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeGuard

from connectors.base import Json, QueryRefused, Row
from connectors.netbox.filters import FilterValue, Scalar

Path = tuple[str, ...]

CUSTOM = "custom_fields"

_PATH = re.compile(r"[a-z_][a-z0-9_]*(\.[A-Za-z0-9_]+)*", re.ASCII)
_NAMES = ("slug", "name", "address", "model", "display")


def checked_path(text: str) -> str:
    """The text. Raises ValueError, with the fix, when it is no dotted path."""
    if text.startswith("custom_fields."):
        raise ValueError(f"got {text}; a custom field is written cf.{text.partition('.')[2]}")
    if not _PATH.fullmatch(text) or text == "cf":
        raise ValueError(
            f'got "{text}"; expected a field as NetBox\'s API names it, such as serial, '
            "primary_ip4, site.region, or cf.NAME for a custom field"
        )
    return text


@lru_cache(maxsize=1024)  # it is asked of every object again
def path_of(text: str) -> Path:
    """Where a field stands in the object: `cf.x` is ``("custom_fields", "x")``."""
    return tuple(CUSTOM if part == "cf" else part for part in text.split("."))


def flat(paths: Iterable[Path]) -> frozenset[Path]:
    """The paths no deeper than a field, or a custom field: where they begin."""
    return frozenset(path[:2] if path[0] == CUSTOM else path[:1] for path in paths)


def words_of(path: Path) -> str:
    """The path as an author writes it: the inverse of `path_of`."""
    return ".".join("cf" if part == CUSTOM else part for part in path)


def value_at(row: Row, path: Path, what: str = "the object") -> Json:
    """What stands there; None where the way there is empty; a list where it leads through one.

    Raises QueryRefused when the field does not exist (NetBox leaves it out of the answer),
    which is another thing than an empty one.
    """
    value: Json = row
    for place, part in enumerate(path):
        # as JSON is decoded; whatever else a row may be, the long way knows
        if not isinstance(value, dict) or part not in value:
            return _value(value, path[place:], path, what)
        value = value[part]
    return value


def _value(value: Json, rest: Path, path: Path, what: str) -> Json:
    if not rest or value is None:
        return value
    if isinstance(value, list):
        return [_value(one, rest, path, what) for one in value]
    if not isinstance(value, Mapping) or rest[0] not in value:
        raise QueryRefused(_unknown(value, rest, path, what))
    return _value(value[rest[0]], rest[1:], path, what)


def _unknown(value: Json, rest: Path, path: Path, what: str) -> str:
    known = [str(key) for key in value if not str(key).startswith("$")] if _is_object(value) else []
    near = difflib.get_close_matches(rest[0], known, n=1)
    hint = f"; did you mean {words_of((*path[: len(path) - len(rest)], near[0]))}?" if near else ""
    if len(rest) < len(path) and path[len(path) - len(rest) - 1] == CUSTOM:
        return f"NetBox has no custom field {rest[0]} on {what}{hint}"
    return f"NetBox gives no field {words_of(path)} on {what}{hint}"


def _is_object(value: Json) -> TypeGuard[Mapping[str, Json]]:
    return isinstance(value, Mapping)


def label_of(row: Row) -> str:
    """The name people know the object by."""
    return str(row.get("display") or row.get("name") or row["id"])


def filled(value: Json) -> bool:
    """Whether something stands there: empty text, null and [] do not count; 0 and false do."""
    if value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return filled(value["value"]) if "value" in value else bool(value)
    if isinstance(value, list):
        return any(filled(one) for one in value)
    return True


def matches(value: Json, wanted: FilterValue) -> bool:
    """Whether the value is (one of) the wanted: references by slug (else name), choices by value,
    null for empty; a list on either side means any.
    """
    accepted = wanted if isinstance(wanted, list) else [wanted]
    if not filled(value):
        return None in accepted
    return any(_same(one, want) for one in names_of(value) for want in accepted)


def names_of(value: Json) -> Iterator[Scalar]:
    """What a value is called: references by slug (else name), choices by value, lists by each of
    theirs, plain values as they are.
    """
    if isinstance(value, list):
        for one in value:
            yield from names_of(one)
    elif isinstance(value, Mapping):
        if "value" in value:
            yield value["value"]
        else:
            yield next((value[key] for key in _NAMES if value.get(key)), None)
    else:
        yield value


def _same(value: Scalar, wanted: Scalar) -> bool:
    if value is None or wanted is None:
        return False
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) or isinstance(wanted, str):
        return str(value) == str(wanted)
    return value == wanted
