"""The mistakes that authors are most likely to make, and the exact words they get."""

from __future__ import annotations

from pathlib import Path

from tests.unit.mapping.stand_in_measures import load_files


def told(folder: Path, variables: dict[str, str] | None = None, /, **files: str) -> list[str]:
    place = folder / "q1-2026"
    place.mkdir()
    return [str(fault) for fault in load_files(place, variables, **files).faults]


def test_a_target_in_prose_is_rewritten_as_a_mapping(tmp_path: Path) -> None:
    dcim = """\
team: dcim
objectives:
  - id: dcim-o1
    title: NetBox is the source of truth
    key_results:
      - id: dcim-o1-kr1
        title: Model completeness
        indicator: {measure: jira.ratio, jql: project = DCIM, passing: status = Done}
        target: increase to 100 %
"""
    assert told(tmp_path, dcim=dcim) == [
        (
            'q1-2026/dcim.yaml:9 objectives[0].key_results[0].target: got "increase to 100 %"; '
            "expected a mapping with one of at_least, at_most, increase_to, decrease_to, increase_by, "
            "decrease_by, guard, boolean, milestones; fix: target: {increase_to: 100 %}, or "
            "{at_least: 100 %} if it has no start"
        )
    ]


def test_a_duration_without_unit_is_given_one(tmp_path: Path) -> None:
    proc = """\
team: proc
objectives:
  - id: proc-o1
    title: Logistics
    key_results:
      - {id: proc-o1-kr1, title: Done, indicator: {measure: jira.count, jql: project = PROC}}
  - id: proc-o2
    title: Procurement runs on systems
    key_results:
      - id: proc-o2-kr1
        title: Vendor onboarding through Zip
        indicator:
          measure: jira.duration
          jql: project = PROC
          from: created
          to: resolved
          percentile: 90
        target:
          at_most: 7
"""
    assert told(tmp_path, proc=proc) == [
        (
            'q1-2026/proc.yaml:19 objectives[1].key_results[0].target.at_most: got "7"; expected a '
            "duration, because the indicator is one (jira.duration, percentile 90); fix: at_most: 7 d"
            "   (units: s, min, h, d, w)"
        )
    ]


def test_unquoted_variables_inside_brackets_are_quoted(tmp_path: Path) -> None:
    dcim = """\
team: dcim
indicators:
  tracked_in_time:
    measure: netbox.latency
    endpoint: dcim.devices
    filter: {site: [${stream_site}, ${cb3_site}], cf_delivered_at__empty: false}
objectives: []
"""
    assert told(tmp_path, dcim=dcim) == [
        (
            "q1-2026/dcim.yaml:6 indicators.tracked_in_time.filter.site: got ${stream_site} unquoted "
            "inside [ ]; expected quotes, because { opens a mapping there; fix: site: "
            '["${stream_site}", "${cb3_site}"]'
        )
    ]


CUT = (
    'q1-2026/cops.yaml:{} indicators.repos_merged.jql: got text cut at " #" (YAML takes the '
    'rest as a comment): project = PLAT AND summary ~ "rack; expected balanced quotes; fix: '
    "write the query under jql: |- on the next line"
)


def test_a_query_cut_by_a_comment_inside_braces_is_told(tmp_path: Path) -> None:
    cops = """\
team: cops
indicators:
  new_stack: {measure: jira.count, jql: project = PLAT}
  repos_merged: {measure: jira.count, jql: project = PLAT AND summary ~ "rack #4"}
objectives: []
"""
    assert told(tmp_path, cops=cops) == [CUT.format(4)]


def test_a_query_cut_by_a_comment_on_its_own_line_is_told(tmp_path: Path) -> None:
    cops = """\
team: cops
indicators:
  repos_merged:
    measure: jira.count
    jql: project = PLAT AND summary ~ "rack #4"
objectives: []
"""
    assert told(tmp_path, cops=cops) == [CUT.format(5)]


COPS = """\
team: cops
indicators:
  repos_merged: {measure: jira.count, jql: project = PLAT AND labels = monorepo}
objectives:
  - id: cops-o3
    title: One repository
    key_results:
      - {id: cops-o3-kr1, title: Mono-repo, indicator: repos_merged, target: {at_least: 3}}
"""


def test_a_key_result_in_place_of_an_indicator_names_the_one_it_reads(tmp_path: Path) -> None:
    plat = """\
team: plat
objectives:
  - id: plat-o6
    title: One repository
    key_results:
      - id: plat-o6-kr1
        title: Mono-repo
        owner: Platform lead
        indicator: cops-o3-kr1
"""
    assert told(tmp_path, cops=COPS, plat=plat) == [
        (
            'q1-2026/plat.yaml:9 objectives[0].key_results[0].indicator: got "cops-o3-kr1", a key '
            "result; expected the name of an indicator (repos_merged is the one it reads); fix: "
            "indicator: repos_merged, or duplicate_of: cops-o3-kr1 if it is the same result"
        )
    ]


def test_a_key_result_that_reads_an_indicator_of_its_own_is_told_so(tmp_path: Path) -> None:
    plat = """\
team: plat
objectives:
  - id: plat-o6
    title: One repository
    key_results:
      - id: plat-o6-kr1
        title: Repositories merged
        indicator: {measure: jira.count, jql: project = PLAT}
      - id: plat-o6-kr2
        title: Mono-repo
        indicator: plat-o6-kr1
"""
    assert told(tmp_path, plat=plat) == [
        (
            'q1-2026/plat.yaml:11 objectives[0].key_results[1].indicator: got "plat-o6-kr1", a key '
            "result; expected the name of an indicator (it reads one of its own); fix: give that one "
            "a name under indicators:, or duplicate_of: plat-o6-kr1 if it is the same result"
        )
    ]
