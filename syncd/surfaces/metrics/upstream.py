"""Indicators and sources as metrics: what was measured, and whether it could be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from syncd.model import Reading
from syncd.store.circuits import Circuit, CircuitState
from syncd.store.read import IndicatorView, SourceView
from syncd.surfaces.metrics.family import Family, moment

INDICATOR_LABELS = ("indicator", "source", "measure")


def _of(name: str, words: str) -> Family:
    return Family(f"syncd_indicator_{name}", words, INDICATOR_LABELS)


_READ: tuple[tuple[Family, Callable[[Reading], float | None]], ...] = (
    (_of("value", "The newest complete reading."), lambda r: r.value),
    (_of("numerator", "What the value is a part of, above."), lambda r: r.numerator),
    (_of("denominator", "What the value is a part of, below."), lambda r: r.denominator),
    (_of("objects", "Objects that hold a verdict."), lambda r: r.objects),
    (
        _of("pending_objects", "Objects that have neither passed nor failed yet."),
        lambda r: r.pending,
    ),
)
_TRIED: tuple[tuple[Family, Callable[[IndicatorView], float | None]], ...] = (
    (
        _of("partial", "1 when a newer reading is partial: shown, and not assessed."),
        lambda view: float(view.partial is not None),
    ),
    (
        _of("quarantined", "1 when what was read last is not believed, and held back."),
        lambda view: float(view.quarantine is not None),
    ),
    (
        _of("failing", "1 when the last attempt to measure it failed."),
        lambda view: float(view.error_type is not None),
    ),
    (
        _of("next_due_timestamp_seconds", "When it is measured next; none: it is composed."),
        lambda view: moment(view.next_due_at),
    ),
)
_SOURCES: tuple[tuple[Family, Callable[[SourceView], float | None]], ...] = (
    (
        Family(
            "syncd_source_up",
            "1 when every scope of the source was read at its last turn.",
            ("source",),
        ),
        lambda view: float(view.failing_since is None),
    ),
    (
        Family("syncd_source_failing_scopes", "Scopes whose last turn failed.", ("source",)),
        lambda view: view.failing,
    ),
    (
        Family(
            "syncd_source_last_success_timestamp_seconds",
            "When a scope of the source was last read.",
            ("source",),
        ),
        lambda view: moment(view.last_success_at),
    ),
)

_CIRCUIT = Family(
    "syncd_source_circuit",
    "Whether a source is asked; 1 for the state that holds, 0 for the others. closed: as usual; "
    "open: it is left alone; half_open: one run finds out if it answers again.",
    ("source", "state"),
)
_RETRY = Family(
    "syncd_source_retry_timestamp_seconds",
    "When one run is let through to a source that is left alone; none: it is not.",
    ("source",),
)

FAMILIES = (
    *(family for family, _ in _READ),
    *(family for family, _ in _TRIED),
    *(family for family, _ in _SOURCES),
    _CIRCUIT,
    _RETRY,
)


def samples(
    indicators: Sequence[IndicatorView],
    sources: Sequence[SourceView],
    circuits: Mapping[str, Circuit],
) -> Iterator[str]:
    """The samples of each of `FAMILIES`. `circuits`: those that are not closed."""
    named = [
        ((view.name or view.fingerprint, view.source or "", view.measure), view)
        for view in indicators
    ]
    for family, read_of in _READ:
        yield "".join(
            family.line(labels, None if view.reading is None else read_of(view.reading))
            for labels, view in named
        )
    for family, tried_of in _TRIED:
        yield "".join(family.line(labels, tried_of(view)) for labels, view in named)
    for family, told_of in _SOURCES:
        yield "".join(family.line((view.name,), told_of(view)) for view in sources)
    found = {view.name: circuits.get(view.name, Circuit()) for view in sources}
    yield "".join(
        _CIRCUIT.line((name, state.value), float(circuit.state is state))
        for name, circuit in found.items()
        for state in CircuitState
    )
    yield "".join(
        _RETRY.line((name,), moment(circuit.retry_at))
        for name, circuit in found.items()
        if circuit.state is CircuitState.OPEN
    )
