"""What mapping files mean, once they are right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Dimension
from syncd.model import Catalogue, Checkpoint, Judgement, KeyResult, Target, TargetType
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import ORGANISATION, load_files, load_folder

ONE_KEY_RESULT = """\
team: ops
objectives:
  - id: ops-o1
    title: Quieter
    key_results:
      - id: ops-o1-kr1
        title: Measured
        indicator: {indicator}
"""
SHARE = "{measure: jira.ratio, jql: project = A, passing: status = Done}"
COUNT = "{measure: jira.count, jql: project = A}"
SPAN = "{measure: jira.duration, jql: project = A, from: created, to: resolved, mean: true}"
COST = "{measure: prometheus.query, query: sum(cost), unit: USD/host/h}"
LAST_MOMENT = timedelta(microseconds=1)


def catalogue_of(folder: Path, /, **files: str) -> Catalogue:
    loaded = load_files(folder, None, **files)
    assert loaded.faults == ()
    assert loaded.catalogue is not None
    return loaded.catalogue


def key_result(folder: Path, indicator: str, more: str = "") -> KeyResult:
    text = ONE_KEY_RESULT.replace("{indicator}", indicator)
    if more:
        text += "".join(f"        {line}\n" for line in more.splitlines())
    return catalogue_of(folder, ops=text).key_results["ops-o1-kr1"]


def good() -> Catalogue:
    catalogue = load_folder(GOOD).catalogue
    assert catalogue is not None
    return catalogue


def test_names_and_titles_are_kept() -> None:
    catalogue = good()
    assert (catalogue.organisation, catalogue.period_title) == ("Infrastructure", "2026-Q1")
    assert catalogue.teams == {
        "dcim": "Data centre information",
        "net": "Networking",
        "ops": "ops",
        "plat": "plat",
    }
    wanted = catalogue.key_results["dcim-o1-kr1"]
    assert (wanted.team, wanted.objective) == ("dcim", "dcim-o1")
    assert wanted.objective_title == "One source of truth"
    assert wanted.owner == ("DCIM lead", "Network lead")
    assert wanted.page


def test_key_results_that_name_one_indicator_share_it() -> None:
    catalogue = good()
    first, second = catalogue.key_results["ops-o1-kr1"], catalogue.key_results["ops-o1-kr6"]
    assert first.indicator == second.indicator
    assert catalogue.indicators[first.indicator].name == "hired"


def test_an_indicator_written_twice_alike_is_measured_once(tmp_path: Path) -> None:
    named = f"indicators: {{many: {COUNT}}}\nobjectives:"
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT).replace("objectives:", named)
    catalogue = catalogue_of(tmp_path, ops=text)
    assert [it.name for it in catalogue.indicators.values()] == ["many"]


def test_of_two_wishes_for_evidence_the_one_that_keeps_less_wins(tmp_path: Path) -> None:
    named = f"indicators: {{many: {COUNT.replace('}', ', evidence: titles}')}}}\nobjectives:"
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT).replace("objectives:", named)
    catalogue = catalogue_of(tmp_path, ops=text)
    assert [it.evidence for it in catalogue.indicators.values()] == ["keys"]


def test_evidence_is_that_of_the_indicator_or_else_of_the_nearest_default(tmp_path: Path) -> None:
    def kept(organisation: str, team: str, indicator: str) -> list[str]:
        text = ONE_KEY_RESULT.replace("{indicator}", indicator).replace(
            "objectives:", f"{team}objectives:"
        )
        catalogue = catalogue_of(tmp_path, organisation=f"{ORGANISATION}{organisation}", ops=text)
        return [it.evidence for it in catalogue.indicators.values()]

    titles, keys = "defaults: {evidence: titles}\n", "defaults: {evidence: keys}\n"
    assert kept("", "", COUNT) == ["keys"]
    assert kept(titles, "", COUNT) == ["titles"]
    assert kept(titles, keys, COUNT) == ["keys"]
    assert kept(titles, "defaults: {source: {jira: jira-dc}}\n", COUNT) == ["titles"]
    assert kept(titles, keys, COUNT.replace("}", ", evidence: titles}")) == ["titles"]


def test_evidence_beside_an_inline_indicator_is_the_indicators(tmp_path: Path) -> None:
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT) + "        evidence: titles\n"
    catalogue = catalogue_of(tmp_path, ops=text)
    assert [it.evidence for it in catalogue.indicators.values()] == ["titles"]


def test_sources_come_from_indicator_then_team_then_installation() -> None:
    by_name = {it.name: it.source for it in good().indicators.values()}
    assert by_name["hired"] == "jira-cloud"  # the installation's default
    assert by_name["onboarding"] == "jira-dc"  # dcim.yaml: defaults
    assert by_name["tracked"] == "netbox"


def test_an_indicator_may_name_its_source(tmp_path: Path) -> None:
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT.replace("}", ", source: jira-dc}"))
    catalogue = catalogue_of(tmp_path, ops=text)
    assert [it.source for it in catalogue.indicators.values()] == ["jira-dc"]


def test_thresholds_are_those_of_the_nearest_place_key_by_key() -> None:
    key_results = good().key_results
    assert key_results["ops-o1-kr1"].judgement == Judgement(0.9, 0.7, hold_seconds=3600)
    assert key_results["dcim-o1-kr1"].judgement == Judgement(0.9, 0.7, hold_seconds=1800)
    assert key_results["dcim-o1-kr3"].judgement == Judgement(0.95, 0.7, hold_seconds=1800)


def test_every_threshold_can_be_set() -> None:
    assert good().key_results["net-o1-kr1"].judgement == Judgement(
        on_track_ratio=0.9,
        at_risk_ratio=0.7,
        early_ratio=0.1,
        hold_seconds=3600,
        hysteresis_ratio=0.01,
        history_seconds=14 * 86_400,
    )
    assert good().key_results["ops-o1-kr1"].judgement.history_seconds == 28 * 86_400


def test_days_begin_and_end_in_the_teams_timezone() -> None:
    own, default = good().key_results["dcim-o1-kr2"], good().key_results["ops-o1-kr1"]
    assert own.timezone == "Europe/London"
    assert own.start == datetime(2026, 1, 15, tzinfo=UTC)
    assert own.due == datetime(2026, 3, 16, tzinfo=UTC) - LAST_MOMENT
    assert default.start == datetime(2026, 1, 1, 8, tzinfo=UTC)
    # clocks went forward on 8 March: the quarter ends an hour earlier than it began
    assert default.due == datetime(2026, 4, 1, 7, tzinfo=UTC) - LAST_MOMENT


def test_checkpoints_are_values_at_the_end_of_a_day() -> None:
    wanted = good().key_results["dcim-o1-kr1"]
    assert wanted.checkpoints == (
        Checkpoint(datetime(2026, 2, 16, tzinfo=UTC) - LAST_MOMENT, 0.8),
        Checkpoint(datetime(2026, 3, 1, tzinfo=UTC) - LAST_MOMENT, 1.0),
    )


def test_needs_weight_staleness_and_note_are_kept() -> None:
    catalogue = good()
    assert catalogue.key_results["dcim-o1-kr2"].needs == ("dcim-o1-kr1", "external:recruiting")
    slow = catalogue.key_results["dcim-o1-kr3"]
    assert (slow.weight, slow.stale_after_seconds) == (2.0, 86_400.0)
    assert slow.note == "The slowest tenth is not counted."


def test_external_dependencies_are_due_at_the_end_of_their_day() -> None:
    access = good().externals["gnmi-access"]
    assert access.due == datetime(2026, 2, 16, 8, tzinfo=UTC) - LAST_MOMENT
    assert good().externals["recruiting"].owner == "Head of recruiting"


@pytest.mark.parametrize(
    ("indicator", "written", "target"),
    [
        (SHARE, "{at_least: 80 %}", Target(TargetType.AT_LEAST, goal=0.8)),
        (SHARE, "{at_least: 2 x}", Target(TargetType.AT_LEAST, goal=2.0)),
        (COUNT, "{at_least: 4, stretch: 6}", Target(TargetType.AT_LEAST, goal=4.0, stretch=6.0)),
        (COUNT, '{at_least: "4"}', Target(TargetType.AT_LEAST, goal=4.0)),
        (SPAN, "{at_most: 1.5 h}", Target(TargetType.AT_MOST, goal=5400.0)),
        (SPAN, "{at_most: 0 s}", Target(TargetType.AT_MOST, goal=0.0)),
        (
            SHARE,
            "{increase_to: 100 %, from: 19 %, stretch: 110 %}",
            Target(TargetType.INCREASE, goal=1.0, start=0.19, stretch=1.1),
        ),
        (SHARE, "{increase_to: 100 %}", Target(TargetType.INCREASE, goal=1.0)),
        (
            COST,
            "{decrease_to: 0.025 USD/host/h, from: 0.0375}",
            Target(TargetType.DECREASE, goal=0.025, start=0.0375),
        ),
        (COUNT, "{decrease_by: 40 %}", Target(TargetType.DECREASE, by=0.4, by_relative=True)),
        (COUNT, "{increase_by: 12}", Target(TargetType.INCREASE, by=12.0)),
        (SPAN, "{decrease_by: 2 d}", Target(TargetType.DECREASE, by=172_800.0)),
        (SHARE, "{increase_by: 10 pp}", Target(TargetType.INCREASE, by=0.1)),
        (COUNT, "{decrease_by: tbd}", Target(TargetType.DECREASE)),
        (COST, "{decrease_to: tbd, from: 0.0375}", Target(TargetType.DECREASE, start=0.0375)),
        (SHARE, "{at_least: tbd}", Target(TargetType.AT_LEAST)),
        (COUNT, "{guard: {at_most: 0}}", Target(TargetType.GUARD, high=0.0)),
        (
            SHARE,
            "{guard: {at_least: 20 %, at_most: 80 %}}",
            Target(TargetType.GUARD, low=0.2, high=0.8),
        ),
        (COUNT, "{boolean: true}", Target(TargetType.BOOLEAN)),
        (
            SHARE,
            "{boolean: true, held_for: 1 d, empty: met}",
            Target(TargetType.BOOLEAN, held_for_seconds=86_400.0, empty_met=True),
        ),
    ],
)
def test_a_target_is_read_in_base_units(
    indicator: str, written: str, target: Target, tmp_path: Path
) -> None:
    assert key_result(tmp_path, indicator, f"target: {written}").target == target


@pytest.mark.parametrize(
    ("indicator", "target", "unit"),
    [
        (SPAN, "{at_most: 7 d}", "d"),
        (SPAN, "{at_most: 24 h}", "h"),
        (SPAN, "{at_most: tbd}", None),
        (SPAN, "{guard: {at_most: 90 min}}", "min"),
        (SPAN, "{decrease_by: 2 h, from: 3 d}", "h"),
        (SPAN, "{decrease_by: 40 %, from: 3 d}", None),
        (SHARE, "{at_least: 2 x}", "x"),
        (SHARE, "{at_least: 80 %}", None),
        (SHARE, "{boolean: true, held_for: 1 d}", None),
        (COUNT, "{at_least: 3}", None),
    ],
)
def test_numbers_are_shown_in_the_unit_that_the_target_is_written_in(
    indicator: str, target: str, unit: str | None, tmp_path: Path
) -> None:
    assert key_result(tmp_path, indicator, f"target: {target}").shown_in == unit


def test_without_a_target_there_is_none(tmp_path: Path) -> None:
    assert key_result(tmp_path, COUNT).target is None


def test_a_falling_target_has_falling_checkpoints(tmp_path: Path) -> None:
    more = "target: {decrease_to: 2, from: 10}\ncheckpoints: {2026-03-01: 4, 2026-02-01: 7}"
    assert [it.value for it in key_result(tmp_path, COUNT, more).checkpoints] == [7.0, 4.0]


def test_what_is_not_text_in_yaml_but_looks_so_stays_text(tmp_path: Path) -> None:
    for title in ("2026-01-31", "17:00", "no", "010", "0x1F", "1_000"):
        text = ONE_KEY_RESULT.replace("{indicator}", COUNT).replace("Measured", title)
        assert catalogue_of(tmp_path, ops=text).key_results["ops-o1-kr1"].title == title


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026", (2026, 1, 1), (2026, 12, 31)),
        ("2026-Q4", (2026, 10, 1), (2026, 12, 31)),
        ("2026-02-01/2026-05-15", (2026, 2, 1), (2026, 5, 15)),
        ("{id: spring, from: 2026-02-01, to: 2026-05-15}", (2026, 2, 1), (2026, 5, 15)),
    ],
)
def test_a_period_gives_the_days_of_its_key_results(
    period: str, first: tuple[int, int, int], last: tuple[int, int, int], tmp_path: Path
) -> None:
    organisation = f"organisation: A\nperiod: {period}\ntimezone: UTC\n"
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT)
    wanted = catalogue_of(tmp_path, organisation=organisation, ops=text).key_results["ops-o1-kr1"]
    assert wanted.start == datetime(*first, tzinfo=UTC)
    assert wanted.due == datetime(*last, tzinfo=UTC) + timedelta(days=1) - LAST_MOMENT


def test_a_measures_kind_of_quantity_reaches_the_indicator() -> None:
    dimensions = {it.name: it.dimension for it in good().indicators.values()}
    assert dimensions["onboarding"] is Dimension.DURATION
    assert dimensions["tracked"] is Dimension.RATIO
    assert dimensions["hired"] is Dimension.COUNT
    assert dimensions["delivered_in_netbox"] is Dimension.RATIO
    assert dimensions["cost_of_all"] is Dimension.OTHER


def test_the_digest_changes_with_the_files_and_with_the_variables_used(tmp_path: Path) -> None:
    text = ONE_KEY_RESULT.replace("{indicator}", COUNT)
    variables = "variables: {who: A}\n"
    first = load_files(tmp_path, None, ops=text, variables=variables).catalogue
    again = load_files(tmp_path, None, ops=text, variables=variables).catalogue
    overridden = load_files(tmp_path, {"who": "B"}, ops=text, variables=variables).catalogue
    edited = load_files(tmp_path, None, ops=text + "# x\n", variables=variables).catalogue
    assert first
    assert again
    assert overridden
    assert edited
    assert first.digest == again.digest
    assert len({first.digest, overridden.digest, edited.digest}) == 3
