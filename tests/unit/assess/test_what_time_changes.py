"""When time alone changes a status: to the microsecond, and also where it does not stay so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from syncd.assess import assess
from syncd.model import (
    Ending,
    Evidence,
    Former,
    KeyResult,
    Memory,
    Status,
    Target,
    TargetType,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    HOUR,
    INSTANT,
    MIDDLE,
    START,
    key_result,
    seen,
)

HALF = START + 45 * DAY
END = START + 90 * DAY
LASTING: dict[str, Any] = {"due": END, "stale_after_seconds": 365 * 86400.0}
TEN, TWENTY = (Target(TargetType.AT_LEAST, goal=goal) for goal in (10.0, 20.0))


def changes_of(kr: KeyResult, evidence: Evidence, now: datetime) -> list[tuple[datetime, Status]]:
    """The status at `now`, and each that follows when it is due to, if nothing is read."""
    told, memory = [], Memory()
    moment: datetime | None = now
    while moment is not None:
        assessment, memory = assess(kr, evidence, memory, {}, moment)
        told.append((moment, assessment.status))
        moment = assessment.due_to_change_at
        assert len(told) < 12
    return told


AT_RISK, OFF_TRACK, ON_TRACK = Status.AT_RISK, Status.OFF_TRACK, Status.ON_TRACK
LAST = END - 2 * DAY + 365 * DAY
HELD = replace(DONE, held_for_seconds=2 * 86400.0)


@pytest.mark.parametrize(
    ("kr", "evidence", "changes"),
    [
        (
            key_result(**LASTING),
            seen(0.45, START),
            [
                (START, ON_TRACK),
                (START + 45 * DAY + INSTANT, AT_RISK),
                (START + 0.45 / 0.7 * 90 * DAY + INSTANT, OFF_TRACK),
                (END, Status.MISSED),
                (START + 365 * DAY, Status.STALE),
            ],
        ),
        (
            key_result(due=END),
            seen(0.6, MIDDLE),
            [(MIDDLE, ON_TRACK), (MIDDLE + HOUR, Status.STALE)],
        ),
        (
            key_result(HELD, **LASTING),
            seen(0.0, START),
            [
                (START, ON_TRACK),
                (START + 81 * DAY, AT_RISK),
                (END - 2 * DAY + INSTANT, OFF_TRACK),
                (END, Status.MISSED),
                (START + 365 * DAY, Status.STALE),
            ],
        ),
        (
            key_result(HELD, **LASTING),
            seen(1.0, END - 2 * DAY),
            [(END - 2 * DAY, ON_TRACK), (END, Status.ACHIEVED), (LAST, Status.STALE)],
        ),
        (
            key_result(HELD, **LASTING),
            seen(1.0, END - 2 * DAY + INSTANT),
            [
                (END - 2 * DAY + INSTANT, OFF_TRACK),
                (END, Status.MISSED),
                (LAST + INSTANT, Status.STALE),
            ],
        ),
        (
            key_result(ending=Ending(END + DAY, "the site was sold"), **LASTING),
            seen(0.9, END - HOUR),
            [(END - HOUR, ON_TRACK), (END, Status.MISSED), (END + DAY, Status.ABANDONED)],
        ),
        (
            key_result(ending=Ending(END + DAY, "the lab is late", into="2026-Q2")),
            Evidence(300.0),
            [(START, Status.NO_DATA), (END + DAY, Status.CARRIED)],
        ),
    ],
    ids=[
        "left behind by the line",
        "stale for good",
        "not done in time",
        "done just in time",
        "done too late to hold",
        "given up after its date",
        "carried over without data",
    ],
)
def test_a_status_changes_when_it_is_due_to_and_at_no_other_moment(
    kr: KeyResult, evidence: Evidence, changes: list[tuple[datetime, Status]]
) -> None:
    assert changes_of(kr, evidence, changes[0][0]) == changes


def test_an_edit_may_take_back_what_changed_before_it() -> None:
    # 8 of 10 by the line until then, and of 20 from then on
    kr = key_result(TWENTY, **LASTING)
    former = (Former(HALF, key_result(TEN, **LASTING)),)
    early = START + 30 * DAY

    (_, first), (fell, then), (back, last), *_ = changes_of(
        kr, seen(8.0, early, former=former), early
    )

    assert (first, then, last) == (Status.ON_TRACK, Status.AT_RISK, Status.ON_TRACK)
    assert START + 40 * DAY <= fell <= START + 40 * DAY + INSTANT
    assert back == HALF
