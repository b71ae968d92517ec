"""One run: what a claim asks for is read from its source, staged and published."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

import structlog

from connectors.base import (
    BadAnswer,
    Judge,
    NumberPlan,
    ScanJob,
    ScanPlan,
    Session,
    UpstreamError,
    judge_fingerprint,
)
from connectors.checkup import mend
from connectors.transport.meter import Meter, metered
from syncd import lacking
from syncd.clock import Clock
from syncd.model import Catalogue, Event, EventKind
from syncd.store.catalogue import plan_fingerprint
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.faulty import record_fault
from syncd.store.publish import Cost, Held, begin, publish_number, publish_scan, stage_batch
from syncd.tracing import step

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Work:
    """What the catalogue in force asks of this process, by scope fingerprint."""

    scans: Mapping[str, tuple[ScanPlan, Mapping[str, Judge]]] = field(default_factory=dict)
    numbers: Mapping[str, NumberPlan] = field(default_factory=dict)

    @classmethod
    def of(cls, *catalogues: Catalogue) -> Work:
        """The scans, each with all judges that share it, and the numbers of these catalogues."""
        scans: dict[str, tuple[ScanPlan, dict[str, Judge]]] = {}
        numbers: dict[str, NumberPlan] = {}
        for indicator in chain.from_iterable(one.indicators.values() for one in catalogues):
            plan = indicator.plan
            if isinstance(plan, NumberPlan):
                numbers[plan_fingerprint(plan)] = plan
            elif isinstance(plan, ScanPlan):
                _, judges = scans.setdefault(plan_fingerprint(plan), (plan, {}))
                judges[judge_fingerprint(plan.judge)] = plan.judge
        return cls(scans, numbers)

    def knows(self, claim: Claim) -> bool:
        """Whether the catalogue reads the claim's scope for the same judges."""
        if claim.kind == "number":
            return claim.fingerprint in self.numbers
        found = self.scans.get(claim.fingerprint)
        return found is not None and set(found[1]) == set(claim.sets)


@dataclass(frozen=True)
class Brought:
    """What a run brought: how many objects it judged, what of the past it could not tell, and what
    is wrong with judges that it had to leave out, both by the judge's fingerprint. `lacking`: in
    words, what the answer does not tell (None: it tells all).
    """

    objects: int
    untold: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: Mapping[str, UpstreamError] = field(default_factory=dict)
    lacking: str | None = None


def run(
    store: Store,
    clock: Clock,
    session: Session,
    claim: Claim,
    work: Work,
    *,
    deadline: float,
    history_since: datetime | None = None,
) -> Brought:
    """Reads what the claim asks for and publishes it. `deadline` is in `time.monotonic()` seconds.

    What is wrong with one judge alone is written down, and the others are read without it; it is
    left out of further runs until it is worth another try, and then everything is read again.
    With `history_since` (only for a claim that reads everything) the past is judged as well.
    Raises an UpstreamError when the source does not answer as it should, and LeaseLost; then
    nothing is published.
    """
    with metered() as meter:
        spent = _Spent(time.monotonic(), meter)
        observed_at = clock.now()
        if claim.kind == "number":
            number = session.read(work.numbers[claim.fingerprint], observed_at, deadline)
            with step("publish", kind="number"):
                told = publish_number(store, claim, number, now=clock.now(), cost=spent.so_far())
            log_told(told)
            return Brought(number.objects or 0, lacking=lacking.of_number(number))
        plan, judges = work.scans[claim.fingerprint]
        running = _Scanning(store, clock, session, plan, spent, deadline, history_since)
        waits = _waiting(claim, observed_at) if history_since is None else frozenset()
        left = {one: judge for one, judge in judges.items() if one not in waits} or dict(judges)
        faults: dict[str, UpstreamError] = {}
        while True:
            try:
                brought = running.publish(claim.reading(left), left, observed_at)
            except UpstreamError as error:
                guilty = [one for place, one in enumerate(left) if place in error.judges]
                if not guilty or len(guilty) == len(left):
                    raise
                for one in guilty:
                    log_told(record_fault(store, claim, one, error, now=clock.now()))
                    faults[one] = error
                    del left[one]
            else:
                return replace(brought, faults=faults)


def log_told(events: Sequence[Event]) -> None:
    """Says in the log what was told of sources, of indicators and of their numbers: once as they
    break, and once as they work again, however many runs fail in between.
    """
    for one in events:
        match one.kind:
            case EventKind.SOURCE_FAILING:
                log.warning(
                    "source.failing",
                    source=one.subject,
                    error_type=one.reason,
                    reason=one.text,
                    fix=mend(one.reason),
                )
            case EventKind.SOURCE_RECOVERED:
                log.info("source.recovered", source=one.subject, words=one.text)
            case EventKind.INDICATOR_FAILING:
                log.warning(
                    "indicator.failing",
                    indicator=one.subject,
                    error_type=one.reason,
                    reason=one.text,
                    fix=mend(one.reason),
                )
            case EventKind.INDICATOR_RECOVERED:
                log.info("indicator.recovered", indicator=one.subject, words=one.text)
            case EventKind.NUMBER_QUARANTINED:
                log.warning(
                    "number.quarantined", indicator=one.subject, why=one.reason, words=one.text
                )
            case EventKind.NUMBER_RELEASED:
                log.info("number.released", indicator=one.subject, how=one.reason, words=one.text)


def _waiting(claim: Claim, now: datetime) -> frozenset[str]:
    return frozenset(judge for judge, again in claim.faulty.items() if again > now)


@dataclass(frozen=True)
class _Scanning:
    """How a claimed scope is scanned, whatever is judged of it."""

    store: Store
    clock: Clock
    session: Session
    plan: ScanPlan
    spent: _Spent
    deadline: float
    history_since: datetime | None

    def publish(self, claim: Claim, judges: Mapping[str, Judge], observed_at: datetime) -> Brought:
        """Scans for these judges, by their fingerprints, and publishes what came."""
        store, since = self.store, self.history_since
        begin(store, claim)
        job = ScanJob(
            scope=self.plan.scope,
            judges=tuple(judges.values()),
            now=observed_at,
            deadline=self.deadline,
            known=Held(store, claim),
            cursor=claim.cursor,
            resume=claim.resume,
            history_since=since,
        )
        objects = 0
        for batch in self.session.scan(job):
            objects += max((len(timelines) for timelines in batch.timelines), default=0)
            if batch.cursor is None:
                # A usual run cannot go on with one that judges the past.
                staged = batch if since is None else replace(batch, resume=None)
                stage_batch(store, claim, tuple(judges), staged)
                continue
            with step("publish", kind="scan"):
                told = publish_scan(
                    store,
                    claim,
                    tuple(judges),
                    batch,
                    observed_at=observed_at,
                    now=self.clock.now(),
                    history_since=since,
                    cost=self.spent.so_far(),
                )
            log_told(told)
            untold = {judge: batch.untold_for(place) for place, judge in enumerate(judges)}
            return Brought(objects, untold, lacking=lacking.of_batch(batch))
        raise BadAnswer(f"{claim.source}: the scan ended without saying where it stands")


@dataclass(frozen=True)
class _Spent:
    """What a run has taken since it began."""

    began: float
    meter: Meter

    def so_far(self) -> Cost:
        seconds = time.monotonic() - self.began
        return Cost(seconds, self.meter.requests, self.meter.bytes_received)
