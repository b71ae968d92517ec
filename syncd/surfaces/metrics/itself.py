"""What syncd says of itself as every replica says it: its mapping files, its backlog, its store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from syncd.store.outbox import Depth
from syncd.store.read import MappingView
from syncd.store.vitals import Compaction, Vitals
from syncd.surfaces.metrics.family import Family, moment

_ACCEPTED = Family(
    "syncd_mapping_accepted", "1 when the newest mapping files were accepted, else 0."
)
_FAULTS = Family("syncd_mapping_faults", "Faults in the newest mapping files.")
_LOADED = Family(
    "syncd_mapping_last_load_timestamp_seconds",
    "When mapping files were last taken up or refused.",
)
_IN_FORCE = Family(
    "syncd_mapping_last_accepted_timestamp_seconds",
    "When the mapping files that are in force were taken up.",
)
_BUILD = Family("syncd_build", "The version that serves this.", ("version",), kind="info")

MAPPING = (_ACCEPTED, _FAULTS, _LOADED, _IN_FORCE, _BUILD)

_DUE = Family("syncd_due_scopes", "Scopes whose turn to be read has come, claimed ones included.")
_LATE = Family(
    "syncd_late_seconds", "How long the longest due scope has waited for somebody to read it."
)
_EVENTS = Family("syncd_events", "Events that were ever told in the feed.", kind="counter")
_SIZE = Family("syncd_store_size_bytes", "What the store takes on disk.")
_CLOCK = Family(
    "syncd_clock_timestamp_seconds",
    "The moment that syncd takes for now; in a replay it is not the wall clock's.",
)


def _of_outbox(name: str, words: str) -> Family:
    return Family(f"syncd_outbox_{name}", words, ("target",))


_OUTBOX: tuple[tuple[Family, Callable[[Depth, datetime], float]], ...] = (
    (
        _of_outbox("depth", "Letters that wait to be sent to a target."),
        lambda depth, _: depth.waiting,
    ),
    (
        _of_outbox(
            "dead_letters", "Letters to a target that were given up, until they are sent again."
        ),
        lambda depth, _: depth.dead,
    ),
    (
        _of_outbox(
            "failing_letters", "Letters that wait because they could not be delivered before."
        ),
        lambda depth, _: depth.failing,
    ),
    (
        _of_outbox(
            "overdue_seconds", "How long a letter could have been sent and was not; 0: none could."
        ),
        lambda depth, now: max((now - (depth.due_at or now)).total_seconds(), 0.0),
    ),
)

_COMPACTED: tuple[tuple[Family, Callable[[Compaction], float | None]], ...] = (
    (
        Family(
            "syncd_store_rows",
            "Rows of a kind that were kept when the store was compacted last.",
            ("kind",),
        ),
        lambda one: one.kept,
    ),
    (
        Family(
            "syncd_store_removed_rows",
            "Rows of a kind that were ever removed, because they are kept no longer.",
            ("kind",),
            kind="counter",
        ),
        lambda one: one.removed,
    ),
    (
        Family(
            "syncd_store_compacted_timestamp_seconds",
            "When what is kept no longer was removed last.",
            ("kind",),
        ),
        lambda one: moment(one.finished_at),
    ),
    (
        Family("syncd_store_compaction_seconds", "How long that took.", ("kind",)),
        lambda one: one.seconds,
    ),
)

MOVING = (
    *(_DUE, _LATE, _EVENTS, _SIZE, _CLOCK),
    *(family for family, _ in _OUTBOX),
    *(family for family, _ in _COMPACTED),
)
"""What moves all the time, told apart so that the rest need not be rendered again."""


def mapping_samples(view: MappingView | None, version: str) -> Iterator[str]:
    """The samples of each of `MAPPING`."""
    yield _ACCEPTED.line((), float(view is not None and view.accepted))
    yield _FAULTS.line((), 0 if view is None else len(view.faults))
    yield _LOADED.line((), None if view is None else view.at.timestamp())
    in_force = None if view is None or view.accepted_at is None else view.accepted_at.timestamp()
    yield _IN_FORCE.line((), in_force)
    yield _BUILD.line((version,), 1.0)


def moving_samples(of: Vitals, now: datetime) -> Iterator[str]:
    """The samples of each of `MOVING`."""
    yield _DUE.line((), of.due)
    yield _LATE.line((), of.late_seconds)
    yield _EVENTS.line((), of.events)
    yield _SIZE.line((), of.size_bytes)
    yield _CLOCK.line((), now.timestamp())
    for family, told_of in _OUTBOX:
        yield "".join(
            family.line((name,), told_of(depth, now)) for name, depth in of.outbox.items()
        )
    for family, found_of in _COMPACTED:
        yield "".join(family.line((one.kind,), found_of(one)) for one in of.compactions)
