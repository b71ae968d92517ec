"""From the readings of a key result to its assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from syncd.assess.adjusting import next_turn, said_at
from syncd.assess.forecast import forecast_of
from syncd.assess.formula import bounded
from syncd.assess.holding import held_until, hold
from syncd.assess.line import expected_on
from syncd.assess.reason import reason_of
from syncd.assess.standing import Standing, remember, standing_of
from syncd.assess.status import Ruling, next_change, status_of
from syncd.model import ENDED, UNKNOWN, Assessment, Evidence, KeyResult, Memory, Needed, Status


def assess(
    kr: KeyResult,
    evidence: Evidence,
    memory: Memory,
    needs: Mapping[str, Needed],
    now: datetime,
) -> tuple[Assessment, Memory]:
    """What the evidence means for the key result at `now` (aware UTC), and what to remember.

    `needs` maps each needed id to what is told of it; an id that is not in it is unknown, as one
    without a status is, and changes nothing. The memory returned goes into the next call. Pure:
    the same arguments give the same answer, and assessing again at the same moment changes
    nothing.
    """
    memory = remember(kr, evidence, memory, now)
    said = said_at(kr, evidence.adjustments, now)
    override = said.overridden
    if override is not None:
        # What is judged is not told meanwhile, so it need not last; what follows is told at once.
        memory = replace(
            memory, told=None, told_since=None, before=None, candidate=None, candidate_since=None
        )
    standing = standing_of(kr, evidence, memory, needs)
    ruling = status_of(standing, now)
    if _is_final(standing, ruling, now):
        memory = replace(memory, final=ruling.status)
    if override is None:
        memory = hold(ruling.status, memory, kr, now)
    if standing.told is not memory.last_known:
        standing = replace(standing, told=memory.last_known)
    progress = standing.progress_at(now)
    line_now = None if ruling.status in ENDED else expected_on(standing.line, now)
    score = bounded(progress)
    because = _because(standing, ruling)
    forecast, no_forecast = forecast_of(standing, evidence, now)
    pace = None
    if ruling.status not in UNKNOWN and score is not None and line_now is not None:
        pace = score - line_now
    assessment = Assessment(
        key_result=kr.key,
        at=now,
        status=(memory.told if override is None else override.status) or ruling.status,
        raw_status=ruling.status,
        since=(memory.told_since if override is None else override.since) or now,
        reason=reason_of(standing, ruling, evidence, memory, said, forecast, now),
        value=standing.value,
        start=standing.start,
        goal=standing.goal,
        progress=score,
        progress_unbounded=progress,
        expected=line_now,
        pace=pace,
        observed_at=None if standing.reading is None else standing.reading.observed_at,
        complete=evidence.partial is None and standing.reading is evidence.reading,
        error_type=None if evidence.failure is None else evidence.failure.error_type,
        because=because,
        due_to_change_at=_due_to_change_at(standing, evidence, memory, now),
        start_is_first_reading=standing.start_is_first_reading,
        forecast=forecast,
        no_forecast=no_forecast,
        chain=(because[0], *standing.needs[because[0]].chain) if because else (),
        paused=said.paused,
        overridden=said.overridden,
        rule=ruling.rule.name.lower(),
        doubt=None if evidence.doubted is None else evidence.doubted.kind.value,
    )
    return assessment, memory


def _is_final(standing: Standing, ruling: Ruling, now: datetime) -> bool:
    """Whether this is the first outcome by a reading observed after the due date."""
    return (
        now >= standing.kr.due
        and standing.final is None
        and standing.reading is not None
        and standing.reading.observed_at >= standing.kr.due
        and ruling.status in (Status.ACHIEVED, Status.MISSED)
    )


def _because(standing: Standing, ruling: Ruling) -> tuple[str, ...]:
    """The slipping dependencies of a key result that slips too."""
    return standing.slipping if ruling.status in (Status.AT_RISK, Status.OFF_TRACK) else ()


def _due_to_change_at(
    standing: Standing, evidence: Evidence, memory: Memory, now: datetime
) -> datetime | None:
    moments = [next_change(standing, now), next_turn(standing.kr, evidence.adjustments, now)]
    if memory.candidate_since is not None:
        moments.append(held_until(standing.kr, memory.candidate_since))
    return min((one for one in moments if one is not None), default=None)
