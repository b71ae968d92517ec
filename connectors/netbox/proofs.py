"""Proof that the server honours a filter. NetBox ignores filters it does not know and returns
everything, which would read as a wrong number and nothing else.

A filter that leaves something out is honoured: an ignored one cannot. One that leaves nothing
out is tried with a value that cannot match (refused with 400, or fewer objects: honoured), a
true/false one with the other value, a negated one with what it negates. What is proven is
remembered for as long as the server's version stays; custom fields come and go without one, so
their filters are proven anew for each full read and each number.
"""

from __future__ import annotations

from connectors.base import FilterIgnored, QueryRefused
from connectors.netbox.api import Api
from connectors.netbox.filters import Filter, FilterValue, values

CANARY = "syncd-no-such-value"
_NEGATIONS = ("n", "nic", "nie", "niew", "nisw", "nre", "nregex", "niregex", "nany")

Proven = set[tuple[str, str, str]]
"""(server version, endpoint, filter), shared by the runs of one session."""


def ensure_honoured(api: Api, endpoint: str, filter_: Filter, proven: Proven) -> None:
    """Nothing, when every filter is honoured. Raises FilterIgnored that names the one that is not,
    QueryRefused when the server refuses its value.
    """
    for key, value in sorted(filter_.items()):
        fact = (api.version, endpoint, key)
        if fact in proven and not key.startswith("cf_"):
            continue
        if _is_honoured(api, endpoint, key, value):
            proven.add(fact)


def _is_honoured(api: Api, endpoint: str, key: str, value: FilterValue) -> bool:
    """True: proven. False: nothing to tell by, for now. Raises FilterIgnored."""
    total = api.count(endpoint, {})
    if total == 0:
        api.count(endpoint, {key: value})
        return False
    if _leaves_out(api, endpoint, key, value, total):
        return True
    opposite = _opposite(value)
    if opposite is not None:
        if _leaves_out(api, endpoint, key, opposite, total):
            return True
    else:
        try:
            if _leaves_out(api, endpoint, key, CANARY, total):
                return True
        except QueryRefused:
            return True
        field, _, lookup = key.rpartition("__")
        if field and lookup in _NEGATIONS and api.count(endpoint, {_positive(key): value}) == 0:
            return False
    raise FilterIgnored(
        f"{api.source}: NetBox ignores the filter {key} of {endpoint}: with it the "
        f"server gives the same {total} objects as without. {_hint(key)}"
    )


def _leaves_out(api: Api, endpoint: str, key: str, value: FilterValue, total: int) -> bool:
    count = api.count(endpoint, {key: value})
    # objects may go while we count: only fewer than both before and after is fewer
    return count < total and count < api.count(endpoint, {})


def _opposite(value: FilterValue) -> bool | None:
    words = {text.lower() for text in values(value)}
    if words == {"true"}:
        return False
    return True if words == {"false"} else None


def _positive(key: str) -> str:
    field, _, lookup = key.rpartition("__")
    return field if lookup == "n" else f"{field}__{lookup[1:]}"


def _hint(key: str) -> str:
    if key.startswith("cf_"):
        name = key.removeprefix("cf_").partition("__")[0]
        return f"Is there a custom field {name} for these objects, and can it be filtered?"
    if key.endswith("__empty"):
        field = key.removesuffix("__empty").removesuffix("_id")
        return f"For references write {field}_id: null or has_{field}, where NetBox has it."
    return "Look at the filters of this endpoint in NetBox's API documentation."
