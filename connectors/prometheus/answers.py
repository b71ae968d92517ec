"""What an answer of the query API says: one number, one line of numbers, a set of label values, no
data, or a query to be written otherwise.

Pure. Shapes: https://prometheus.io/docs/prometheus/latest/querying/api/#expression-queries
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import (
    BadAnswer,
    Json,
    NotFound,
    QueryRefused,
    ServerFailed,
    TimedOut,
    Unauthorised,
    UpstreamError,
)
from connectors.prometheus.grids import moment_of

ERROR_TYPES: dict[str, type[UpstreamError]] = {
    "bad_data": QueryRefused,
    "execution": QueryRefused,
    "not_acceptable": QueryRefused,
    "canceled": TimedOut,
    "timeout": TimedOut,
    "internal": ServerFailed,
    "unavailable": ServerFailed,
    "not_found": NotFound,
    "unauthorized": Unauthorised,
}
"""Prometheus's `errorType`, in our words."""

Clean = Callable[[str], str]
"""Makes the server's words fit to be shown."""

_MOST_NOTES = 5
_HISTOGRAM = (
    "the query gives a native histogram where a number is due; "
    "fix: take histogram_quantile(0.9, ...) or histogram_avg(...) of it"
)
_PART_ONLY = "the server calls its answer partial (isPartial)"
"""A cluster of VictoriaMetrics whose parts did not all answer says so beside the data:
https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#cluster-availability
"""
_END_OF_TIME = 1e12
"""Seconds since 1970; keeps infinities and integers that are no float out of the evidence."""


def classify(status: int, body: Json) -> type[UpstreamError] | None:
    """Our error for an error answer that names its `errorType`; None: judge by the status.

    401, 403 and 429 come from what stands before the query engine and mean what they say.
    """
    if status in (401, 403, 429) or not isinstance(body, dict):
        return None
    kind = body.get("errorType")
    return ERROR_TYPES.get(kind) if isinstance(kind, str) else None


@dataclass(frozen=True)
class Notes:
    """What the server says beside its answer. `warnings` mean a partial answer."""

    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()

    def __add__(self, other: Notes) -> Notes:
        """Both, each remark once."""
        return Notes(
            tuple(dict.fromkeys((*self.warnings, *other.warnings)))[:_MOST_NOTES],
            tuple(dict.fromkeys((*self.infos, *other.infos)))[:_MOST_NOTES],
        )

    def evidence(self) -> dict[str, Json]:
        """Those there are, JSON-able."""
        both = {"warnings": list(self.warnings), "infos": list(self.infos)}
        return {name: said for name, said in both.items() if said}


@dataclass(frozen=True)
class Sample:
    """The one sample of an answer.

    `value` is None when there is none (an empty vector) or it is not finite; `text` is what the
    server wrote, `timestamp` in seconds since 1970.
    """

    value: float | None
    text: str | None
    timestamp: float | None
    notes: Notes = Notes()


@dataclass(frozen=True)
class Line:
    """One number at each of many moments: milliseconds since 1970 to a finite value. A moment
    without one is not there.
    """

    values: Mapping[int, float]
    notes: Notes = Notes()


@dataclass(frozen=True)
class LabelSets:
    """The values of a label at each of many moments (milliseconds); a moment without any is not
    there.
    """

    values: Mapping[int, frozenset[str]]
    notes: Notes = Notes()


def sample_of(label: str, answer: Json, clean: Clean) -> Sample:
    """The sample of a successful answer.

    Raises QueryRefused when the query gives something else than one number, and says what to
    write; BadAnswer when the shape is not the protocol's.
    """
    data, notes = _opened(label, answer, clean)
    points = _points(label, data.get("resultType"), data["result"])
    if not points:
        return Sample(None, None, None, notes)
    timestamp, text = _pair(label, points[0])
    return Sample(_number(label, text), text, timestamp, notes)


def line_of(label: str, answer: Json, clean: Clean) -> Line:
    """The values of a range query. Series that follow each other, as those of a restarted program
    do, are one line; raises QueryRefused when two are there at once.
    """
    data, notes = _opened(label, answer, clean)
    values: dict[int, float] = {}
    taken: set[int] = set()
    series = _series(label, data)
    for one in series:
        for point in _listed(label, one, "values"):
            timestamp, text = _pair(label, point)
            moment = round(timestamp * 1000)
            if moment in taken:
                raise QueryRefused(
                    f"{label}: the query gives several series at {moment_of(moment):%Y-%m-%d %H:%M}"
                    f" UTC where one is due{_difference(series)}; fix: aggregate them, such as "
                    "sum(...), min(...) or max(...), or select one by its labels"
                )
            taken.add(moment)
            value = _number(label, text)
            if value is not None:
                values[moment] = value
    return Line(values, notes)


