"""The folder as a whole: any text is answered, and one fault hides no other."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.mapping import Loaded, load
from tests.examples import examples
from tests.unit.mapping.mutations import GOOD, lay_out
from tests.unit.mapping.stand_in_measures import (
    DEFAULT_SOURCES,
    MEASURES,
    ORGANISATION,
    SOURCES,
    load_files,
    load_folder,
)

GOOD_TEXT = {path.name: path.read_text() for path in GOOD.glob("*.yaml")}

yaml_soup = st.lists(
    st.sampled_from(
        ["team: ops\n", "objectives:\n", "  - id: a\n", "    key_results:\n", "      - id: b\n",
         "        target: {at_least: ", "}\n", "[", "]", "{", "}", "${", "${who}", "'", '"', "|-\n",
         "  ", "\t", "\n", ": ", "- ", "#", " # x\n", "&a ", "*a", "!!int ", "<<: ", "%", "---\n",
         "...\n", "? ", "\\", "tbd", "80 %", "2026-02-30", "null", "~", "1e999", "9" * 400, "é",
         "\u2028", "\ufeff", "\x00", "indicators:\n", "  one: {measure: jira.count, jql: a}\n",
         "variables:\n", "organisation: A\n", "period: 2026-Q1\n", "timezone: UTC\n"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def answered(files: dict[str, str]) -> Loaded:
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in files.items():
            (Path(scratch) / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        return load_folder(Path(scratch))


def is_one_or_the_other(loaded: Loaded) -> bool:
    return (loaded.catalogue is None) == bool(loaded.faults)


@given(st.one_of(st.text(max_size=200), yaml_soup))
@example('a: "\\UFFFFFFFF"')
@example("{{x}}: 1")
@example("- " * 300)
@example("team: [" * 300)
@example('title: "\\ud800"')
@example("%YAML 9.9\n---\na: 1")
@example("team: a\nobjectives: [{id: b, title: c, key_results: [null, 3, [], {}]}]")
@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_answered_with_faults_or_a_catalogue(text: str) -> None:
    assert is_one_or_the_other(answered({"organisation.yaml": ORGANISATION, "x.yaml": text}))


@given(st.sampled_from(sorted(GOOD_TEXT)), st.data())
@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_good_mapping_with_a_piece_torn_out_is_answered(name: str, data: st.DataObject) -> None:
    text = GOOD_TEXT[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    new = data.draw(st.one_of(yaml_soup, st.text(max_size=5)))
    assert is_one_or_the_other(answered({**GOOD_TEXT, name: text[:start] + new + text[end:]}))


@pytest.mark.parametrize("value", ["null", "3", "text", "[]", "{}", "[[]]", "true", "{a: {b: c}}"])
@pytest.mark.parametrize(
    "path",
    [("organisation",), ("period",), ("timezone",), ("judgement",), ("external",), ("indicators",),
     ("defaults",), ("rollups",), ("calendar",)],
)  # fmt: skip
def test_any_kind_of_value_at_the_top_is_answered(
    path: tuple[str, ...], value: str, tmp_path: Path
) -> None:
    lines = [line for line in ORGANISATION.splitlines() if not line.startswith(path[0])]
    text = "\n".join([*lines, f"{path[0]}: {value}\n"])
    if path == ("organisation",):
        text = f"organisation: {value}\n" + "\n".join(lines)
    assert is_one_or_the_other(load_files(tmp_path, None, organisation=text))


@pytest.mark.parametrize("value", ["null", "3", "text", "[]", "{}", "[[]]", "true", "{a: {b: c}}"])
@pytest.mark.parametrize(
    "key",
    ["id", "title", "owner", "indicator", "target", "checkpoints", "start", "due", "needs",
     "weight", "judgement", "stale_after", "page", "evidence", "beside", "note", "duplicate_of",
     "abandoned", "carried"],
)  # fmt: skip
def test_any_kind_of_value_in_a_key_result_is_answered(
    key: str, value: str, tmp_path: Path
) -> None:
    keys = {
        "id": "ops-o1-kr1", "title": "A", "owner": "B",
        "indicator": "{measure: jira.count, jql: a = b}", "target": "{at_least: 3}",
        "checkpoints": "{2026-02-01: 1}",
    }  # fmt: skip
    keys[key] = value
    body = "".join(f"        {name}: {text}\n" for name, text in keys.items())
    head = "team: ops\nobjectives:\n  - id: ops-o1\n    title: C\n    key_results:\n      -\n"
    loaded = load_files(tmp_path, None, ops=head + body)
    assert is_one_or_the_other(loaded)


def test_a_file_that_cannot_be_read_hides_no_other_fault_and_makes_no_noise(
    tmp_path: Path,
) -> None:
    place = lay_out(tmp_path / "nothing", tmp_path)
    (place / "organisation.yaml").write_text("organisation: A\n\tperiod: 2026-Q1\n")
    dcim = place / "dcim.yaml"
    dcim.write_text(dcim.read_text().replace("at_most: 7 d", "at_most: 7"))

    faults = load_folder(place).faults

    assert [(fault.file, fault.line) for fault in faults] == [
        ("q1-2026/dcim.yaml", 51),
        ("q1-2026/organisation.yaml", 2),
    ]


def test_variables_that_cannot_be_read_make_no_noise(tmp_path: Path) -> None:
    place = lay_out(tmp_path / "nothing", tmp_path)
    (place / "variables.yaml").write_text("variables:\n\tsite: a\n")
    assert [str(fault) for fault in load_folder(place).faults] == [
        (
            "q1-2026/variables.yaml:2: got a tab; expected spaces, because YAML indents with nothing "
            "else; fix: replace the tab with spaces"
        )
    ]


def test_a_fault_in_an_indicator_is_told_once_and_not_at_its_readers(tmp_path: Path) -> None:
    place = lay_out(tmp_path / "nothing", tmp_path)
    dcim = place / "dcim.yaml"
    dcim.write_text(dcim.read_text().replace("percentile: 90", "percentile: high"))
    assert [fault.path for fault in load_folder(place).faults] == [
        "indicators.onboarding.percentile"
    ]


def test_circles_through_one_key_result_are_each_told_once(tmp_path: Path) -> None:
    needs = {"a": "[b, c]", "b": "[a]", "c": "[d]", "d": "[a]"}
    items = "".join(
        f"      - id: {key}\n        title: {key}\n        needs: {needed}\n"
        "        indicator: {measure: jira.count, jql: x = y}\n"
        for key, needed in needs.items()
    )
    head = "team: ops\nobjectives:\n  - id: o\n    title: T\n    key_results:\n"
    faults = load_files(tmp_path, None, ops=head + items).faults
    assert [fault.got for fault in faults] == [
        "a circle: a -> b -> a",
        "a circle: a -> c -> d -> a",
    ]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [str(fault) for fault in load_folder(tmp_path / "q9").faults] == [
        (
            "q9: got no folder of that name; expected a folder with mapping files; fix: create it, or "
            "name another with --mappings"
        )
    ]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "q2").mkdir()
    assert [fault.got for fault in load_folder(tmp_path / "q2").faults] == [
        "a folder without mapping files"
    ]


def test_a_folder_without_organisation_is_told(tmp_path: Path) -> None:
    (tmp_path / "ops.yaml").write_text("team: ops\nobjectives: []\n")
    assert [fault.got for fault in load_folder(tmp_path).faults] == ["no organisation file"]


def test_a_second_organisation_file_is_refused(tmp_path: Path) -> None:
    faults = load_files(tmp_path, None, other=ORGANISATION).faults
    assert [fault.got.split(" (")[0] for fault in faults] == ["a second file with organisation"]


def test_a_file_that_ends_otherwise_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "ops.yml").write_text("team: ops\nobjectives: []\n")
    assert [fault.fix for fault in load_files(tmp_path).faults] == ["rename it to ops.yaml"]


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "ops.yaml").write_bytes(b"team: ops\ntitle: caf\xe9\n")
    assert [(fault.line, fault.got) for fault in load_files(tmp_path).faults] == [
        (2, "bytes that are no UTF-8 text")
    ]


def test_an_installation_without_a_source_of_the_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "organisation.yaml").write_text(ORGANISATION)
    (tmp_path / "ops.yaml").write_text(
        "team: ops\nindicators: {n: {measure: netbox.count, endpoint: dcim.devices}}\n"
        "objectives: []\n"
    )
    sources = {"jira-cloud": SOURCES["jira-cloud"]}

    loaded = load(tmp_path, measures=MEASURES, sources=sources, default_sources=DEFAULT_SOURCES)

    assert [fault.got for fault in loaded.faults] == ['"netbox", an unknown source']
    without = load(tmp_path, measures=MEASURES, sources=sources, default_sources={})
    assert [fault.fix for fault in without.faults] == [
        "add one to the settings under sources:, with kind: netbox"
    ]


def test_a_plan_that_refuses_its_options_is_told(tmp_path: Path) -> None:
    text = "team: ops\nindicators: {n: {measure: prometheus.picky, size: 3}}\nobjectives: []\n"
    assert [
        str(fault).partition(" ")[2] for fault in load_files(tmp_path, None, ops=text).faults
    ] == ['indicators.n: got "3"; expected an even size; fix: size: 4']
