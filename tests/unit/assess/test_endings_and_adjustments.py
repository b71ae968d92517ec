"""What people decide about a key result is told at once, with their reason, and hides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.assess import assess
from syncd.assess.adjusting import next_turn
from syncd.model import (
    Adjustment,
    AdjustmentKind,
    Assessment,
    Ending,
    Evidence,
    KeyResult,
    Memory,
    Status,
)
from tests.unit.assess.cases import (
    DAY,
    DUE,
    HOUR,
    INSTANT,
    NO_BREACHES,
    held_for,
    judged,
    judged_once,
    key_result,
    moment,
    pause,
    refused,
    seen,
    told_of,
)

FEB_20 = moment("2026-02-20 12:00")
MAR_16 = moment("2026-03-16 00:00")
GIVEN_UP = Ending(moment("2026-02-20 00:00"), "the vendor went out of business.")
CARRIED = Ending(moment("2026-03-20 00:00"), "the lab opens in April", into="2026-Q2")
PATIENT = key_result(stale_after_seconds=365 * 86400.0)


def override(status: Status, since: datetime, until: datetime, **changes: Any) -> Adjustment:
    return pause(since, until, kind=AdjustmentKind.OVERRIDE, status=status, **changes)


def with_said(value: float | None, at: datetime, *said: Adjustment) -> Evidence:
    return replace(seen(value, at), adjustments=said)


# --------------------------------------------------------------------------------- endings


@pytest.mark.parametrize(
    ("ending", "now", "status", "reason"),
    [
        (
            GIVEN_UP,
            FEB_20,
            Status.ABANDONED,
            "Abandoned from 20 Feb: the vendor went out of business",
        ),
        (
            CARRIED,
            moment("2026-03-25 12:00"),
            Status.CARRIED,
            "Carried into 2026-Q2 from 20 Mar: the lab opens in April",
        ),
    ],
)
def test_what_has_ended_tells_how_and_is_not_judged_any_more(
    ending: Ending, now: datetime, status: Status, reason: str
) -> None:
    kr = key_result(ending=ending, needs=("a",))

    assessment, _ = assess(kr, seen(0.3, now), Memory(), told_of(a=Status.MISSED), now)

    assert (assessment.status, assessment.raw_status) == (status, status)
    assert assessment.reason == reason
    assert (assessment.value, assessment.progress) == (0.3, 0.3)
    assert (assessment.expected, assessment.pace) == (None, None)
    assert (assessment.because, assessment.due_to_change_at) == ((), None)


@pytest.mark.parametrize(
    ("kr", "evidence"),
    [
        (key_result(None), seen(0.3, FEB_20)),
        (key_result(), Evidence(300.0, failure=refused(FEB_20))),
        (key_result(), seen(0.3, FEB_20 - 9 * DAY)),
        (key_result(NO_BREACHES), seen(5.0, FEB_20)),
        (key_result(due=FEB_20 - HOUR), seen(1.0, FEB_20)),
        (key_result(judgement=held_for(hours=48)), seen(1.0, FEB_20)),
    ],
    ids=["no target", "no data", "stale", "breached", "due", "held"],
)
def test_an_ending_comes_before_every_other_rule(kr: KeyResult, evidence: Evidence) -> None:
    _, memory = assess(kr, evidence, Memory(), {}, FEB_20)

    assessment, _ = assess(replace(kr, ending=GIVEN_UP), evidence, memory, {}, FEB_20)

    assert (assessment.status, assessment.since) == (Status.ABANDONED, FEB_20)
    assert assessment.reason.startswith("Abandoned from 20 Feb")
    assert ";" not in assessment.reason


def test_until_it_ends_a_key_result_is_judged_and_knows_when_it_will() -> None:
    kr = replace(PATIENT, ending=CARRIED)
    evidence = seen(0.95, FEB_20)

    before, memory = assess(kr, evidence, Memory(), {}, FEB_20)
    at_the_end, _ = assess(kr, evidence, memory, {}, CARRIED.at)

    assert (before.status, before.due_to_change_at) == (Status.ON_TRACK, CARRIED.at)
    assert at_the_end.status is Status.CARRIED


def test_an_ending_that_is_withdrawn_is_followed_at_once_by_what_is_judged() -> None:
    kr = key_result(judgement=held_for(hours=48))
    _, memory = assess(replace(kr, ending=GIVEN_UP), seen(0.9, FEB_20), Memory(), {}, FEB_20)

    assessment, _ = assess(kr, seen(0.9, FEB_20), memory, {}, FEB_20)

    assert assessment.status is Status.ON_TRACK


def test_no_override_and_no_pause_is_in_force_of_what_has_ended() -> None:
    said = (override(Status.ON_TRACK, FEB_20, MAR_16), pause(FEB_20, MAR_16))

    assessment = judged_once(key_result(ending=GIVEN_UP), with_said(0.3, FEB_20, *said), FEB_20)

    assert assessment.status is Status.ABANDONED
    assert (assessment.overridden, assessment.paused) == (None, None)
    assert assessment.due_to_change_at is None


# ------------------------------------------------------------------------------- overrides


def test_an_override_is_told_at_once_and_what_is_judged_stays_beside_it() -> None:
    kr = key_result(judgement=held_for(hours=48))
    said = override(Status.ON_TRACK, FEB_20 + HOUR, MAR_16)
    now = FEB_20 + 2 * HOUR

    first, second = judged(kr, (seen(0.3, FEB_20), FEB_20), (with_said(0.3, now, said), now))

    assert first.status is Status.OFF_TRACK
    assert (second.status, second.raw_status) == (Status.ON_TRACK, Status.OFF_TRACK)
    assert (second.since, second.overridden) == (said.since, said)
    assert second.pace == pytest.approx(0.3 - (second.expected or 0.0))


def test_when_an_override_ends_the_judged_status_is_told_at_once() -> None:
    kr = replace(PATIENT, judgement=held_for(hours=48))
    until = FEB_20 + 2 * HOUR
    said = override(Status.OFF_TRACK, FEB_20 + HOUR, until)
    evidence = with_said(0.6, FEB_20, said)
    last = until - INSTANT

    told = judged(kr, *((evidence, now) for now in (FEB_20, said.since, last, until)))

    on_track, off_track = Status.ON_TRACK, Status.OFF_TRACK
    assert [one.status for one in told] == [on_track, off_track, off_track, on_track]
    assert [one.due_to_change_at for one in told[:3]] == [said.since, until, until]
    assert (told[3].since, told[3].overridden) == (until, None)


def test_what_became_worse_during_an_override_is_told_as_soon_as_that_ends() -> None:
    kr = replace(PATIENT, judgement=held_for(hours=48))
    until = FEB_20 + 2 * HOUR
    said = override(Status.ACHIEVED, FEB_20 + HOUR, until)

    _, _, after = judged(
        kr,
        (with_said(0.6, FEB_20, said), FEB_20),
        (with_said(0.2, said.since, said), said.since),
        (with_said(0.2, until, said), until),
    )

    assert (after.status, after.since) == (Status.OFF_TRACK, until)


def test_what_was_still_to_last_waits_for_nothing_under_an_override() -> None:
    kr = replace(PATIENT, judgement=held_for(hours=48))
    began, until = FEB_20 + 2 * HOUR, FEB_20 + 9 * DAY
    said = override(Status.ACHIEVED, began, until)

    _, waiting, overridden = judged(
        kr,
        (with_said(0.6, FEB_20, said), FEB_20),
        (with_said(0.2, FEB_20 + HOUR, said), FEB_20 + HOUR),
        (with_said(0.2, began, said), began),
    )

    assert (waiting.status, waiting.raw_status) == (Status.ON_TRACK, Status.OFF_TRACK)
    assert overridden.due_to_change_at == until


def test_an_override_that_is_withdrawn_leaves_the_judged_status_at_once() -> None:
    kr = key_result(judgement=held_for(hours=48))
    said = override(Status.OFF_TRACK, FEB_20, MAR_16)
    now = FEB_20 + HOUR

    told = judged(kr, (with_said(0.6, FEB_20, said), FEB_20), (seen(0.6, now), now))

    assert [one.status for one in told] == [Status.OFF_TRACK, Status.ON_TRACK]


def test_an_outcome_is_remembered_although_an_override_is_told() -> None:
    kr, later = key_result(), DUE + 9 * DAY
    said = override(Status.MISSED, DUE - DAY, DUE + DAY)

    told = judged(kr, (with_said(1.0, DUE, said), DUE), (with_said(0.2, later, said), later))

    assert (told[0].status, told[0].raw_status) == (Status.MISSED, Status.ACHIEVED)
    assert told[1].status is Status.ACHIEVED


@pytest.mark.parametrize(
    ("kr", "evidence", "sentence"),
    [
        (
            key_result(),
            replace(seen(0.4, FEB_20 - 3 * HOUR), failure=refused(FEB_20), source="jira"),
            "the data is stale: no reading since 09:00: Jira refused the credentials",
        ),
        (key_result(), Evidence(300.0), "there is no data: no reading yet"),
        (
            key_result(None),
            seen(0.4, FEB_20),
            "measured: the target is not decided yet; 40 % on 20 Feb",
        ),
        (
            key_result(NO_BREACHES),
            seen(1.0, FEB_20),
            "measured: breached on 20 Feb; allowed is at most 0 %; 100 % on 20 Feb",
        ),
    ],
)
def test_an_override_never_hides_what_is_measured_or_unknown(
    kr: KeyResult, evidence: Evidence, sentence: str
) -> None:
    said = override(Status.ON_TRACK, FEB_20, MAR_16, reason="the audit is done. ")
    evidence = replace(evidence, adjustments=(said,))

    assessment = judged_once(kr, evidence, FEB_20)

    assert assessment.status is Status.ON_TRACK
    assert assessment.reason == (
        f"Set to on track until 15 Mar by Ada: the audit is done; {sentence}"
    )


def test_of_overrides_that_began_together_the_last_one_said_counts() -> None:
    first = override(Status.ON_TRACK, FEB_20, MAR_16, id="1")
    second = override(Status.AT_RISK, FEB_20, MAR_16, id="2")

    assessment = judged_once(key_result(), with_said(0.9, FEB_20, first, second), FEB_20)

    assert assessment.overridden == second


def test_an_override_that_names_no_status_overrides_nothing() -> None:
    said = pause(FEB_20, MAR_16, kind=AdjustmentKind.OVERRIDE)

    plain = judged_once(key_result(), seen(0.9, FEB_20), FEB_20)

    assert judged_once(key_result(), with_said(0.9, FEB_20, said), FEB_20) == plain


def test_what_depends_on_an_overridden_key_result_goes_by_what_is_told() -> None:
    said = override(Status.ON_TRACK, FEB_20, MAR_16)
    told = judged_once(key_result(), with_said(0.1, FEB_20, said), FEB_20)
    needs = told_of(a=told.status)

    assessment, _ = assess(key_result(needs=("a",)), seen(0.9, FEB_20), Memory(), needs, FEB_20)

    assert assessment.status is Status.ON_TRACK


# ---------------------------------------------------------------------------------- pauses


def test_a_pause_is_told_with_its_end_and_its_reason() -> None:
    said = pause(FEB_20, MAR_16)

    assessment = judged_once(key_result(), with_said(0.9, FEB_20, said), FEB_20)

    assert assessment.paused == said
    assert assessment.reason.endswith("; paused until 15 Mar by Ada: the vendor is on strike")


def test_a_pause_that_ends_is_a_moment_at_which_what_is_told_changes() -> None:
    said = pause(FEB_20, FEB_20 + DAY)

    assessment = judged_once(PATIENT, with_said(0.9, FEB_20, said), FEB_20)
    after = judged_once(PATIENT, with_said(0.9, FEB_20, said), FEB_20 + DAY)

    assert assessment.due_to_change_at == FEB_20 + DAY
    assert after.paused is None


def test_a_pause_under_another_one_that_began_later_is_no_moment() -> None:
    under = pause(FEB_20 - DAY, FEB_20 + DAY, id="1")
    over = pause(FEB_20, FEB_20 + 2 * DAY, id="2")

    assessment = judged_once(PATIENT, with_said(0.9, FEB_20, under, over), FEB_20)

    assert assessment.paused == over
    assert assessment.due_to_change_at == FEB_20 + 2 * DAY


def test_nothing_is_in_force_any_more_from_an_ending_on() -> None:
    kr = key_result(ending=CARRIED)
    said = [override(Status.ON_TRACK, FEB_20, DUE)]

    assert next_turn(kr, said, FEB_20) == CARRIED.at
    assert next_turn(kr, said, CARRIED.at) is None


def test_a_note_changes_nothing() -> None:
    note = pause(FEB_20, MAR_16, kind=AdjustmentKind.NOTE)
    open_ended = replace(note, until=None)

    plain = judged_once(key_result(), seen(0.4, FEB_20), FEB_20)

    for said in (note, open_ended):
        assert judged_once(key_result(), with_said(0.4, FEB_20, said), FEB_20) == plain


@given(st.floats(0.0, 1.2), st.sampled_from(Status), st.sampled_from([0.0, 48.0]))
def test_an_override_changes_nothing_of_what_is_measured(
    value: float, status: Status, hours: float
) -> None:
    kr = key_result(judgement=held_for(hours=hours))

    plain: Assessment = judged_once(kr, seen(value, FEB_20), FEB_20)
    said = override(status, FEB_20, MAR_16)
    told = judged_once(kr, with_said(value, FEB_20, said), FEB_20)

    assert told.status is status
    assert plain.reason[1:] in told.reason
    measured = ("raw_status", "value", "progress", "expected", "pace", "goal", "because")
    assert [getattr(told, one) for one in measured] == [getattr(plain, one) for one in measured]
