"""Rebuilding the past of indicators: readings for moments before syncd looked.

Where a set of verdicts does not tell of the past yet, its scope is read once with a history, as
any run is: claimed, staged, published whole. Then every moment is the same aggregate with another
`now`. Numbers are asked for at past moments; what is composed is made of its parts as they were.
What people give has no past but the one they gave. It can be cut at any point, and goes on there;
done twice, it writes nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from connectors.base import (
    Number,
    NumberPlan,
    ScanPlan,
    Session,
    UpstreamError,
    judge_fingerprint,
)
from connectors.transport.asking import asking_while
from syncd.clock import Clock
from syncd.doubting import doubt_of, doubt_words, limits_of
from syncd.mapping.period import ends
from syncd.model import Catalogue, Indicator, Manual, parts_of
from syncd.run import Brought, Work, run
from syncd.store.backfilling import (
    Past,
    begin_backfill,
    finish_backfill,
    past_of,
    rebuilt_before,
    set_reaches,
    unfinished,
    write_past,
)
from syncd.store.claims import Claim, LeaseLost, claim_whole, release
from syncd.store.composing import compose
from syncd.store.contents import content_of
from syncd.store.engine import Store
from syncd.store.leases import Leases
from syncd.store.quarantines import doubted_spells
from syncd.store.readings import Content
from syncd.tracing import doing

DAY = timedelta(days=1)
CHUNK = 20
"""Moments that are written in one transaction."""

WAIT_SECONDS = 1.0
"""How long to wait before trying again to claim a scope that somebody else reads."""

_NOTHING = "Nothing is known of"


@dataclass(frozen=True)
class Progress:
    """How far the backfill of one indicator is, in moments."""

    indicator: str
    done: int
    total: int


@dataclass(frozen=True)
class Backfilled:
    """What was rebuilt of one indicator (`name`: what people call it).

    `written`: readings added by this call; `begins_at`: the earliest moment that was ever rebuilt;
    `untold`: sentences on what could not be; `error`: why it was cut short, in words.
    """

    fingerprint: str
    name: str
    written: int
    begins_at: datetime | None
    untold: tuple[str, ...] = ()
    error: str | None = None


def backfill(
    store: Store,
    clock: Clock,
    sessions: Mapping[str, Session],
    *catalogues: Catalogue,
    since: datetime,
    until: datetime | None = None,
    step: timedelta = DAY,
    only: Collection[str] | None = None,
    run_seconds: float = 3600.0,
    progress: Callable[[Progress], None] | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> list[Backfilled]:
    """Writes readings of the past for the indicators of catalogues that are in force, from `since`
    up to `until` (None: now), one each `step`, and one for now.

    A step of whole days gives the last moments of days in the last one's timezone. `only`: these
    fingerprints, and what they are made of. `run_seconds` limits the reading of one source's scope,
    and the waiting for it. What cannot be read is told in the result, and does not stop the rest.
    Raises ValueError for a time that has not come, or is none.
    """
    now = clock.now()
    until = now if until is None else until
    if until > now:
        raise ValueError(f"until: got {until.isoformat()}; expected a moment that has come")
    if since >= until:
        raise ValueError(
            f"since: got {since.isoformat()}; expected a moment before {until.isoformat()}"
        )
    if step < timedelta(minutes=1):
        raise ValueError(f"step: got {step.total_seconds():g} s; expected at least a minute")
    known = {key: each for one in catalogues for key, each in one.indicators.items()}
    wanted = _parts_first(known, set(known) if only is None else set(only))
    backfilling = _Backfilling(
        store,
        clock,
        sessions,
        Work.of(*catalogues),
        since=since,
        moments=tuple(moments(since, until, step, catalogues[-1].timezone, now=now)),
        step=step,
        run_seconds=run_seconds,
        progress=progress or (lambda _: None),
        wait=wait,
    )
    with doing("backfill", since=since.isoformat()):
        backfilling.read_histories(wanted)
        # What is composed has a reading of now before it gets one of the past.
        compose(store, now=clock.now())
        return [backfilling.write(indicator) for indicator in wanted]


def moments(
    since: datetime, until: datetime, step: timedelta, timezone: str, *, now: datetime
) -> Iterator[datetime]:
    """The moments from `since` to `until`, and `now` if that is `until`. Whole days end with their
    last microsecond in the timezone.
    """
    last: datetime | None = None
    if step % DAY == timedelta():
        zone = ZoneInfo(timezone)
        day = since.astimezone(zone).date() + step - DAY
        while (moment := ends(day, zone)) <= until:
            yield (last := moment)
            day += step
    else:
        moment = since
        while moment <= until:
            yield (last := moment)
            moment += step
    if until == now and last != now:
        yield now


@dataclass
class _Backfilling:
    """One call's work. `untold` (by the judge's fingerprint) and `errors` by scope fingerprint, as
    the sources said; `faults`: what is wrong with one judge alone, by scope and judge.
    """

    store: Store
    clock: Clock
    sessions: Mapping[str, Session]
    work: Work
    since: datetime
    moments: tuple[datetime, ...]
    step: timedelta
    run_seconds: float
    progress: Callable[[Progress], None]
    wait: Callable[[float], None]
    untold: dict[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    reasons: dict[str, Sequence[str]] = field(default_factory=dict)
    """By indicator: why the first of its numbers that are not known is not."""

    @cached_property
    def leases(self) -> Leases:
        """Of what is read."""
        return Leases(self.store, self.clock)

    # ------------------------------------------------------------------------------- histories

    def read_histories(self, wanted: Sequence[Indicator]) -> None:
        """Reads each scope with its history once, where a set does not reach back so far."""
        for indicator in wanted:
            plan = indicator.plan
            if not isinstance(plan, ScanPlan):
                continue
            scope = plan.scope.fingerprint
            if scope in self.untold or scope in self.errors:
                continue
            if self._reaches(indicator, plan) or self._cut(indicator):
                continue
            try:
                brought = self._read_history(plan)
                self.untold[scope] = brought.untold
                self.faults |= {(scope, one): str(why) for one, why in brought.faults.items()}
            except (UpstreamError, LeaseLost, _Busy) as error:
                self.errors[scope] = str(error)

    def _reaches(self, indicator: Indicator, plan: ScanPlan) -> bool:
        since = self.since if indicator.at is None else max(indicator.at, self.since)
        judge = judge_fingerprint(plan.judge)
        if not set_reaches(self.store, plan.scope.fingerprint, judge, since):
            return False
        # Of objects that left or were deleted, such a judge has said nothing yet.
        known = not plan.retrospective or indicator.at is not None
        return known or rebuilt_before(self.store, indicator.fingerprint, since) is not None

    def _cut(self, indicator: Indicator) -> bool:
        """Whether an earlier call has read the history, and was cut while writing readings."""
        seconds = self.step.total_seconds()
        return unfinished(self.store, indicator.fingerprint, self.since, seconds) is not None

    def _read_history(self, plan: ScanPlan) -> Brought:
        claim = self._claim(plan)
        try:
            with (
                doing("run", source=claim.source, scope=claim.fingerprint),
                self.leases.kept(claim, most_seconds=self.run_seconds + 60) as lease,
                asking_while(lease.holds),
            ):
                return run(
                    self.store,
                    self.clock,
                    self.sessions[claim.source],
                    claim,
                    self.work,
                    deadline=time.monotonic() + self.run_seconds,
                    history_since=self.since,
                )
        except BaseException:
            # a history that cannot be read says nothing of the indicator as it is now
            release(self.store, claim, now=self.clock.now())
            raise

    def _claim(self, plan: ScanPlan) -> Claim:
        patience = self.run_seconds
        while True:
            claim = claim_whole(
                self.store,
                plan.scope.fingerprint,
                now=self.clock.now(),
                lease_seconds=self.leases.seconds,
            )
            if claim is not None and self.work.knows(claim):
                return claim
            if claim is not None:
                release(self.store, claim, now=self.clock.now())
                raise _Busy("other mapping files are in force by now; load these again")
            if patience <= 0:
                raise _Busy(f"{plan.scope.source}: somebody else reads it; try again")
            self.wait(WAIT_SECONDS)
            patience -= WAIT_SECONDS

    # -------------------------------------------------------------------------------- readings

    def write(self, indicator: Indicator) -> Backfilled:
        """Writes the readings of one indicator, from where an earlier call was cut."""
        name = indicator.name or indicator.measure
        plan = indicator.plan
        if isinstance(plan, Manual) or indicator.at is not None:
            return Backfilled(indicator.fingerprint, name, 0, None)
        if error := self._error(plan):
            return Backfilled(indicator.fingerprint, name, 0, None, error=error)
        began = unfinished(self.store, indicator.fingerprint, self.since, self.step.total_seconds())
        untold = list(self._untold(indicator) if began is None else began.untold)
        if began is None:
            begin_backfill(
                self.store,
                indicator.fingerprint,
                since=self.since,
                until=self.moments[-1] if self.moments else self.since,
                step_seconds=self.step.total_seconds(),
                untold=untold,
                now=self.clock.now(),
            )
        position = None if began is None else began.position
        left = [one for one in self.moments if position is None or one > position]
        written, known = 0, 0
        self.progress(Progress(name, len(self.moments) - len(left), len(self.moments)))
        try:
            for some, whole in self._pasts(indicator, left):
                past = self._believed(indicator, whole)
                known += len(past.contents)
                written += write_past(
                    self.store,
                    indicator.fingerprint,
                    past,
                    step=self.step,
                    position=some[-1],
                    now=self.clock.now(),
                )
                done = len(self.moments) - len(left) + left.index(some[-1]) + 1
                self.progress(Progress(name, done, len(self.moments)))
        except UpstreamError as error:
            return Backfilled(indicator.fingerprint, name, written, None, tuple(untold), str(error))
        if known < len(left):
            untold += self.reasons.get(indicator.fingerprint, ())
            untold.append(f"{_NOTHING} {len(left) - known} of {len(left)} moments.")
        begins_at = finish_backfill(
            self.store, indicator.fingerprint, untold=untold, now=self.clock.now()
        )
        return Backfilled(indicator.fingerprint, name, written, begins_at, tuple(untold))

    def _error(self, plan: object) -> str | None:
        """Why nothing could be read for a plan."""
        if not isinstance(plan, ScanPlan):
            return None
        scope = plan.scope.fingerprint
        return self.errors.get(scope) or self.faults.get((scope, judge_fingerprint(plan.judge)))

    def _untold(self, indicator: Indicator) -> Sequence[str]:
        """What the source could not tell, now or when it was asked before."""
        plan = indicator.plan
        if not isinstance(plan, ScanPlan):
            return ()
        if plan.scope.fingerprint in self.untold:
            return self.untold[plan.scope.fingerprint].get(judge_fingerprint(plan.judge), ())
        before = rebuilt_before(self.store, indicator.fingerprint, self.since) or ()
        return [sentence for sentence in before if not sentence.startswith(_NOTHING)]

    def _pasts(
        self, indicator: Indicator, left: Sequence[datetime]
    ) -> Iterator[tuple[Sequence[datetime], Past]]:
        """Some moments after the other, with what is known of them."""
        pieces = [left[at : at + CHUNK] for at in range(0, len(left), CHUNK)]
        if not isinstance(indicator.plan, NumberPlan):
            for some in pieces:
                yield some, past_of(self.store, indicator.fingerprint, some, step=self.step)
            return
        if not left:
            return
        deadline = time.monotonic() + self.run_seconds
        numbers = self.sessions[indicator.plan.source].history(indicator.plan, left, deadline)
        told: dict[datetime, Content] = {}
        for number in numbers:
            # What the source has no data for, or only in part, is not known.
            if number.value is not None and not number.partial:
                told[number.observed_at] = content_of(number)
            elif indicator.fingerprint not in self.reasons:
                self.reasons[indicator.fingerprint] = _words(number)
        for some in pieces:
            yield some, Past(tuple((one, told[one]) for one in some if one in told))

    def _believed(self, indicator: Indicator, past: Past) -> Past:
        """Without what is outside of what is plausible, and what was not believed when it was read;
        of the past, with its gaps, no step is.
        """
        kept, limits = [], limits_of(indicator)
        with self.store.read() as connection:
            spells = doubted_spells(connection, indicator.fingerprint)
        for moment, content in past.contents:
            if any(one <= moment and (to is None or moment < to) for one, to in spells):
                self.reasons.setdefault(indicator.fingerprint, ["Not believed when it was read."])
                continue
            doubt = None
            if content.value is not None and content.complete:
                doubt = doubt_of(content.value, limits, None)
            if doubt is None:
                kept.append((moment, content))
                continue
            words = doubt_words(doubt, indicator.dimension, indicator.unit)
            self.reasons.setdefault(indicator.fingerprint, [f"Not believed: {words}."])
        return Past(tuple(kept))


def _words(number: Number) -> Sequence[str]:
    words = number.raw.get("words", ()) if isinstance(number.raw, Mapping) else ()
    return [str(word) for word in words]


class _Busy(Exception):
    """The scope cannot be claimed."""


def _parts_first(known: Mapping[str, Indicator], wanted: Collection[str]) -> list[Indicator]:
    """The wanted indicators and their parts, so that each comes after what it is made of.

    Raises ValueError for a fingerprint that is not known.
    """
    order: dict[str, Indicator] = {}

    def visit(fingerprint: str) -> None:
        if fingerprint in order:
            return
        indicator = known.get(fingerprint)
        if indicator is None:
            raise ValueError(f"got {fingerprint}; expected the fingerprint of an indicator")
        for part in parts_of(indicator.plan):
            visit(part)
        order[fingerprint] = indicator

    for fingerprint in known:
        if fingerprint in wanted:
            visit(fingerprint)
    for fingerprint in wanted:
        visit(fingerprint)
    return list(order.values())
