"""Indicators made of others, starts in the past and dated steps: what the files come to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Aggregation, Dimension, NumberPlan, ScanPlan
from syncd.mapping import units
from syncd.model import Catalogue, Combination, Coverage, Indicator, Manual, TargetType, parts_of
from tests.unit.mapping.stand_in_measures import load_files, load_folder

GOOD = Path(__file__).parent / "good"
SETS = """\
  active: {measure: prometheus.labels, query: cluster_active == 1, key: cluster}
  known: {measure: jira.keys, jql: project = MRKT, key: Cluster}
"""
ONE = """\
team: ops
indicators:
{indicators}objectives:
  - id: ops-o1
    title: T
    key_results:
      - {{id: ops-o1-kr1, title: T, indicator: {read}, target: {target}}}
"""


def good() -> Catalogue:
    loaded = load_folder(GOOD)
    assert loaded.catalogue is not None, [str(fault) for fault in loaded.faults]
    return loaded.catalogue


def named(catalogue: Catalogue, name: str) -> Indicator:
    return next(it for it in catalogue.indicators.values() if it.name == name)


def read(
    folder: Path, indicators: str, indicator: str, target: str = "{at_least: 1 %}"
) -> Catalogue:
    text = ONE.format(indicators=indicators, read=indicator, target=target)
    loaded = load_files(folder, None, ops=text)
    assert loaded.catalogue is not None, [str(fault) for fault in loaded.faults]
    return loaded.catalogue


def test_the_hardest_rows_of_the_catalogue_are_a_right_mapping() -> None:
    loaded = load_folder(Path(__file__).parent / "hard_rows")

    assert [str(fault) for fault in loaded.faults] == []
    catalogue = loaded.catalogue
    assert catalogue is not None
    kinds = {
        key: None if it.target is None else it.target.type
        for key, it in catalogue.key_results.items()
    }
    assert kinds["proc-o1-kr4"] is kinds["cops-o4-kr1"] is TargetType.MILESTONES
    assert kinds["obs-o2-kr2"] is TargetType.DECREASE
    assert kinds["compute-o1-kr4"] is None
    assert {type(it.plan) for it in catalogue.indicators.values()} == {
        ScanPlan,
        NumberPlan,
        Coverage,
        Combination,
        Manual,
    }


def test_a_coverage_knows_its_sides_rules_and_limit() -> None:
    catalogue = good()

    found = named(catalogue, "delivered_in_netbox")

    assert found.plan == Coverage(
        of=named(catalogue, "delivered").fingerprint,
        inside=named(catalogue, "in_netbox").fingerprint,
        normalise=("trim", "upper"),
        within_seconds=86_400.0,
        shrink_ratio=0.2,
    )
    assert found.source is None


def test_parts_come_before_what_is_made_of_them_in_whatever_order_they_are_written(
    tmp_path: Path,
) -> None:
    backwards = "  all: {measure: combine, minimum: [half, other]}\n"
    backwards += "  other: {measure: coverage, of: known, in: active}\n"
    backwards += "  half: {measure: coverage, of: active, in: known}\n" + SETS

    catalogue = read(tmp_path, backwards, "all")

    order = list(catalogue.indicators)
    for fingerprint, indicator in catalogue.indicators.items():
        for part in parts_of(indicator.plan):
            assert order.index(part) < order.index(fingerprint)


def test_renaming_a_part_keeps_what_is_made_of_it_and_changing_the_part_does_not(
    tmp_path: Path,
) -> None:
    coverage = "{measure: coverage, of: active, in: known}"

    def fingerprint(indicators: str, written: str = coverage) -> str:
        catalogue = read(tmp_path, indicators, written)
        return catalogue.key_results["ops-o1-kr1"].indicator

    before = fingerprint(SETS)
    renamed = fingerprint(SETS.replace("known:", "board:"), coverage.replace("known", "board"))
    changed = fingerprint(SETS.replace("cluster_active == 1", "cluster_active > 1"))

    assert before == renamed
    assert before != changed


def test_parts_in_other_units_are_converted_to_the_first_ones() -> None:
    catalogue = good()

    plan = named(catalogue, "cost_of_all").plan

    assert isinstance(plan, Combination)
    assert [part.factor for part in plan.parts] == pytest.approx([1.0, 1 / 24])
    target = catalogue.key_results["plat-o1-kr7"].target
    assert target is not None
    assert target.goal == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("of", "over", "dimension", "unit"),
    [
        ("unit: GPU", "unit: GPU", Dimension.RATIO, None),
        ("unit: s", "unit: d", Dimension.RATIO, None),
        ("unit: USD/h", "unit: host", Dimension.OTHER, "USD/h/host"),
        ("", "", Dimension.RATIO, None),
    ],
)
def test_a_ratio_has_the_unit_of_one_over_the_other(
    of: str, over: str, dimension: Dimension, unit: str | None, tmp_path: Path
) -> None:
    both = "".join(
        f"  {name}: {{measure: prometheus.query, query: {name}{f', {its}' if its else ''}}}\n"
        for name, its in (("above", of), ("below", over))
    )

    catalogue = read(
        tmp_path,
        both,
        "{measure: combine, ratio: {of: above, over: below}}",
        "{at_least: 50 %}" if dimension is Dimension.RATIO else "{at_least: 1}",
    )

    found = catalogue.indicators[catalogue.key_results["ops-o1-kr1"].indicator]
    assert (found.dimension, found.unit) == (dimension, unit)


def test_two_numbers_given_by_hand_are_never_one(tmp_path: Path) -> None:
    hand = "{measure: manual, unit: percent, stale_after: 14 d}"

    catalogue = read(tmp_path, f"  first: {hand}\n  second: {hand}\n", "first")

    assert named(catalogue, "first").plan == Manual(14 * 86_400.0)
    assert named(catalogue, "first").fingerprint != named(catalogue, "second").fingerprint


def test_a_start_in_a_past_period_is_the_same_indicator_over_it_as_of_its_end() -> None:
    catalogue = good()
    wanted = catalogue.key_results["plat-o1-kr5"]

    target = wanted.target
    assert target is not None
    assert target.start_period == "2025-Q4"
    assert target.start is None
    now = catalogue.indicators[wanted.indicator]
    then = catalogue.indicators[str(target.start_from)]

    assert then.at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert isinstance(now.plan, ScanPlan)
    assert isinstance(then.plan, ScanPlan)
    assert then.plan.scope == now.plan.scope
    days = 92 + 1 / 24  # clocks went back within it
    assert now.plan.aggregate.scale == 0.25
    assert then.plan.aggregate.scale == pytest.approx(7 / days)


def test_a_number_of_a_past_period_is_asked_for_at_its_end(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        "  cost: {measure: prometheus.query, query: sum(cost), unit: USD}\n",
        "cost",
        "{decrease_by: 40 %, from: 2025-Q4}",
    )

    target = catalogue.key_results["ops-o1-kr1"].target
    assert target is not None
    then = catalogue.indicators[str(target.start_from)]
    assert isinstance(then.plan, NumberPlan)
    assert then.plan.at == then.at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert then.name == "cost, 2025-Q4"


def test_the_dates_of_the_period_in_a_query_are_those_of_the_past_one(tmp_path: Path) -> None:
    jql = """jql: 'project = A AND created >= "${period_start}"'"""

    catalogue = read(
        tmp_path,
        f"  opened: {{measure: jira.count, {jql}}}\n",
        "opened",
        "{decrease_by: 40 %, from: 2025-Q4}",
    )

    queries = {it.at is None: it.definition["jql"] for it in catalogue.indicators.values()}
    assert queries == {
        True: 'project = A AND created >= "2026-01-01"',
        False: 'project = A AND created >= "2025-10-01"',
    }
    then = next(it for it in catalogue.indicators.values() if it.at is not None)
    assert isinstance(then.plan, ScanPlan)
    assert then.plan.scope.definition["jql"] == then.definition["jql"]


def test_a_bare_year_is_a_period_where_no_bare_number_can_stand(tmp_path: Path) -> None:
    share = "  good: {measure: jira.ratio, jql: project = A, passing: status = Done}\n"

    catalogue = read(tmp_path, share, "good", "{increase_to: 90 %, from: 2025}")

    target = catalogue.key_results["ops-o1-kr1"].target
    assert target is not None
    assert target.start_period == "2025"
    assert catalogue.indicators[str(target.start_from)].name == "good, 2025"


TEAM_OF_ITS_OWN_HOURS = """\
team: {team}
timezone: {timezone}
calendar: {{business_hours: {{days: [mon], from: "09:00", to: "{to}"}}}}
objectives:
  - id: {team}-o1
    title: T
    key_results:
      - {{id: {team}-kr1, title: T, indicator: {{measure: jira.duration, jql: project = A, from: created, to: resolved, hours: business, mean: true}}}}
      - {{id: {team}-kr2, title: T, indicator: {{measure: prometheus.range, query: load, aggregate: max, window: period}}}}
      - {{id: {team}-kr3, title: T, indicator: {{measure: jira.count, jql: project = A}}}}
