"""One run over a set of label values: what is in it, what left, and how it was before.

A Prometheus knows no changes and no ids: every turn lists the whole set. An empty answer is
believed only when it is proven: the metrics that the query names have samples in the same time,
so that the comparison left nothing over, and not a dead exporter, a typing error or a lost tenant.
An unproven one is an error, and the set stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Batch, Json, NotFound, ScanJob, Timeline
from connectors.prometheus.answers import LabelSets, Notes
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import (
    MOST_POINTS,
    Grid,
    coarse_step,
    default_step,
    grid,
    milliseconds,
    moment_of,
)
from connectors.prometheus.labels import row_of, spells_of
from connectors.prometheus.promql import presence_of, set_of, witnesses, written
from connectors.prometheus.retention import Kept, gap_words

_MOST_SAMPLES = 400_000
"""What one answer about the past may hold of all values together: some ten megabytes."""

_MINUTE_MS = 60_000
_MOST_NAMES = 3


@dataclass(frozen=True)
class _Past:
    """What the set was at moments that are known, and what of the past is not."""

    seen: Sequence[tuple[datetime, Collection[str]]]
    untold: tuple[str, ...]
    notes: Notes


class LabelScan:
    """One run of one job."""

    def __init__(self, api: PrometheusApi, job: ScanJob) -> None:
        definition: Mapping[str, Json] = job.scope.definition
        self._api = api
        self._job = job
        self._source = job.scope.source
        self._asked = str(definition["labels_of"])
        self._key = str(definition["key"])
        self._window: int | None = definition["window_ms"]
        # Within the look-back, so that no sample falls between two steps.
        self._step = 0 if self._window is None else default_step(self._window)
        self._query = set_of(self._asked, self._key, self._window, self._step)

    def run(self) -> Batch:
        """The whole run. Raises an UpstreamError, NotFound for an empty set that is not proven."""
        job = self._job
        now = milliseconds(job.now)
        answer = self._api.labels(self._query, self._key, now, job.deadline)
        present = frozenset().union(*answer.values.values())
        notes = answer.notes
        if not present:
            notes += self._prove_empty(now)
        partial = bool(notes.warnings)
        if partial:
            # Some of the server's parts did not answer: nobody is known to have left.
            present |= frozenset(job.known.ids())
        untold: tuple[str, ...] = ()
        if job.history_since is not None and job.cursor is None:
            past = self._past(job.history_since, present)
            untold, partial = past.untold, partial or bool(past.notes.warnings)
            rows = [
                row_of(value, job.history_since, spells)
                for value, spells in spells_of(past.seen, present, job.now)
            ]
        else:
            rows = [row_of(value, job.now, [(job.now, None)]) for value in sorted(present)]
        gone: Collection[str] = ()
        if job.cursor is not None:
            gone = sorted(set(job.known.ids()) - present)
        timelines = [[judge.judge(row, job.now) for row in rows] for judge in job.judges]
        left = [Timeline(value, job.now, ()) for value in gone]
        return Batch(
            [[*of_judge, *left] for of_judge in timelines],
            cursor={},
            partial=partial,
            total=len(rows),
            untold=untold,
        )

    # -------------------------------------------------------------------------------- emptiness

    def _prove_empty(self, now: int) -> Notes:
        """What the server said while it was asked for the metrics. Raises NotFound."""
        notes = Notes()
        missing = []
        for name, witness in self._witnesses().items():
            query = presence_of(witness, self._window, self._step)
            sample = self._api.sample(query, now, self._job.deadline)
            notes += sample.notes
            if sample.value is None:
                missing.append(name)
        if missing:
            raise NotFound(f"{self._source}: {self._unproven(missing)}")
        return notes

    def _witnesses(self) -> dict[str, str]:
        found = witnesses(self._asked)
        if not found:
            raise NotFound(
                f"{self._source}: the query gives nothing, and names no metric by which to tell "
                "an empty set from missing data; fix: write it in plain PromQL over a metric that "
                "is always there, such as cluster_active == 1"
            )
        return found

    def _unproven(self, missing: list[str]) -> str:
        names = ", ".join(self._api.redact(name) for name in missing[:_MOST_NAMES])
        when = "now" if self._window is None else f"in the last {written(self._window)}"
        return (
            f"the query gives nothing, and there are no samples of {names} {when}: whether the set "
            "is empty cannot be told; check the metric's name, its exporter and the tenant"
        )

    # ----------------------------------------------------------------------------------- history

    def _past(self, since: datetime, present: Collection[str]) -> _Past:
        start, end = milliseconds(since), milliseconds(self._job.now)
        least = max(_MINUTE_MS, (self._window or 0) // 60)
        at = grid(start, end, coarse_step(end - start, least))
        most = max(100, min(MOST_POINTS, _MOST_SAMPLES // max(1, len(present))))
        found: dict[int, frozenset[str]] = {}
        notes = Notes()
        for piece in at.pieces(most):
            sets = self._sets(piece)
            found |= sets.values
            notes += sets.notes
        proven, more = self._proven_moments(at, found)
        notes += more
        seen = [(moment_of(time), found.get(time, frozenset())) for time in proven]
        return _Past(seen, tuple(self._untold(at, start, proven)), notes)

    def _sets(self, at: Grid) -> LabelSets:
        return self._api.label_sets(self._query, self._key, at, self._job.deadline)

    def _proven_moments(
        self, at: Grid, found: Mapping[int, frozenset[str]]
    ) -> tuple[list[int], Notes]:
        """The moments at which the set is known: it holds something, or is proven to be empty."""
        empty = [time for time in at if time not in found]
        notes = Notes()
        proven = set(empty)
        named = witnesses(self._asked) if empty else {}
        if not named:
            proven = set()
        else:
            for witness in named.values():
                there: set[int] = set()
                query = presence_of(witness, self._window, self._step)
                for piece in Grid(empty[0], empty[-1], at.step).pieces():
                    line = self._api.line(query, piece, self._job.deadline)
                    there |= line.values.keys()
                    notes += line.notes
                proven &= there
        return [time for time in at if time in found or time in proven], notes

    def _untold(self, at: Grid, start: int, proven: list[int]) -> list[str]:
        precision = (
            f"{self._source}: the past of a set of labels is known to {written(at.step)}; what "
            "came and went in between is not told"
        )
        said = [precision]
        first = proven[0] if proven else None
        if len(at) and (first is None or first > at.first):
            kept = Kept(self._api, self._job.deadline)
            _, why = gap_words(start, first, kept.since())
            said.append(f"{self._source}: {why}")
        between = 0 if first is None else (at.last - first) // at.step + 1 - len(proven)
        if between > 0:
            length = timedelta(milliseconds=between * at.step)
            said.append(
                f"{self._source}: for {length} in all there are no samples of what the query "
                "names; the set is taken to have stayed as it was before"
            )
        return said
