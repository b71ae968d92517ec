"""Putting a catalogue into force: its scopes, verdict sets, indicators and key results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import NumberPlan, Plan, ScanPlan, judge_fingerprint
from syncd.doubting import limits_of
from syncd.model import (
    Catalogue,
    Combination,
    Coverage,
    Indicator,
    KeyResult,
    Manual,
    Memory,
    parts_of,
)
from syncd.store.codec import COMPOSITION, KEY_RESULT, MEMORY, PLAUSIBLE, to_json
from syncd.store.engine import Store, again_on_deadlock
from syncd.store.externals import put_externals
from syncd.store.faulty import SOUND
from syncd.store.loads import TO_MEND, record_load
from syncd.store.mapping_events import Edits, edits_of
from syncd.store.periods import Period, lock_periods, put_periods
from syncd.store.quarantines import end_unmeasured
from syncd.store.schema import (
    composition_parts,
    indicators,
    key_results,
    scopes,
    verdict_sets,
)
from syncd.store.versions import record_versions


def plan_fingerprint(plan: Plan) -> str:
    """Identifies what is read: the scope of a scan, or the request of a number."""
    return plan.scope.fingerprint if isinstance(plan, ScanPlan) else plan.fingerprint


@again_on_deadlock
def put_in_force(
    store: Store,
    *catalogues: Catalogue,
    interval_of: Callable[[Indicator], float],
    link_of: Callable[[Indicator], str | None],
    now: datetime,
    findings: Sequence[Mapping[str, Any]] = (),
    files: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Catalogue, ...]:
    """Makes these catalogues, one for each period, what is measured and judged, in one transaction,
    but for those of periods that are closed; returns the ones that are in force now.

    What they no longer name becomes inactive and keeps its past. A scope that gains a judge is
    read in full on its next turn. A key result whose indicator changed goes on telling the old
    one's readings until the new one has some. What two periods measure alike is measured once.
    `interval_of` gives seconds, `link_of` the page where a person sees the indicator's query; only
    measured indicators have either. `findings` are what hygiene found in the files, JSON-able; they
    are kept with them, as `files` are, what stands in them by folder and name (`files_in_force`).
    """
    with store.write() as connection:
        closed = lock_periods(store, connection)
        present = max(catalogues, key=lambda one: Period.of(one).seniority(now))
        in_force = sorted(
            (one for one in catalogues if one.period not in closed),
            key=lambda one: Period.of(one).begins,
        )
        wanted_indicators = measured(
            sorted(in_force, key=lambda one: Period.of(one).seniority(now))
        )
        wanted = {kr.key: kr for one in in_force for kr in one.key_results.values()}
        scope_ids = _put_scopes(store, connection, wanted_indicators, interval_of, now)
        set_ids = _put_sets(connection, wanted_indicators, scope_ids, now)
        _put_indicators(store, connection, wanted_indicators, scope_ids, set_ids, link_of)
        end_unmeasured(connection, now)
        # Locked before the key results, as by who says something of them.
        put_externals(store, connection, in_force)
        # Before what belongs to them.
        put_periods(store, connection, in_force, now)
        edits, first = _put_key_results(store, connection, wanted, now)
        record_load(
            connection,
            now,
            edits=edits,
            first=first,
            accepted=True,
            digest=" ".join(sorted({one.digest for one in catalogues})),
            faults=[],
            summary={
                "organisation": present.organisation,
                "period": present.period_title,
                "timezone": present.timezone,
                "teams": dict(present.teams),
                "periods": [one.period_title for one in in_force],
                "key_results": len(wanted),
                "indicators": len(wanted_indicators),
                TO_MEND: len(findings),
            },
            findings=[dict(finding) for finding in findings],
            files=files,
        )
        return tuple(in_force)


def measured(newest_last: Sequence[Catalogue]) -> dict[str, Indicator]:
    """The indicators of all catalogues, by fingerprint. Where two of them give one name to
    different things, or one thing two names, the newest period has its way; in the other one what
    it means is known by the period too. Of two wishes for evidence the one that keeps less wins.
    """
    found: dict[str, Indicator] = {}
    taken: dict[str, str] = {}
    for catalogue in reversed(newest_last):
        for key, indicator in catalogue.indicators.items():
            if key in found:
                if found[key].evidence != indicator.evidence == "keys":
                    found[key] = replace(indicator, name=found[key].name)
                continue
            name = indicator.name
            if name is not None and taken.setdefault(name, key) != key:
                indicator = replace(indicator, name=f"{catalogue.period}/{name}")
            found[key] = indicator
    return found


def _put_scopes(
    store: Store,
    connection: sa.Connection,
    measured: Mapping[str, Indicator],
    interval_of: Callable[[Indicator], float],
    now: datetime,
) -> dict[str, int]:
    wanted: dict[str, dict[str, Any]] = {}
    for indicator in measured.values():
        plan = indicator.plan
        if not isinstance(plan, ScanPlan | NumberPlan):
            continue
        fingerprint = plan_fingerprint(plan)
        interval = interval_of(indicator)
        row = wanted.get(fingerprint)
        if row is None:
            definition = plan.scope.definition if isinstance(plan, ScanPlan) else plan.request
            wanted[fingerprint] = {
                "fingerprint": fingerprint,
                "kind": "scan" if isinstance(plan, ScanPlan) else "number",
                "source": plan.scope.source if isinstance(plan, ScanPlan) else plan.source,
                "definition": dict(definition),
                "active": True,
                "interval_seconds": interval,
                "next_due_at": now,
                "failures": 0,
            }
        else:
            row["interval_seconds"] = min(row["interval_seconds"], interval)
    connection.execute(sa.update(scopes).values(active=False))
    if wanted:
        insert = store.insert(scopes)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["fingerprint"],
                set_={
                    "active": True,
                    "interval_seconds": insert.excluded.interval_seconds,
                    # A shorter interval takes effect now, not after the longer one ends.
                    "next_due_at": sa.case(
                        (
                            scopes.c.interval_seconds > insert.excluded.interval_seconds,
                            insert.excluded.next_due_at,
                        ),
                        else_=scopes.c.next_due_at,
                    ),
                },
            ),
            list(wanted.values()),
        )
    found = connection.execute(
        sa.select(scopes.c.fingerprint, scopes.c.id).where(scopes.c.active)
    ).all()
    return {row.fingerprint: row.id for row in found}


def _put_sets(
    connection: sa.Connection,
    measured: Mapping[str, Indicator],
    scope_ids: Mapping[str, int],
    now: datetime,
) -> dict[tuple[int, str], int]:
    wanted: dict[tuple[int, str], ScanPlan] = {}
    for indicator in measured.values():
        if isinstance(indicator.plan, ScanPlan):
            key = (
                scope_ids[indicator.plan.scope.fingerprint],
                judge_fingerprint(indicator.plan.judge),
            )
            wanted[key] = indicator.plan
    existing = {
        (row.scope_id, row.judge): row for row in connection.execute(sa.select(verdict_sets)).all()
    }
    connection.execute(sa.update(verdict_sets).values(active=False))
    unfilled: set[int] = set()
    for (scope_id, judge), plan in wanted.items():
        row = existing.get((scope_id, judge))
        if row is None:
            connection.execute(
                sa.insert(verdict_sets).values(
                    scope_id=scope_id,
                    judge=judge,
                    definition=plan.judge.definition,
                    filled=False,
                    active=True,
                    retrospective=plan.retrospective,
                )
            )
            unfilled.add(scope_id)
        elif row.active:
            connection.execute(
                sa.update(verdict_sets)
                .where(verdict_sets.c.id == row.id)
                .values(active=True, retrospective=plan.retrospective)
            )
        else:
            # It missed the changes of the time it was away: it must be filled again.
            connection.execute(
                sa.update(verdict_sets)
                .where(verdict_sets.c.id == row.id)
                .values(
                    active=True,
                    filled=False,
                    retrospective=plan.retrospective,
                    known_since=None,
                    **SOUND,
                )
            )
            unfilled.add(scope_id)
    if unfilled:
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id.in_(unfilled))
            .values(cursor=None, staged_full=None, staged_resume=None, next_due_at=now)
        )
    found = connection.execute(sa.select(verdict_sets).where(verdict_sets.c.active)).all()
    return {(row.scope_id, row.judge): row.id for row in found}


def _put_indicators(
    store: Store,
    connection: sa.Connection,
    measured: Mapping[str, Indicator],
    scope_ids: Mapping[str, int],
    set_ids: Mapping[tuple[int, str], int],
    link_of: Callable[[Indicator], str | None],
) -> None:
    # Locked in the order in which composing locks them.
    connection.execute(
        store.locked(sa.select(indicators.c.fingerprint).order_by(indicators.c.fingerprint))
    )
    connection.execute(sa.update(indicators).values(active=False))
    rows = []
    for fingerprint, indicator in measured.items():
        plan = indicator.plan
        row: dict[str, Any] = {
            "fingerprint": fingerprint,
            "name": indicator.name,
            "measure": indicator.measure,
            "source": indicator.source,
            "unit": indicator.unit,
            "dimension": indicator.dimension.value,
            "definition": dict(indicator.definition),
            "aggregate": plan.aggregate.definition if isinstance(plan, ScanPlan) else None,
            "scope_id": None,
            "set_id": None,
            "link": None,
            "fixed_at": indicator.at,
            "composition": None,
            "stale_after_seconds": None,
            "dirty": isinstance(plan, Coverage | Combination),
            "plausible": to_json(PLAUSIBLE, limits_of(indicator)),
            "active": True,
        }
        if isinstance(plan, ScanPlan | NumberPlan):
            row["scope_id"] = scope_ids[plan_fingerprint(plan)]
            row["link"] = link_of(indicator)
            if isinstance(plan, ScanPlan):
                row["set_id"] = set_ids[row["scope_id"], judge_fingerprint(plan.judge)]
        else:
            row["composition"] = to_json(COMPOSITION, plan)
            if isinstance(plan, Manual):
                row["stale_after_seconds"] = plan.stale_after_seconds
        rows.append(row)
    store.upsert(connection, indicators, rows)
    # After the indicators they name; what a fingerprint is made of never changes.
    store.upsert(
        connection,
        composition_parts,
        [
            {"indicator": fingerprint, "part": part}
            for fingerprint, indicator in measured.items()
            for part in sorted(set(parts_of(indicator.plan)))
        ],
    )


def _put_key_results(
    store: Store, connection: sa.Connection, wanted: Mapping[str, KeyResult], now: datetime
) -> tuple[Edits, bool]:
    """How they differ from before, and whether they are the first ever."""
    query = sa.select(key_results).order_by(key_results.c.key)
    before = {row.key: row for row in connection.execute(store.locked(query)).all()}
    readable = set(
        connection.execute(
            sa.select(indicators.c.fingerprint).where(indicators.c.reading_id.is_not(None))
        ).scalars()
    )
    connection.execute(
        sa.update(key_results).values(active=False, revision=key_results.c.revision + 1)
    )
    rows = []
    for rank, (key, key_result) in enumerate(wanted.items()):
        serving = key_result.indicator
        old = before.get(key)
        if old is not None and serving not in readable and old.serving in readable:
            serving = old.serving
        rows.append(
            {
                "key": key,
                "id": key_result.id,
                "period": key_result.period,
                "rank": rank,
                "active": True,
                "definition": to_json(KEY_RESULT, key_result),
                "needs": [key_result.key_of(need) for need in key_result.needs],
                "former": [],
                "target_fingerprint": key_result.target_fingerprint,
                "indicator": key_result.indicator,
                "serving": serving,
                "baseline": None if key_result.target is None else key_result.target.start_from,
                "dirty": True,
                "memory": to_json(MEMORY, Memory()),
            }
        )
    store.upsert(connection, key_results, rows, keep=["memory"])
    # After the rows that they are versions of.
    former = record_versions(connection, before, wanted, now)
    edited = [{"of": key, "former": found} for key, found in former.items() if found]
    if edited:
        connection.execute(
            sa.update(key_results)
            .where(key_results.c.key == sa.bindparam("of"))
            .values(former=sa.bindparam("former")),
            edited,
        )
    return edits_of(before, wanted), not before
