"""The query filters of NetBox's lists, with its own semantics and its own traps.

What NetBox does not know is ignored, as it ignores it. What NetBox knows and this sandbox does
not implement is refused with `OutsideSandbox`, never answered wrongly.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from syncd.demo.expressions import BadExpression, compiled
from syncd.demo.netbox.seed import CustomField, surface

Predicate = Callable[[Any], bool]

NOT_FILTERS = frozenset(
    {"limit", "offset", "start", "fields", "omit", "brief", "ordering", "format", "exclude"}
)
_REFUSED = frozenset({"export", "filter", "filter_id"})
_TEXTS = ("text", "longtext", "url")
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "2"), True),
    **dict.fromkeys(("false", "False", "3"), False),
}
"""What NetBox takes for a boolean; any other text is no filter at all."""


class OutsideSandbox(Exception):
    """NetBox can do this, the sandbox cannot."""


class BadFilter(Exception):
    """A value that NetBox refuses with 400."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.body = {name: [problem]}


class Kind(Enum):
    """How a filter reads its values; decides which lookups it has."""

    TEXT = "text"
    CHOICE = "one or more choices"
    ONE_CHOICE = "a choice, the last one given"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MOMENT = "moment"
    REFERENCE = "id of another object"
    SLUG = "slug or name of another object"
    FLAG = "true or false"
    OBJECT_TYPE = "object type"
    UUID = "uuid"


@dataclass(frozen=True)
class Filter:
    """One filter: how to read its values, what to compare them with, which are valid.

    `get` gives a row's value, or a set of values any of which may match. `lookup` is the
    comparison when the query names none. Of several values `single` takes the last; `once` means
    that the sandbox knows only one.
    """

    kind: Kind
    get: Callable[[Any], Any]
    valid: Callable[[], Collection[Any]] | None = None
    lookup: str = "exact"
    single: bool = False
    once: bool = False


_TEXT_LOOKUPS = {"n", "ic", "nic", "isw", "nisw", "iew", "niew", "ie", "nie", "regex", "iregex"}
_NUMBER_LOOKUPS = {"n", "lt", "lte", "gt", "gte", "empty"}
_LOOKUPS: dict[Kind, set[str]] = {
    Kind.TEXT: _TEXT_LOOKUPS | {"empty"},
    Kind.CHOICE: _TEXT_LOOKUPS | {"empty"},
    Kind.ONE_CHOICE: _TEXT_LOOKUPS | {"empty"},
    Kind.INTEGER: _NUMBER_LOOKUPS,
    Kind.DECIMAL: _NUMBER_LOOKUPS,
    Kind.MOMENT: _NUMBER_LOOKUPS,
    Kind.REFERENCE: {"n"},
    Kind.SLUG: {"n"},
    Kind.FLAG: set(),
    Kind.OBJECT_TYPE: {"n"},
    Kind.UUID: set(),
}

_CUSTOM: dict[str, tuple[Kind | None, frozenset[str]]] = {
    **dict.fromkeys((*_TEXTS, "select"), (Kind.TEXT, frozenset(_TEXT_LOOKUPS | {"empty"}))),
    "multiselect": (None, frozenset(_TEXT_LOOKUPS | {"empty"})),
    "integer": (Kind.INTEGER, frozenset(_NUMBER_LOOKUPS)),
    **dict.fromkeys(("decimal", "date", "datetime"), (None, frozenset(_NUMBER_LOOKUPS))),
    "boolean": (Kind.FLAG, frozenset()),
}
"""How custom fields of a type are compared (None: not here) and which lookups NetBox gives them.
Texts of the default, loose logic have none at all."""


def predicates(
    endpoint: str,
    query: Iterable[tuple[str, str]],
    filters: dict[str, Filter],
    custom: Sequence[CustomField] = (),
) -> list[Predicate]:
    """What a row must satisfy. Raises BadFilter (400) or OutsideSandbox (501)."""
    asked: dict[str, list[str]] = {}
    for name, value in query:
        if name not in NOT_FILTERS:
            asked.setdefault(name, []).append(value)
    found = []
    for name, values in asked.items():
        if name in _REFUSED:
            raise OutsideSandbox(f"the parameter {name!r}")
        made = (
            _custom(name, values, custom)
            if name.startswith("cf_")
            else _built_in(endpoint, name, values, filters)
        )
        if made is not None:
            found.append(made)
    return found


def _built_in(
    endpoint: str, name: str, values: list[str], filters: dict[str, Filter]
) -> Predicate | None:
    base, _, lookup = name.partition("__")
    if endpoint not in surface()["filters"]:
        return _beyond_surface(endpoint, name, values, filters)
    known = surface()["filters"][endpoint]
    group = next((each for each, names in known.items() if base in names), None)
    if name in filters and group is None:  # time_after: NetBox's range filter has suffixes
        return _predicate(name, filters[name], "", values)
    if group is None or (lookup and lookup not in surface()["lookups"][group]):
        return None
    each = filters.get(base)
    if each is None or (lookup and lookup not in _LOOKUPS[each.kind]):
        raise OutsideSandbox(f"the filter {name!r}")
    return _predicate(name, each, lookup, values)


def _beyond_surface(
    endpoint: str, name: str, values: list[str], filters: dict[str, Filter]
) -> Predicate | None:
    """A filter of a list whose filters were not recorded. A plugin's list has what its fields
    give, and ignores the rest.
    """
    base, _, lookup = name.partition("__")
    if base in filters and (not lookup or lookup in _LOOKUPS[filters[base].kind]):
        return _predicate(name, filters[base], lookup, values)
    if endpoint.startswith("plugins/"):
        return None
    raise OutsideSandbox(f"the filter {name!r}")


