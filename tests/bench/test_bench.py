"""What is counted is no more than what is kept; and `make bench` measures what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.bench import __main__ as bench
from tests.bench import page
from tests.bench.check import kept, regressions, savings
from tests.bench.counted import counts
from tests.bench.measuring import in_a_child
from tests.bench.part import Aim, Told
from tests.bench.parts import every
from tests.bench.spread import Figure, exponent
from tests.bench.statements import Tally, countable, counted
from tests.processes import Failed
from tests.store.made import made

BURNING = "tests.bench.burning"


def test_work_that_is_counted_is_no_more_than_what_is_kept() -> None:
    assert list(regressions(kept(), counts())) == []


CAPACITY = Path(__file__).parents[2] / "docs" / "guide" / "capacity.md"
COUNTED = {
    "a scope of Jira Cloud, durations": ("Jira Cloud, 300 issues", "issues"),
    "a scope of Jira Data Center, durations": ("Jira Data Center, 300 issues", "issues"),
    "a scope of NetBox, completeness": ("NetBox, 300 devices", "devices"),
}


def test_the_requests_that_the_capacity_page_tells_of_are_those_that_are_counted() -> None:
    page_text = CAPACITY.read_text(encoding="utf-8")

    for words, (part, things) in COUNTED.items():
        still, few, full = (
            kept()[f"{part}, {turn}"]["requests"]
            for turn in ("nothing changed", "10 changed", "first turn")
        )
        assert f"| {words} | {still} | {few} | {full} for 300 {things} |" in page_text


def test_a_regression_is_a_sentence_that_names_part_count_before_and_now() -> None:
    before = {"Jira": {"requests": 9, "bytes": 1000}}

    worse = list(regressions(before, {"Jira": {"requests": 10, "bytes": 1019}}))

    assert len(worse) == 1
    assert worse[0].startswith("Jira: requests were 9, are 10; ")


def test_what_is_counted_and_not_kept_fails_as_well_as_what_is_no_more_counted() -> None:
    one, other = {"A": {"requests": 1}}, {"B": {"requests": 1}}

    assert len(list(regressions(one, other))) == 2
    assert len(list(regressions({"A": {"requests": 1}}, {"A": {"rows_read": 1}}))) == 2


def test_what_became_less_is_said_and_fails_nothing() -> None:
    before, now = {"A": {"statements": 100}}, {"A": {"statements": 60}}

    assert list(regressions(before, now)) == []
    assert list(savings(before, now)) == ["A: statements were 100, are 60"]


def test_statements_and_rows_are_counted_where_they_are_asked(tmp_path: Path) -> None:
    rows = [{"n": number} for number in range(5)]

    def read(most: int) -> Tally:
        with counted() as tally, store.read() as connection:
            asked = sa.text("SELECT n FROM t WHERE n < :most")
            assert len(connection.execute(asked, {"most": most}).all()) == most
        return tally

    with countable():
        store = made(tmp_path / "syncd.db")
        with counted() as wrote, store.write() as connection:
            connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
            connection.execute(sa.text("INSERT INTO t VALUES (:n)"), rows)
        read(0)  # what a new connection asks for itself is behind it
        few, many = read(1), read(4)
        store.close()

    assert wrote.rows_written == 5
    assert many.rows_read - few.rows_read == 3
    assert many.statements == few.statements >= 1


def test_a_figure_is_its_median_with_the_least_and_the_most() -> None:
    assert str(Figure([0.2, 0.1, 0.3], "s")) == "200 ms (100 ms–300 ms)"
    assert str(Figure([1_500_000.0], "B")) == "1.50 MB"
    assert str(Figure([12.0, 12.0], "")) == "12"


def test_an_exponent_says_how_something_grows() -> None:
    sizes = [1, 10, 100, 1000]

    assert exponent(sizes, [5.0, 5.0, 5.0, 5.0]) == pytest.approx(0)
    assert exponent(sizes, [3.0 * size for size in sizes]) == pytest.approx(1)
    assert exponent(sizes, [size**2 / 7 for size in sizes]) == pytest.approx(2)
    with pytest.raises(ValueError, match="expected two sizes"):
        exponent([3], [1.0])


def test_work_in_a_child_tells_its_processor_and_memory() -> None:
    told = in_a_child(f"{BURNING}:burn", seconds=60, cpu_seconds=0.05)

    assert told["cpu_s"] >= 0.05
    assert told["peak_bytes"] > told["held"]


def test_a_child_that_takes_too_long_is_ended_and_one_that_fails_says_why() -> None:
    with pytest.raises(Failed, match="took more than"):
        in_a_child(f"{BURNING}:wait_for_ever", seconds=0.2)
    with pytest.raises(Failed, match="unexpected keyword argument"):
        in_a_child(f"{BURNING}:burn", seconds=60, nonsense=1)


def test_a_part_that_failed_says_so_on_the_page_and_the_others_are_there() -> None:
    good = {"name": "a", "number": 1, "title": "A", "seconds": 1.0}
    told = Told(["How."], [], ()).to_json()
    bad = {"name": "b", "number": 2, "title": "B", "seconds": 1.0, "failed": "Failed: no server"}

    run = {"machine": {"date": "today"}, "parts": [{**good, **told}, bad], "missing": ["C"]}
    text = page.written(run)

    assert "## 1. A\n\n- How." in text
    assert "## 2. B\n\nThis part failed" in text
    assert "Failed: no server" in text
    assert "Not measured in this run: C." in text


def test_aims_are_not_judged_by_the_sizes_of_the_quick_form() -> None:
    aim = Aim("as fast as can be", "very", True)
    part = {"name": "a", "number": 1, "title": "A", "seconds": 1.0, **Told([], [], [aim]).to_json()}

    whole, quick = (
        page.written({"quick": quick, "machine": {}, "parts": [part]}) for quick in (False, True)
    )

    assert "| very | met |" in whole
    assert "| very | not judged" in quick


def test_a_part_that_nobody_knows_is_refused_with_the_names_of_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        bench.main(["nonsense"])

    said = capsys.readouterr().err
    assert all(name in said for name in every())


def test_the_parts_are_in_the_order_of_the_page_and_a_whole_run_takes_25_minutes_at_most() -> None:
    parts = list(every().values())

    assert [part.number for part in parts] == sorted({part.number for part in parts})
    assert sum(part.seconds for part in parts) <= 28 * 60
    for part in parts:
        assert importlib.util.find_spec(f"tests.bench.part_{part.name}"), part.name
