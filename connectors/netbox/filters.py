"""Filters in NetBox's own words: what authors may write, and how it goes on the wire. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Scalar = str | bool | int | float | None
FilterValue = Scalar | list[Scalar]
Filter = Mapping[str, FilterValue]
Parameters = list[tuple[str, str]]

_NOT_FILTERS = {
    "limit": "it pages",
    "offset": "it pages",
    "start": "it pages",
    "ordering": "it sorts",
    "fields": "it chooses what is shown",
    "omit": "it chooses what is shown",
    "exclude": "it chooses what is shown",
    "include": "it chooses what is shown",
    "brief": "it chooses what is shown",
    "format": "it chooses what is shown",
    "filter": "it names a saved filter, which anybody can change; write its conditions here",
    "filter_id": "it names a saved filter, which anybody can change; write its conditions here",
}
_ALL_OF = ("tag", "tag_id")


def checked_filter(filter_: dict[str, FilterValue]) -> dict[str, FilterValue]:
    """The filter as it was given. Raises ValueError, in an author's words, for what NetBox would
    misread.
    """
    for key, value in filter_.items():
        if key in _NOT_FILTERS:
            raise ValueError(f"{key} is no filter: {_NOT_FILTERS[key]}")
        if key == "id" or key.startswith("id__"):
            raise ValueError(
                f"{key} cannot be used: objects are paged by id, and NetBox takes the same filter "
                "twice as 'any of'; say what the objects have in common instead"
            )
        if isinstance(value, list):
            if not value:
                raise ValueError(f"{key} is an empty list; give at least one value, or leave it")
            if key in _ALL_OF and len(value) > 1:
                raise ValueError(
                    f"NetBox takes a list of {key} as 'all of them', where a list here means any; "
                    f"write {key}__any for any (NetBox 4.5 and later), or one tag"
                )
        if value == "" or (isinstance(value, list) and "" in value):
            raise ValueError(f"{key} is empty text, which NetBox ignores; write null for 'none'")
    return filter_


def values(value: FilterValue) -> list[str]:
    """A filter's value as NetBox's parameters: one text for each value."""
    return [_text(one) for one in (value if isinstance(value, list) else [value])]


def parameters(filter_: Filter) -> Parameters:
    """The filter as query parameters, in a stable order."""
    return [(key, text) for key in sorted(filter_) for text in values(filter_[key])]


def _text(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def narrowed(scope: Filter, passing: Filter) -> dict[str, FilterValue]:
    """The filter of the objects in `scope` that also match `passing`.

    The same filter twice means 'any of' to NetBox, so where both have a key the narrower values
    stand for both. Raises ValueError where there are no such values.
    """
    both = dict(scope)
    for key, value in passing.items():
        if key in scope and set(values(value)) != set(values(scope[key])):
            if "__" in key or key in _ALL_OF:
                raise ValueError(
                    f"{key} stands in both filter and passing, and NetBox takes a filter given "
                    "twice as 'any of'; say one of the two with another filter"
                )
            outside = [text for text in values(value) if text not in values(scope[key])]
            if outside:
                raise ValueError(
                    f"passing has {key} {', '.join(outside)}, which filter already leaves out; "
                    f"the values of passing must be among those of filter"
                )
        both[key] = value
    return both


def chunks(name: str, ids: Iterable[int], budget: int) -> Iterable[Parameters]:
    """The ids as repeated parameters `name`, cut so that none takes more than `budget` characters
    of a request line (gunicorn allows 4094 in all).
    """
    part: Parameters = []
    size = 0
    for one in sorted(ids):
        text = str(one)
        if part and size + len(name) + len(text) + 2 > budget:
            yield part
            part, size = [], 0
        part.append((name, text))
        size += len(name) + len(text) + 2
    if part:
        yield part


def length(parameters_: Sequence[tuple[str, str]]) -> int:
    """About how many characters the parameters take in a request line (escapes counted thrice)."""
    return sum(
        len(key) + 2 + sum(1 if c.isalnum() or c in "-_.~" else 3 * len(c.encode()) for c in value)
        for key, value in parameters_
    )