def labels_of(label: str, answer: Json, clean: Clean, key: str) -> LabelSets:
    """The values of the label `key` in an answer that was grouped by it, instant or range.

    Raises QueryRefused when there are series without the label.
    """
    data, notes = _opened(label, answer, clean)
    found: dict[int, set[str]] = {}
    for one in _series(label, data):
        metric = one.get("metric")
        value = metric.get(key) if isinstance(metric, dict) else None
        if not isinstance(value, str) or not value:
            raise QueryRefused(
                f"{label}: the query gives series without the label {key}; fix: key: a label that "
                f'all of them have, or leave those out with {{{key}!=""}}'
            )
        points = _listed(label, one, "values") if "values" in one else [one.get("value")]
        for point in points:
            timestamp, _ = _pair(label, point)
            found.setdefault(round(timestamp * 1000), set()).add(value)
    return LabelSets({moment: frozenset(values) for moment, values in found.items()}, notes)


def _opened(label: str, answer: Json, clean: Clean) -> tuple[dict[str, Json], Notes]:
    """The data of a successful answer. Raises what an error answer means."""
    if not isinstance(answer, dict) or answer.get("status") not in ("success", "error"):
        raise BadAnswer(f"{label}: not an answer of the Prometheus API: it has no status")
    if answer["status"] == "error":
        error_class = classify(200, answer) or BadAnswer
        raise error_class(f"{label}: {clean(str(answer.get('error') or 'an error without words'))}")
    data = answer.get("data")
    if not isinstance(data, dict) or "result" not in data:
        raise BadAnswer(f"{label}: the answer has no data.result")
    warnings = _notes(answer, "warnings", clean)
    if answer.get("isPartial") is True:
        warnings = (_PART_ONLY, *warnings)
    return data, Notes(warnings, _notes(answer, "infos", clean))


def _series(label: str, data: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The series of a vector or matrix."""
    result = data["result"]
    if data.get("resultType") not in ("vector", "matrix") or not isinstance(result, list):
        raise BadAnswer(f"{label}: the answer's resultType is none of vector, matrix")
    if not all(isinstance(one, dict) for one in result):
        raise BadAnswer(f"{label}: a series of the answer is no object")
    if any("histogram" in one or "histograms" in one for one in result):
        raise QueryRefused(f"{label}: {_HISTOGRAM}")
    return result


def _listed(label: str, series: Mapping[str, Json], key: str) -> list[Json]:
    points = series.get(key)
    if not isinstance(points, list):
        raise BadAnswer(f"{label}: a series of the answer has no {key}")
    return points


def _points(label: str, kind: Json, result: Json) -> list[Json]:
    """The `[timestamp, value]` of a result: one, or none when there is no series."""
    if kind == "scalar":
        return [result]
    if kind == "matrix":
        raise QueryRefused(
            f"{label}: the query gives a range of samples where one number is due; "
            "fix: put a function over the range, such as avg_over_time(...), or drop the [window]"
        )
    if kind == "string":
        raise QueryRefused(
            f"{label}: the query gives a string where a number is due; fix: ask for a series"
        )
    if kind != "vector" or not isinstance(result, list):
        raise BadAnswer(f"{label}: the answer's resultType is none of vector, scalar")
    if not all(isinstance(series, dict) for series in result):
        raise BadAnswer(f"{label}: a series of the answer is no object")
    if len(result) > 1:
        raise QueryRefused(
            f"{label}: the query gives {len(result)} series where one is due"
            f"{_difference(result)}; fix: aggregate them, such as sum(...), min(...) or max(...), "
            "or select one by its labels"
        )
    if any("histogram" in series for series in result):
        raise QueryRefused(f"{label}: {_HISTOGRAM}")
    return [series.get("value") for series in result]


def _difference(series: Sequence[Json]) -> str:
    """The names of the labels by which the series differ; never their values."""
    metrics = [one.get("metric") for one in series]
    labels = [metric for metric in metrics if isinstance(metric, dict)]
    names = sorted({name for metric in labels for name in metric})
    differing = [name for name in names if len({str(m.get(name)) for m in labels}) > 1]
    if not differing:
        return ""
    shown = ", ".join(name[:40] for name in differing[:4])
    return f" (they differ in {shown}{', …' if len(differing) > 4 else ''})"


def _pair(label: str, point: Json) -> tuple[float, str]:
    if (
        isinstance(point, list)
        and len(point) == 2
        and isinstance(point[0], int | float)
        and not isinstance(point[0], bool)
        and abs(point[0]) < _END_OF_TIME
        and isinstance(point[1], str)
    ):
        return float(point[0]), point[1]
    raise BadAnswer(f"{label}: a sample of the answer is not [timestamp, value as text]")


def _number(label: str, text: str) -> float | None:
    """A finite number, or None for NaN and the infinities: unknown, neither good nor bad."""
    try:
        value = float(text)
    except ValueError:
        raise BadAnswer(f"{label}: the value of a sample is not a number") from None
    return value if math.isfinite(value) else None


def _notes(answer: Json, key: str, clean: Clean) -> tuple[str, ...]:
    notes = answer.get(key)
    if not isinstance(notes, list):
        return ()
    return tuple(clean(str(note)) for note in notes[:_MOST_NOTES])
