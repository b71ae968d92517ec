"""Closing a period: what its key results came to is kept for good, and nothing of it is measured,
judged or changed any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from syncd.model import ENDED, Catalogue, Event, EventKind, KeyResult, Status
from syncd.store.codec import ASSESSMENT, FORMER, KEY_RESULT, ROLLUPS, from_json, to_json
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.periods import Closed, NoSuchPeriod, Period, PeriodView, period_views
from syncd.store.quarantines import end_unmeasured
from syncd.store.read import KeyResultView, key_result_views
from syncd.store.rolling import rolled_up
from syncd.store.schema import (
    closings,
    externals,
    final_scores,
    indicators,
    key_results,
    periods,
    scopes,
    verdict_sets,
)
from syncd.wording import date, last_day, listed, status_words

MOST_NAMED = 5
"""How many key results a refusal names."""


class CannotClose(Exception):
    """The period cannot be closed; the message says why, and what to do."""


def close_period(store: Store, period: str, *, by: str, note: str | None, now: datetime) -> Closed:
    """Closes a period, tells it, and returns how. Raises NoSuchPeriod and CannotClose: it is closed
    already, a key result is not due yet, or one has not been judged since it was.
    """
    with store.write() as connection:
        # Locked in the order in which putting mapping files in force locks them.
        for columns in (
            (periods.c.id,),
            (scopes.c.id,),
            (verdict_sets.c.id,),
            (indicators.c.fingerprint,),
            (externals.c.period, externals.c.name),
            (key_results.c.key,),
        ):
            connection.execute(store.locked(sa.select(*columns).order_by(*columns))).all()
        view = _closable(connection, period)
        told = key_result_views(connection, periods=[period])
        _refuse_early(view.period, told, now)
        _refuse_unjudged(connection, view.period, told)
        summed = rolled_up([view], told)[0].rollups
        connection.execute(
            sa.insert(closings).values(
                period=period, at=now, by=by, note=note, rollups=to_json(ROLLUPS, summed)
            )
        )
        scores = [_score(one) for one in told]
        if scores:
            connection.execute(sa.insert(final_scores), scores)
        _measure_no_more(connection, period)
        end_unmeasured(connection, now)
        append_events(connection, [_told(view.period, told, by, note, now)])
        return Closed(now, by, note)


def changed_since(connection: sa.Connection, catalogues: Sequence[Catalogue]) -> list[str]:
    """How mapping files differ from what closed periods were closed with, a sentence for each."""
    found = []
    for catalogue in catalogues:
        rows = connection.execute(
            sa.select(final_scores.c.definition).where(final_scores.c.period == catalogue.period)
        ).scalars()
        was = {kr.id: kr for kr in (from_json(KEY_RESULT, row) for row in rows)}
        closed = next(
            (
                one.closed
                for one in period_views(connection)
                if one.period.id == catalogue.period and one.closed is not None
            ),
            None,
        )
        if closed is None:
            continue
        wanted = catalogue.key_results
        differing = [
            ("new", [key for key in wanted if key not in was]),
            ("missing", [key for key in was if key not in wanted]),
            ("changed", [key for key in wanted if key in was and wanted[key] != was[key]]),
        ]
        parts = [f"{word}: {', '.join(keys)}" for word, keys in differing if keys]
        if parts:
            day = date(closed.at, catalogue.timezone)
            found.append(
                f"{catalogue.period} was closed on {day} by {closed.by}, and its files differ from "
                f"what was in force then; they change nothing ({'; '.join(parts)})"
            )
    return found


def _closable(connection: sa.Connection, period: str) -> PeriodView:
    known = period_views(connection)
    found = next((one for one in known if one.period.id == period), None)
    if found is None:
        raise NoSuchPeriod(period, [one.period.id for one in known if one.closed is None])
    if found.closed is not None:
        day = date(found.closed.at, found.period.timezone)
        raise CannotClose(f"{period} was closed on {day} by {found.closed.by}")
    return found


def _refuse_early(period: Period, told: Sequence[KeyResultView], now: datetime) -> None:
    early = [one.key_result for one in told if one.key_result.due >= now and not _ended(one)]
    if early:
        last = max(early, key=lambda kr: kr.due)
        day = last_day(last.due, last.timezone)
        raise CannotClose(
            f"{period.id} cannot be closed before the end of {day}: {_named(early)} "
            f"{'is' if len(early) == 1 else 'are'} not due yet; wait, or end "
            f"{'it' if len(early) == 1 else 'them'} in the mapping files"
        )


def _refuse_unjudged(
    connection: sa.Connection, period: Period, told: Sequence[KeyResultView]
) -> None:
    """What waits to be judged would be frozen as it was before."""
    waiting = set(
        connection.execute(
            sa.select(key_results.c.key).where(
                key_results.c.active, key_results.c.period == period.id, key_results.c.dirty
            )
        ).scalars()
    )
    unjudged = [
        one.key_result
        for one in told
        if one.assessment is None
        or one.key_result.key in waiting
        or (one.assessment.at < one.key_result.due and not _ended(one))
    ]
    if unjudged:
        raise CannotClose(
            f"{period.id} cannot be closed: {_named(unjudged)} "
            f"{'has' if len(unjudged) == 1 else 'have'} not been judged since the due date; "
            "try again, and see whether a worker runs"
        )


def _ended(one: KeyResultView) -> bool:
    return one.assessment is not None and one.assessment.status in ENDED


def _named(key_results: Sequence[KeyResult]) -> str:
    """The first of them by id, and how many more there are."""
    names = [kr.id for kr in key_results[:MOST_NAMED]]
    more = len(key_results) - len(names)
    return f"{', '.join(names)} and {more} more" if more else listed(names)


def _score(one: KeyResultView) -> dict[str, object]:
    if one.assessment is None:
        raise ValueError(f"{one.key_result.key} was never judged")
    return {
        "key_result": one.key_result.key,
        "period": one.key_result.period,
        "definition": to_json(KEY_RESULT, one.key_result),
        "former": to_json(FORMER, one.former),
        "indicator": one.indicator.fingerprint,
        "assessment": to_json(ASSESSMENT, one.assessment),
    }


def _measure_no_more(connection: sa.Connection, period: str) -> None:
    """What only this period used becomes inactive, and keeps its past."""
    connection.execute(sa.update(periods).where(periods.c.id == period).values(active=False))
    connection.execute(
        sa.update(key_results).where(key_results.c.period == period).values(active=False)
    )
    connection.execute(
        sa.update(externals).where(externals.c.period == period).values(active=False)
    )
    used = {
        fingerprint
        for each in connection.execute(
            sa.select(periods.c.indicators).where(periods.c.active)
        ).scalars()
        for fingerprint in each
    }
    unused = [
        fingerprint
        for fingerprint in connection.execute(
            sa.select(indicators.c.fingerprint).where(indicators.c.active)
        ).scalars()
        if fingerprint not in used
    ]
    connection.execute(
        sa.update(indicators).where(indicators.c.fingerprint.in_(unused)).values(active=False)
    )
    for table, column in ((scopes, indicators.c.scope_id), (verdict_sets, indicators.c.set_id)):
        still = sa.select(column).where(indicators.c.active, column.is_not(None))
        connection.execute(
            sa.update(table).where(table.c.active, table.c.id.not_in(still)).values(active=False)
        )


def _told(
    period: Period, told: Sequence[KeyResultView], by: str, note: str | None, now: datetime
) -> Event:
    tally = Counter(one.assessment.status for one in told if one.assessment is not None)
    counts = {status: tally[status] for status in Status if tally[status]}
    sums = ", ".join(f"{count} {status_words(status)}" for status, count in counts.items())
    said = f"By {by}: {note}" if note else f"By {by}."
    doubted = doubted_of(told)
    if doubted:
        said = f"{said.rstrip('.')}. {doubted_words(doubted)}"
    return Event(
        at=now,
        kind=EventKind.PERIOD_CLOSED,
        subject=period.id,
        title=f"{period.title} is closed: {sums or 'no key results'}",
        text=said,
        reason="person",
        before={"closed": False},
        after={"closed": True},
        data={
            "by": by,
            "note": note,
            "counts": {status.value: count for status, count in counts.items()},
            "doubted": [kr.id for kr in doubted],
        },
    )


def doubted_of(told: Sequence[KeyResultView]) -> list[KeyResult]:
    """Those that are told by the last number that was believed, because a newer one is not."""
    return [
        one.key_result
        for one in told
        if one.assessment is not None and one.assessment.doubt is not None
    ]


def doubted_words(key_results: Sequence[KeyResult]) -> str:
    """That what is final of these rests on the last number that was believed."""
    are = "is" if len(key_results) == 1 else "are"
    return (
        f"What was read last of {_named(key_results)} was not believed: "
        f"final {are} the last number before it."
    )
