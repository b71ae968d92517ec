"""A plan: what differs, how each number and status would move, what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Session
from syncd.model import Catalogue, Indicator, Status
from syncd.plan.definitions import Definitions, of_catalogues, of_store
from syncd.plan.differences import Difference, differences
from syncd.plan.trial import Trial, Turn, try_out
from syncd.store.engine import Store
from syncd.store.periods import period_views
from syncd.store.read import KeyResultView
from syncd.surfaces.documents import target_words
from syncd.tracing import doing
from syncd.wording import clock, quantity
from syncd.worker import WorkerSettings


@dataclass(frozen=True)
class Standing:
    """What is told of a key result. `status` is the told one, `raw_status` the one of the moment,
    which is told later where it has to hold first.
    """

    status: Status
    raw_status: Status
    value: float | None
    value_text: str
    target_text: str
    progress: float | None
    expected: float | None
    pace: float | None
    reason: str


@dataclass(frozen=True)
class Movement:
    """A key result whose number or status would move, or that comes or goes (then one side is
    None). `unread`: why its new number is not known (empty: it is); `later`: when a status that
    must hold first would be told.
    """

    key: str
    title: str
    before: Standing | None
    after: Standing | None
    unread: str
    later: str


@dataclass(frozen=True)
class Cost:
    """The requests to one source, a day: at present, and as planned; what filling the new scopes
    takes once. `unknown`: of how many scopes nobody knows what a turn takes.
    """

    source: str
    before_per_day: float
    after_per_day: float
    first_requests: int
    scopes_before: int
    scopes_after: int
    unknown: int


@dataclass(frozen=True)
class Plan:
    """All that would change. `unread`: why a new indicator's number is not known, by what people
    call it.
    """

    differences: Sequence[Difference]
    movements: Sequence[Movement]
    costs: Sequence[Cost]
    unread: Mapping[str, str]

    @property
    def changes(self) -> bool:
        """Whether anything would change at all."""
        return bool(self.differences or self.movements)


def make_plan(
    running: Store | None,
    catalogues: Sequence[Catalogue],
    sessions: Mapping[str, Session],
    *,
    interval_of: Callable[[Indicator], float],
    settings: WorkerSettings,
    now: datetime,
) -> Plan:
    """What putting `catalogues`, one for each period, in force at `now` would change, but those of
    periods that are closed, which change nothing. `running`: the store that is read, None before
    there is one; `sessions`: the sources to measure new indicators in. Where there are several
    periods what is of one of them is known by it too (``2026-Q1/dcim-o1-kr1``).
    """
    before, named, closed = Definitions(), len(catalogues) > 1, set[str]()
    if running is not None:
        with running.read() as connection:
            views = period_views(connection)
            closed = {one.period.id for one in views if one.closed is not None}
            named = named or sum(one.closed is None for one in views) > 1
            before = of_store(connection, named=named)
    wanted = [one for one in catalogues if one.period not in closed]
    if not wanted:
        return Plan((), (), (), {})
    after = of_catalogues(wanted, named=named)
    with doing("plan"):
        trial = try_out(
            running,
            wanted,
            sessions,
            named=named,
            interval_of=interval_of,
            settings=settings,
            now=now,
        )
    return Plan(
        differences=differences(before, after),
        movements=_movements(trial, now),
        costs=_costs(trial.turns_before, trial.turns_after),
        unread={
            after.indicators[one].name or after.indicators[one].measure: why
            for one, why in sorted(trial.unread.items())
        },
    )


def _movements(trial: Trial, now: datetime) -> list[Movement]:
    found = []
    for key in [*trial.after, *(key for key in trial.before if key not in trial.after)]:
        old, new = trial.before.get(key), trial.after.get(key)
        was, then = _standing(old), _standing(new)
        unread = "" if new is None else trial.unread.get(new.key_result.indicator, "")
        if old is not None and new is not None and not unread and not _moves(was, then):
            continue
        view = new or old
        if view is None:
            continue
        found.append(
            Movement(
                key=key,
                title=view.key_result.title,
                before=was,
                after=then,
                unread=unread,
                later="" if new is None else _later(new, now),
            )
        )
    return found


def _moves(was: Standing | None, then: Standing | None) -> bool:
    """Whether a reader would see another status, number or target; the expected line moves with
    them or not at all.
    """
    if was is None or then is None:
        return was is not then
    return (was.status, was.raw_status, was.value, was.progress, was.expected) != (
        then.status,
        then.raw_status,
        then.value,
        then.progress,
        then.expected,
    )


def _standing(view: KeyResultView | None) -> Standing | None:
    if view is None:
        return None
    told, indicator = view.assessment, view.indicator
    if told is None:
        return None
    return Standing(
        status=told.status,
        raw_status=told.raw_status,
        value=told.value,
        value_text=quantity(told.value, indicator.dimension, indicator.unit),
        target_text=target_words(view.key_result.target, told.goal, indicator),
        progress=told.progress,
        expected=told.expected,
        pace=told.pace,
        reason=told.reason,
    )


def _later(view: KeyResultView, now: datetime) -> str:
    """When the status of the moment would be told; empty: it is, or nobody can say."""
    told = view.assessment
    if told is None or told.status is told.raw_status or told.due_to_change_at is None:
        return ""
    if told.overridden is not None:
        return ""
    return clock(told.due_to_change_at, view.key_result.timezone, now)


def _costs(before: Mapping[str, Turn], after: Mapping[str, Turn]) -> list[Cost]:
    sources = sorted({turn.source for turn in [*before.values(), *after.values()]})
    return [
        _cost(
            source,
            [turn for turn in before.values() if turn.source == source],
            [turn for turn in after.values() if turn.source == source],
        )
        for source in sources
    ]


def _cost(source: str, before: Sequence[Turn], after: Sequence[Turn]) -> Cost:
    return Cost(
        source=source,
        before_per_day=sum(turn.per_day or 0.0 for turn in before),
        after_per_day=sum(turn.per_day or 0.0 for turn in after),
        first_requests=sum(turn.first_requests or 0 for turn in after),
        scopes_before=len(before),
        scopes_after=len(after),
        unknown=sum(turn.per_day is None for turn in after),
    )
