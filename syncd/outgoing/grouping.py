"""Many events as few lines: what one source does to many key results is one line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.model import Event, EventKind
from syncd.outgoing.severity import Severity, is_good, severity_of
from syncd.surfaces.event_documents import clipped, page_of
from syncd.wording import source_name

MOST_NAMED = 5
LONGEST_TITLE = 200
LONGEST_TEXT = 500

_OF_A_SOURCE = {
    EventKind.DATA_STALE: "have no fresh data",
    EventKind.DATA_RECOVERED: "have fresh data again",
}


_NO_MORE = "What else turns stale until it answers again is not told one by one."


@dataclass(frozen=True)
class Line:
    """One thing to tell: of how many events, with the words of the first or of all of them."""

    title: str
    text: str
    page: str
    severity: Severity
    good: bool
    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many events it stands for."""
        return len(self.ids)


def lines(events: Sequence[Event], base: str, *, once_an_outage: bool = False) -> list[Line]:
    """What to tell of these events, what matters most first, else in their order. `base` is the
    address people reach syncd at; `once_an_outage`: of what turns stale later by the same outage
    nothing more is told, and the line says so.
    """
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        groups.setdefault(_group(event), []).append(event)
    found = [_line(group, base, once_an_outage) for group in groups.values()]
    return sorted(found, key=lambda line: -line.severity)


def _group(event: Event) -> tuple[str, ...]:
    if event.kind in _OF_A_SOURCE:
        return (event.kind.value, str(event.data.get("source")))
    return (str(event.id),)


def _line(events: Sequence[Event], base: str, once_an_outage: bool) -> Line:
    first = events[0]
    title, text = first.title, first.text
    page = page_of(first, base)
    if len(events) > 1:
        source = first.data.get("source")
        name = source_name(source if isinstance(source, str) else None)
        title = f"{name}: {len(events)} key results {_OF_A_SOURCE[first.kind]}"
        names = [str(event.key_result) for event in events[:MOST_NAMED]]
        more = len(events) - len(names)
        text = f"{first.text} Of {', '.join(names)}{f' and {more} more' if more else ''}."
        page = f"{base}/"
    text = harmless(text, LONGEST_TEXT)
    if once_an_outage and _begins_outage(first):
        text = f"{text} {_NO_MORE}"
    return Line(
        title=harmless(title, LONGEST_TITLE),
        text=text,
        page=page,
        severity=max(severity_of(event) for event in events),
        good=all(is_good(event) for event in events),
        ids=tuple(str(event.id) for event in events),
    )


def _begins_outage(event: Event) -> bool:
    of_a_source = event.kind is EventKind.DATA_STALE and event.data.get("source") is not None
    return of_a_source or event.kind is EventKind.SOURCE_FAILING


def harmless(text: str, longest: int) -> str:
    """The text on one line, so that no chat takes a part of it for a command: a title calls nobody
    by an at sign, and holds no angle brackets; look-alikes stand for them.
    """
    return clipped(text.translate(_LOOK_ALIKES), longest)


_LOOK_ALIKES = {ord("<"): "\u2039", ord(">"): "\u203a", ord("@"): "\uff20"}
