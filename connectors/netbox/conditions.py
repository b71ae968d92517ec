"""Filters tested on what an object was, as far as its own data can tell.

What comes out is never believed by itself: `past` compares it with what the server lists now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from connectors.base import Json
from connectors.netbox.fields import CUSTOM, Path
from connectors.netbox.filters import Filter, FilterValue, values
from connectors.netbox.lookup import Shapes
from connectors.netbox.patterns import NotAlike, finds
from connectors.netbox.points import parsed
from connectors.netbox.versions import TAGS, Data

Condition = Callable[[Data], bool]

_NULL = "null"
_ADDRESSES = {"has_primary_ip": ("primary_ip4", "primary_ip6"), "has_oob_ip": ("oob_ip",)}
_FOLDED = {("dcim.devices", "name"), ("dcim.devices", "serial")}
"""Filters that NetBox compares without regard to case though nothing in their name says so."""
_LOOSE = ("text", "longtext", "url")


class CannotTell(Exception):  # says what is so; never leaves the connector
    """A filter that an object's own data cannot answer. Its argument is the filter's name."""


def paths_of(filter_: Filter, known: Collection[str]) -> set[Path]:
    """Where the filter looks, given the names of an object's fields in the change log. Raises
    CannotTell.
    """
    return {path for key in filter_ for path in _paths(key, known)}


def _paths(key: str, known: Collection[str]) -> list[Path]:
    base = key.partition("__")[0]
    if base.startswith("cf_"):
        return [(CUSTOM, base.removeprefix("cf_"))]
    if base in ("tag", "tag_id"):
        base = TAGS
    for head in (base, base.removesuffix("_id")):
        if head in known and head != CUSTOM:
            return [(head,)]
    if base in _ADDRESSES and set(_ADDRESSES[base]) <= set(known):
        return [(head,) for head in _ADDRESSES[base]]
    raise CannotTell(key)


def condition(endpoint: str, filter_: Filter, known: Collection[str], shapes: Shapes) -> Condition:
    """Whether an object matched the whole filter. Raises CannotTell."""
    tests = [_test(endpoint, key, value, known, shapes) for key, value in filter_.items()]
    return lambda data: all(test(data) for test in tests)


def _test(
    endpoint: str, key: str, value: FilterValue, known: Collection[str], shapes: Shapes
) -> Condition:
    base, _, lookup = key.partition("__")
    paths = _paths(key, known)
    path = paths[0]
    wanted = values(value)
    if base in _ADDRESSES:
        flag = _flag(key, wanted)
        return lambda data: any(data.get(one) is not None for one in paths) is flag
    if lookup == "empty":
        flag = _flag(key, wanted)
        return lambda data: (data.get(path) in (None, "", [])) is flag
    if base in ("tag", "tag_id"):
        return _tagged(key, base, lookup, wanted, shapes)
    if path[0] == CUSTOM:
        return _custom(key, path, lookup, wanted, shapes)
    reference = shapes.reference(path)
    if reference is not None or base != path[0]:
        return _refers(key, path, reference, lookup, wanted, shapes)
    folded = not lookup and (endpoint, base) in _FOLDED
    return _compared(key, path, "ie" if folded else lookup, wanted)


def _flag(key: str, wanted: list[str]) -> bool:
    flag = {"true": True, "false": False}.get(wanted[-1].lower())
    if flag is None:
        raise CannotTell(key)
    return flag


def _tagged(key: str, base: str, lookup: str, wanted: list[str], shapes: Shapes) -> Condition:
    if lookup not in ("", "n", "any") or _NULL in wanted:
        raise CannotTell(key)
    field = "id" if base == "tag_id" else "slug"
    names = {str(tag["name"]) for tag in shapes.tags() if str(tag[field]) in wanted}
    return lambda data: bool(names & set(data.get((TAGS,)) or ())) is not (lookup == "n")


def _custom(key: str, path: Path, lookup: str, wanted: list[str], shapes: Shapes) -> Condition:
    defined = shapes.custom_field(path[1])
    if defined is None:
        raise CannotTell(key)
    kind = (defined.get("type") or {}).get("value")
    logic = (defined.get("filter_logic") or {}).get("value")
    if kind in ("object", "multiobject", "json") or logic == "disabled":
        raise CannotTell(key)
    loose = logic == "loose" and kind in _LOOSE
    if loose and lookup:
        raise CannotTell(key)
    return _compared(key, path, "ic" if loose else lookup, wanted)


def _refers(
    key: str, path: Path, endpoint: str | None, lookup: str, wanted: list[str], shapes: Shapes
) -> Condition:
    by_id = key.partition("__")[0] == f"{path[0]}_id"
    if endpoint is None or lookup not in ("", "n"):
        raise CannotTell(key)
    named = [one for one in wanted if one != _NULL]
    ids: set[int | None] = set()
    if named:
        ids |= shapes.members(endpoint, named, "id" if by_id else "slug")
        if not ids:
            raise CannotTell(key)
    if _NULL in wanted:
        ids.add(None)
    return lambda data: (data.get(path) in ids) is not (lookup == "n")


_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda mine, wanted: mine == wanted,
    "ie": lambda mine, wanted: mine.upper() == wanted.upper(),
    "ic": lambda mine, wanted: wanted.upper() in mine.upper(),
    "isw": lambda mine, wanted: mine.upper().startswith(wanted.upper()),
    "iew": lambda mine, wanted: mine.upper().endswith(wanted.upper()),
}
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "lt": lambda mine, wanted: mine < wanted,
    "lte": lambda mine, wanted: mine <= wanted,
    "gt": lambda mine, wanted: mine > wanted,
    "gte": lambda mine, wanted: mine >= wanted,
}


def _compared(key: str, path: Path, lookup: str, wanted: list[str]) -> Condition:
    if lookup in _ORDERS:
        compare = _ORDERS[lookup]
        limits = [limit for one in wanted if (limit := _ordinal(one)) is not None]
        if len(limits) < len(wanted):
            raise CannotTell(key)

        def ordered(data: Data) -> bool:
            mine = [_ordinal(one) for one in _each(data.get(path))]
            return any(compare(one, limit) for one in mine if one is not None for limit in limits)

        return ordered
    negated = lookup.startswith("n")
    how = lookup.removeprefix("n")
    if how in ("regex", "iregex"):
        matches = _found(key, wanted, folded=how == "iregex")
    elif how in _TEXTS:
        matches = _TEXTS[how]
    else:
        raise CannotTell(key)

    def holds(data: Data) -> bool:
        mine = list(_each(data.get(path)))
        return any(_matches(one, want, matches) for one in mine for want in wanted) is not negated

    return holds


def _found(key: str, wanted: list[str], *, folded: bool) -> Callable[[str, str], bool]:
    try:
        tests = {one: finds(one, folded=folded) for one in wanted}
    except NotAlike as error:
        raise CannotTell(key) from error
    return lambda mine, one: tests[one](mine)


def _each(value: Json) -> Iterable[Json]:
    return (value or [None]) if isinstance(value, list) else [value]


def _matches(mine: Json, wanted: str, compare: Callable[[str, str], bool]) -> bool:
    if wanted == _NULL or mine is None:
        return wanted == _NULL and mine is None
    if isinstance(mine, bool):
        return str(mine).lower() == wanted.lower()
    if isinstance(mine, int | float):
        try:
            return float(wanted) == mine
        except ValueError:
            return False
    return compare(str(mine), wanted)


def _ordinal(value: Json) -> float | None:
    """A number, or a moment as one; None when it is neither."""
    try:
        return float(value)
    except (TypeError, ValueError):
        at = parsed(value)
        return None if at is None else at.timestamp()
