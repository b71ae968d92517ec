"""Sentences with something rarer in them, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from syncd.assess import assess
from syncd.model import (
    Doubted,
    DoubtKind,
    Evidence,
    KeyResult,
    Memory,
    Status,
    Target,
    TargetType,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    HOUR,
    NO_BREACHES,
    START,
    checkpoints,
    key_result,
    milestones,
    moment,
    reading,
    refused,
    seen,
)

FEB_20, MORNING = moment("2026-02-20 12:00"), moment("2026-02-20 09:12")
EARLY = moment("2026-01-03 12:00")
PACE = "90 % on 20 Feb; the line asks for at least 56.1 % by now"
INCOMPLETE = "the reading of 12:00 is incomplete and not judged"
TWO = milestones(site="2026-01-31", racks="2026-03-15")


def reason(kr: KeyResult, evidence: Evidence, now: datetime, memory: Memory | None = None) -> str:
    return assess(kr, evidence, memory or Memory(), {}, now)[0].reason


def told(kr: KeyResult, status: Status) -> Memory:
    return Memory(told=status, told_since=START, target=kr.target_fingerprint)


def of_milestones(value: float, **done: bool) -> Evidence:
    named = {name: {"done": one} for name, one in done.items()}
    details = {"milestones": named} if named else None
    known = {"objects": 2} if named else {"denominator": 50.0}
    return seen(value, FEB_20, reading=reading(value, FEB_20, details=details, **known))


@pytest.mark.parametrize(
    ("kr", "evidence", "now", "sentence"),
    [
        (
            key_result(),
            seen(0.9, FEB_20, doubted=Doubted(DoubtKind.STEP, "9 after 5", MORNING)),
            FEB_20,
            f"{PACE}; not believed since 09:12: 9 after 5",
        ),
        (
            key_result(),
            seen(
                0.9,
                FEB_20,
                failure=refused(MORNING),
                source="jira",
                partial=reading(0.1, FEB_20, complete=False),
            ),
            FEB_20,
            f"{PACE}; no new reading since 09:12: Jira refused the credentials; {INCOMPLETE}",
        ),
        (
            key_result(Target(TargetType.DECREASE, by=0.4, by_relative=True, start_from="f" * 16)),
            seen(0.9, FEB_20),
            FEB_20,
            "No reading of the earlier period to start from",
        ),
        (
            key_result(Target(TargetType.AT_MOST, goal=0.9)),
            seen(0.4, FEB_20, reading=reading(0.4, FEB_20, lower_bound=True)),
            FEB_20,
            "At least 40 %, and objects are still open",
        ),
        (
            key_result(checkpoints=checkpoints(feb_15=0.8)),
            seen(0.7996, FEB_20),
            FEB_20,
            "79.96 % on 20 Feb; the checkpoint of 15 Feb asked for 80 %",
        ),
        (
            key_result(Target(TargetType.INCREASE, by=0.5)),
            seen(0.02, EARLY),
            EARLY,
            "Too early to judge: 2 % on 3 Jan",
        ),
        (
            key_result(NO_BREACHES, stale_after_seconds=365 * 86400.0),
            seen(1.0, START - HOUR),
            DUE,
            "Not held to 31 Mar; allowed is at most 0 %",
        ),
        (
            key_result(TWO),
            of_milestones(0.5, site=True),
            FEB_20,
            "1 of 2 done on 20 Feb",
        ),
        (key_result(DONE), Evidence(300.0), FEB_20, "No reading yet"),
        (key_result(DONE), seen(None, FEB_20), FEB_20, "There was no value at 12:00"),
    ],
    ids=[
        "not believed",
        "two things wrong with the data",
        "an earlier period without a name",
        "a lower bound",
        "just short of a checkpoint",
        "no start before it matters",
        "a guard that never held",
        "milestones the reading does not know",
        "a boolean without a reading",
        "a boolean without a value",
    ],
)
def test_it_says_so(kr: KeyResult, evidence: Evidence, now: datetime, sentence: str) -> None:
    assert reason(kr, evidence, now) == sentence


def test_an_outcome_that_is_remembered_has_a_sentence_without_a_reading() -> None:
    kr = key_result(TWO)
    memory = replace(told(kr, Status.MISSED), final=Status.MISSED)

    assert reason(kr, Evidence(300.0), DUE + DAY, memory) == "Not all was done by 31 Mar"


def test_of_milestones_the_margin_is_told_in_whole_ones() -> None:
    kr = key_result(TWO)

    sentence = reason(kr, of_milestones(0.455), FEB_20, told(kr, Status.AT_RISK))

    assert sentence.endswith("; on track again from 23 of 50 done")


@pytest.mark.parametrize(("later", "share"), [(0.0, "46 %"), (0.0098, "46.01 %")])
def test_where_no_value_stands_for_the_margin_it_is_a_share_of_the_whole(
    later: float, share: str
) -> None:
    kr = key_result(Target(TargetType.AT_LEAST, goal=-10.0), due=START + 90 * DAY)
    now = START + (45 + later) * DAY

    sentence = reason(kr, seen(-10 / 0.4599, now), now, told(kr, Status.AT_RISK))

    # with as many digits as tell it from where it stands
    assert sentence.endswith(f"; on track again from {share} of the whole")


@pytest.mark.parametrize(
    ("kr", "evidence", "why"),
    [
        (
            key_result(Target(TargetType.DECREASE, by=0.4, by_relative=True, start_from="f" * 16)),
            seen(0.9, FEB_20),
            "no reading of the earlier period to start from",
        ),
        (key_result(), seen(None, FEB_20), "there is no value to go on from"),
        (key_result(), seen(None, FEB_20 - DAY), "there is no value to go on from"),
        (key_result(), seen(0.5, FEB_20 - DAY), "the data is stale"),
    ],
)
def test_without_a_forecast_it_is_said_why(kr: KeyResult, evidence: Evidence, why: str) -> None:
    assessment, _ = assess(kr, evidence, Memory(), {}, FEB_20)

    assert (assessment.forecast, assessment.no_forecast) == (None, why)
