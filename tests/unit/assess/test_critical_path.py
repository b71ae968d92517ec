"""What a due date hangs on, step by step, and where that cannot be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from syncd.assess import Basis, Step, World, critical_path
from syncd.model import ENDED, UNKNOWN, Assessment, External, KeyResult, Status
from tests.unit.assess.cases import (
    DAY,
    DUE,
    HOUR,
    INSTANT,
    assessed,
    key_result,
    landing_on,
    moment,
)

NOW = moment("2026-02-20 12:00")
MAR_10, APR_5 = moment("2026-03-10 00:00"), moment("2026-04-05 00:00")


def of(key: str, *needs: str, **changes: Any) -> KeyResult:
    return key_result(id=key, needs=needs, **changes)


def told(status: Status = Status.AT_RISK, lands_at: datetime | None = None) -> Assessment:
    return assessed(status, 0.5, forecast=None if lands_at is None else landing_on(lands_at))


def path(
    *key_results: KeyResult,
    externals: tuple[External, ...] = (),
    states: dict[str, Status] | None = None,
    **known: Assessment,
) -> tuple[Step, ...]:
    """The path from the first of the key results."""
    world = World(
        key_results={kr.id: kr for kr in key_results},
        externals={one.name: one for one in externals},
        told=known,
        states=states or {},
    )
    return critical_path(key_results[0].id, world, NOW)


def ids(steps: tuple[Step, ...]) -> list[str]:
    return [step.id for step in steps]


def test_at_each_step_it_takes_the_need_with_the_least_slack() -> None:
    found = path(
        of("a", "b", "c"),
        of("b"),
        of("c", "d", "e", due=DUE - DAY),
        of("d"),
        of("e"),
        b=told(lands_at=MAR_10),
        c=told(lands_at=APR_5),
        d=told(lands_at=MAR_10 + DAY),
        e=told(lands_at=MAR_10),
    )

    assert ids(found) == ["c", "d"]
    assert found[0] == Step(
        id="c",
        status=Status.AT_RISK,
        due=DUE - DAY,
        landing=APR_5,
        basis=Basis.FORECAST,
        slack_seconds=(DUE - APR_5).total_seconds(),
    )
    # measured against what waits for it, which is due a day earlier
    assert found[1].slack_seconds == (DUE - DAY - MAR_10 - DAY).total_seconds()


def test_what_needs_nothing_has_no_path() -> None:
    assert path(of("a")) == ()


def test_a_need_that_is_met_is_passed_over() -> None:
    found = path(
        of("a", "b", "external:gnmi"),
        of("b"),
        externals=(External("gnmi", "gNMI access", due=APR_5),),
        states={"external:gnmi": Status.ACHIEVED},
        b=told(Status.ACHIEVED, lands_at=APR_5),
    )

    assert found == ()


@pytest.mark.parametrize("status", [Status.MISSED, *sorted(ENDED)])
def test_what_never_comes_decides_before_all_that_is_late(status: Status) -> None:
    found = path(of("a", "b", "c"), of("b"), of("c"), b=told(lands_at=APR_5), c=told(status))

    assert ids(found) == ["c"]
    assert (found[0].basis, found[0].landing, found[0].slack_seconds) == (Basis.NEVER, None, None)


def test_a_goal_that_is_not_in_sight_never_comes_either() -> None:
    out_of_sight = assessed(Status.OFF_TRACK, 0.1, forecast=landing_on(None))

    found = path(of("a", "b"), of("b"), b=out_of_sight)

    assert found[0].basis is Basis.NEVER


def test_without_a_forecast_the_due_date_is_what_was_promised() -> None:
    found = path(
        of("a", "b", "external:gnmi"),
        of("b", due=MAR_10),
        externals=(External("gnmi", "gNMI access", due=MAR_10 + DAY),),
        states={"external:gnmi": Status.AT_RISK},
        b=told(),
    )

    assert (found[0].id, found[0].landing, found[0].basis) == (
        "external:gnmi",
        MAR_10 + DAY,
        Basis.PROMISED,
    )


def test_a_forecast_lands_now_at_the_earliest() -> None:
    found = path(of("a", "b"), of("b"), b=told(lands_at=NOW - HOUR))

    assert found[0].landing == NOW


@pytest.mark.parametrize("status", sorted(UNKNOWN))
def test_what_is_unknown_goes_by_its_date_and_says_that_it_is_unknown(status: Status) -> None:
    found = path(of("a", "b"), of("b", due=MAR_10), b=told(status, lands_at=APR_5))

    assert (found[0].basis, found[0].landing, found[0].status) == (Basis.UNKNOWN, MAR_10, status)


def test_an_override_does_not_make_the_landing_known() -> None:
    overridden = assessed(Status.ON_TRACK, 0.5, raw_status=Status.STALE)

    assert path(of("a", "b"), of("b"), b=overridden)[0].basis is Basis.UNKNOWN


def test_what_has_no_date_comes_last_and_is_named_beside_the_others() -> None:
    found = path(of("a", "external:gnmi", "b", "c"), of("b"), of("c"), b=told(lands_at=MAR_10))

    assert ids(found) == ["c"]
    assert (found[0].basis, found[0].status) == (Basis.UNKNOWN, None)
    assert found[0].unknown == ("external:gnmi",)


def test_where_nothing_is_known_the_first_by_id_stands_for_all() -> None:
    found = path(of("a", "external:power", "external:gnmi"))

    assert ids(found) == ["external:gnmi"]
    assert (found[0].landing, found[0].slack_seconds) == (None, None)
    assert found[0].unknown == ("external:power",)


def test_a_date_that_has_passed_promises_nothing() -> None:
    found = path(of("a", "b"), of("b", due=NOW), b=told())

    assert (found[0].basis, found[0].landing) == (Basis.UNKNOWN, None)


def test_equal_slack_is_decided_by_the_id() -> None:
    found = path(of("a", "c", "b"), of("b"), of("c"), b=told(), c=told())

    assert ids(found) == ["b"]


def test_a_circle_ends_the_path() -> None:
    found = path(of("a", "b"), of("b", "a"), b=told())

    assert ids(found) == ["b"]
    assert ids(path(of("a", "b"), of("b", "c"), of("c", "b"), b=told(), c=told())) == ["b", "c"]


def test_an_instant_less_of_slack_decides() -> None:
    found = path(
        of("a", "b", "c"),
        of("b"),
        of("c"),
        b=told(lands_at=DUE - INSTANT),
        c=told(lands_at=DUE),
    )

    assert (ids(found), found[0].slack_seconds) == (["c"], 0.0)


def test_from_what_a_landing_is_known_is_told_in_one_word() -> None:
    assert [one.value for one in Basis] == ["forecast", "promised", "never", "unknown"]


def test_a_key_result_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        critical_path("z", World({}, {}, {}, {}), NOW)