def _custom(name: str, values: list[str], custom: Sequence[CustomField]) -> Predicate | None:
    base, _, lookup = name.removeprefix("cf_").partition("__")
    definition = next((each for each in custom if each.name == base), None)
    if definition is None or definition.filter_logic == "disabled":
        return None

    def get(row: Any) -> Any:
        return row["custom_fields"].get(base)

    kind, lookups = _CUSTOM.get(definition.type, (None, frozenset[str]()))
    loose = definition.filter_logic == "loose" and definition.type in _TEXTS
    if definition.type == "json" or (lookup and (loose or lookup not in lookups)):
        return None  # NetBox makes no such filter
    if lookup == "empty":
        wanted = _flag(values)
        return None if wanted is None else lambda row: (get(row) in (None, "")) == wanted
    if kind is None:
        raise OutsideSandbox(f"the filter {name!r} on a custom field of type {definition.type}")
    return _predicate(name, Filter(kind, get, lookup="ic" if loose else "exact"), lookup, values)


def _flag(values: list[str]) -> bool | None:
    return _BOOLEANS.get(values[-1])


def _predicate(name: str, each: Filter, lookup: str, values: list[str]) -> Predicate | None:
    if each.kind is Kind.FLAG or lookup == "empty":
        wanted = _flag(values)
        if wanted is None:
            return None
        if lookup == "empty":
            return lambda row: (each.get(row) in (None, "")) == wanted
        return lambda row: each.get(row) is wanted
    if each.once and len(values) > 1:
        raise OutsideSandbox(f"several values of the filter {name!r}")
    if each.single:
        values = values[-1:]
    if each.single or each.kind in (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.MOMENT):
        values = [value for value in values if value]
        if not values:
            return None
    negated = lookup.startswith("n")
    how = lookup.removeprefix("n") or ("exact" if negated else each.lookup)
    wanted_values = [_read(name, each, lookup, value) for value in values]
    if each.kind is Kind.OBJECT_TYPE:  # NetBox drops the types that it does not know
        wanted_values = [value for value in wanted_values if value is not None]
    matches = _matches(how, frozenset(wanted_values))

    def holds(row: Any) -> bool:
        mine = each.get(row)
        return matches(mine if isinstance(mine, frozenset) else frozenset((mine,))) != negated

    return holds


def _matches(how: str, wanted: frozenset[Any]) -> Callable[[frozenset[Any]], bool]:
    """Whether any of a row's values matches any of the wanted ones; None matches only None."""
    if how == "exact":
        return lambda mine: not mine.isdisjoint(wanted)
    texts = wanted - {None}
    found = _found(how, texts) if how in ("regex", "iregex") else None
    compare = found or _COMPARISONS[how]

    def any_matches(mine: frozenset[Any]) -> bool:
        if None in mine and None in wanted:
            return True
        return any(compare(one, value) for one in mine - {None} for value in texts)

    return any_matches


def _found(how: str, expressions: frozenset[str]) -> Callable[[Any, Any], bool]:
    """Whether an expression is found in a value, in time that grows with the value alone."""
    try:
        patterns = {one: compiled(one, folded=how == "iregex") for one in expressions}
    except BadExpression as error:
        raise OutsideSandbox(f"the expression: {error.args[0]}") from error
    return lambda mine, value: patterns[value].search(mine) is not None


def _read(name: str, each: Filter, lookup: str, text: str) -> Any:
    """A value as NetBox's form fields read it; BadFilter in their words."""
    if each.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MOMENT):
        return _read_number(name, each.kind, text)
    if each.kind is Kind.UUID:
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise BadFilter(name, "Enter a valid UUID.") from None
    if each.kind is Kind.OBJECT_TYPE:
        return text.lower() if re.fullmatch(r"[^.]+\.[^.]+", text) else None
    if text == "null":
        if lookup not in ("", "n"):
            raise OutsideSandbox(f"null in the filter {name!r}")
        return None
    value: Any = text
    if each.kind is Kind.REFERENCE:
        if not re.fullmatch(r"\d+", text):
            raise BadFilter(name, f"“{text}” is not a valid value.")
        value = int(text)
    exact = lookup in ("", "n", "ie", "nie")
    if each.valid is not None and exact and value not in each.valid():
        raise BadFilter(name, f"Select a valid choice. {text} is not one of the available choices.")
    return value


def _read_number(name: str, kind: Kind, text: str) -> Any:
    name = name.removesuffix("_after").removesuffix("_before")  # NetBox names the whole range
    if kind is Kind.INTEGER:
        try:
            return int(text.strip())
        except ValueError:
            raise BadFilter(name, "Enter a whole number.") from None
    if kind is Kind.DECIMAL:
        try:
            return Decimal(text.strip())
        except InvalidOperation:
            raise BadFilter(name, "Enter a number.") from None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadFilter(name, "Enter a valid date/time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda mine, value: bool(mine < value),
    "lte": lambda mine, value: bool(mine <= value),
    "gt": lambda mine, value: bool(mine > value),
    "gte": lambda mine, value: bool(mine >= value),
    "ie": lambda mine, value: mine.upper() == value.upper(),
    "ic": lambda mine, value: value.upper() in mine.upper(),
    "isw": lambda mine, value: mine.upper().startswith(value.upper()),
    "iew": lambda mine, value: mine.upper().endswith(value.upper()),
}