"""


def test_the_same_words_under_another_calendar_are_another_indicator(tmp_path: Path) -> None:
    here = {"timezone": "America/Los_Angeles", "to": "17:00"}
    there = {"timezone": "Europe/London", "to": "12:00"}

    loaded = load_files(
        tmp_path,
        None,
        west=TEAM_OF_ITS_OWN_HOURS.format(team="west", **here),
        east=TEAM_OF_ITS_OWN_HOURS.format(team="east", **there),
        south=TEAM_OF_ITS_OWN_HOURS.format(team="south", **here),
    )

    assert loaded.catalogue is not None, [str(fault) for fault in loaded.faults]
    read = {key: it.indicator for key, it in loaded.catalogue.key_results.items()}
    assert read["west-kr1"] != read["east-kr1"]
    assert read["west-kr2"] != read["east-kr2"]
    # what does not look at the calendar is shared, and so is the same under the same one
    assert read["west-kr3"] == read["east-kr3"]
    assert (read["west-kr1"], read["west-kr2"]) == (read["south-kr1"], read["south-kr2"])


def test_a_rate_told_for_several_weeks_has_a_unit(tmp_path: Path) -> None:
    rates = "".join(
        f"  in_{per[0]}: {{measure: jira.rate, jql: project = A, at: created, per: {per}, "
        "window: 4 w}\n"
        for per in ("2 w", "7 d")
    )

    catalogue = read(tmp_path, rates, "{measure: combine, sum: [in_2, in_7]}", "{at_most: 3}")

    plan = catalogue.indicators[catalogue.key_results["ops-o1-kr1"].indicator].plan
    assert isinstance(plan, Combination)
    assert [part.factor for part in plan.parts] == pytest.approx([1.0, 2.0])


def test_counts_of_different_things_are_not_added(tmp_path: Path) -> None:
    counts = "".join(
        f"  {unit}s: {{measure: jira.count, jql: type = {unit}, unit: {unit}}}\n"
        for unit in ("host", "gpu")
    )

    text = ONE.format(
        indicators=counts,
        read="{measure: combine, sum: [hosts, gpus]}",
        target="{at_least: 1}",
    )

    assert [fault.got for fault in load_files(tmp_path, None, ops=text).faults] == [
        '"gpus", in gpu'
    ]


def test_nobody_is_paged_for_what_is_made_of_a_number_given_by_hand(tmp_path: Path) -> None:
    parts = "  told: {measure: manual, unit: count, stale_after: 14 d}\n"
    parts += "  counted: {measure: jira.count, jql: project = A}\n"
    parts += "  both: {measure: combine, sum: [told, counted]}\n"
    text = ONE.format(
        indicators=parts,
        read="{measure: combine, minimum: [both, counted]}",
        target="{at_least: 1}, owner: Head of ops, page: true",
    )

    assert [fault.got for fault in load_files(tmp_path, None, ops=text).faults] == [
        "page: true for what is made of a number that a person gives"
    ]


def test_milestones_are_due_by_the_end_of_their_days_in_their_order() -> None:
    wanted = good().key_results["plat-o1-kr3"].target

    assert wanted is not None
    assert wanted.type is TargetType.MILESTONES
    assert [(it.name, it.at) for it in wanted.milestones] == [
        ("site", datetime(2026, 2, 1, 7, 59, 59, 999999, tzinfo=UTC)),
        ("live", datetime(2026, 4, 1, 6, 59, 59, 999999, tzinfo=UTC)),
    ]


def test_all_milestones_are_due_with_their_key_result() -> None:
    wanted = good().key_results["plat-o1-kr4"]

    assert wanted.target is not None
    assert [it.at for it in wanted.target.milestones] == [wanted.due]


def test_business_hours_know_the_holidays_of_the_calendars_country() -> None:
    plan = named(good(), "answered").plan

    assert isinstance(plan, ScanPlan)
    hours = plan.judge.wait.hours  # type: ignore[attr-defined]
    assert hours.timezone == "America/Los_Angeles"
    assert {date(2025, 12, 25), date(2026, 1, 1)} <= hours.closed
    assert date(2026, 1, 19) not in hours.closed  # a holiday in another country
    assert plan.aggregate.how is Aggregation.SHARE


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_makes_the_units_fail(one: str, other: str) -> None:
    units.factor(one, other)
    assert units.is_unit(units.meant(one))


WORDS = st.lists(st.sampled_from(["USD", "GPU", "host", "s", "min", "h", "d", "w"]), min_size=1)


@given(WORDS, WORDS)
def test_units_convert_there_and_back_or_not_at_all(one: list[str], other: list[str]) -> None:
    first, second = "/".join(one), "/".join(other)

    there, back = units.factor(first, second), units.factor(second, first)

    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there * back == pytest.approx(1.0)


@given(WORDS)
def test_whatever_reads_as_a_unit_fits_itself(words: list[str]) -> None:
    unit = "/".join(words)

    assert units.is_unit(unit)
    assert units.factor(unit, unit) == 1.0
    assert units.quotient(unit, unit) == "ratio"
