"""What a key result needs drags it when it slips, and the reason leads to the cause."""

from __future__ import annotations

from datetime import datetime

import pytest

from syncd.assess import assess
from syncd.model import BAD, ENDED, Assessment, Memory, Needed, Status
from tests.unit.assess.cases import DAY, MIDDLE, judged_once, key_result, moment, seen, told_of

PACE = "90 % on 20 Feb; the line asks for at least 56.1 % by now"
FEB_20 = moment("2026-02-20 12:00")


def waiting(needs: dict[str, Needed], value: float = 0.9) -> Assessment:
    kr = key_result(needs=tuple(needs))
    return assess(kr, seen(value, FEB_20), Memory(), needs, FEB_20)[0]


def passed_on(assessment: Assessment) -> Needed:
    return Needed(assessment.status, assessment.chain)


def test_a_slipping_dependency_puts_an_on_track_key_result_at_risk_and_is_named() -> None:
    kr = key_result(needs=("b", "a", "external:recruiting"))
    needs = {
        "a": Needed(Status.MISSED),
        "b": Needed(Status.ON_TRACK),
        "external:recruiting": Needed(Status.AT_RISK),
    }

    assessment, _ = assess(kr, seen(0.5, MIDDLE), Memory(), needs, MIDDLE)

    assert assessment.status is Status.AT_RISK
    assert assessment.because == ("a", "external:recruiting")


@pytest.mark.parametrize("status", [None, *Status])
def test_what_is_bad_or_has_ended_slips_and_nothing_else_does(status: Status | None) -> None:
    assessment = waiting({"a": Needed(status)})

    drags = status in BAD | ENDED
    assert assessment.status is (Status.AT_RISK if drags else Status.ON_TRACK)
    assert assessment.because == (("a",) if drags else ())


@pytest.mark.parametrize(
    ("value", "at", "status"),
    [
        (1.0, MIDDLE, Status.ACHIEVED),
        (0.5, MIDDLE - DAY, Status.STALE),
        (None, MIDDLE, Status.NO_DATA),
    ],
)
def test_a_slipping_dependency_does_not_touch_what_is_achieved_or_unknown(
    value: float | None, at: datetime, status: Status
) -> None:
    kr = key_result(needs=("a",))
    needs = {"a": Needed(Status.OFF_TRACK, ("b",))}

    assessment, _ = assess(kr, seen(value, at), Memory(), needs, MIDDLE)

    assert (assessment.status, assessment.because, assessment.chain) == (status, (), ())


def test_the_chain_leads_from_the_first_slipping_need_to_the_cause() -> None:
    lab = judged_once(key_result(id="proc-o1-kr4"), seen(0.1, FEB_20), FEB_20)
    net, _ = assess(
        key_result(id="net-o3-kr4", needs=("proc-o1-kr4",)),
        seen(0.9, FEB_20),
        Memory(),
        {"proc-o1-kr4": passed_on(lab)},
        FEB_20,
    )
    optics = waiting({"x": Needed(Status.ON_TRACK), "net-o3-kr4": passed_on(net)})

    assert (lab.chain, net.chain) == ((), ("proc-o1-kr4",))
    assert optics.because == ("net-o3-kr4",)
    assert optics.chain == ("net-o3-kr4", "proc-o1-kr4")
    assert optics.reason == (
        "On pace itself; waits for net-o3-kr4, which slips because of proc-o1-kr4"
    )


def test_what_is_behind_by_itself_still_names_what_it_waits_for() -> None:
    assert waiting(told_of(a=Status.AT_RISK, b=None, c=None), value=0.1).reason == (
        "10 % on 20 Feb; the line asks for at least 56.1 % by now; waits for a, which slips"
    )


@pytest.mark.parametrize(
    ("needs", "sentence"),
    [
        (
            told_of(a=Status.AT_RISK, b=Status.MISSED, c=Status.ON_TRACK),
            "waits for a and b, which slip",
        ),
        (
            {"a": Needed(Status.AT_RISK, ("b", "c", "d"))},
            "waits for a, which slips because of d, by way of b and c",
        ),
        (
            {"a": Needed(Status.AT_RISK, ("c",)), "b": Needed(Status.OFF_TRACK)},
            "waits for a (because of c) and b, which slip",
        ),
        (
            {"external:recruiting": Needed(Status.OFF_TRACK)},
            "waits for external:recruiting, which has slipped",
        ),
        (
            {"external:recruiting": Needed(Status.AT_RISK)},
            "waits for external:recruiting, which is at risk",
        ),
        (
            {"a": Needed(Status.AT_RISK), "external:recruiting": Needed(Status.OFF_TRACK)},
            "waits for a and external:recruiting (slipped), which slip",
        ),
        (told_of(a=Status.ABANDONED), "waits for a, which is abandoned"),
        (
            told_of(a=Status.CARRIED, b=Status.AT_RISK),
            "waits for a (carried over) and b, which slip",
        ),
    ],
)
def test_the_reason_says_how_each_need_slips(needs: dict[str, Needed], sentence: str) -> None:
    assert waiting(needs).reason == f"On pace itself; {sentence}"


def test_what_is_not_known_is_named_where_that_leaves_a_doubt() -> None:
    assert waiting(told_of(a=None, b=Status.STALE, c=Status.ACHIEVED)).reason == (
        PACE + "; the state of a and b is not known"
    )
