"""What is written down of mapping files that were taken up: every page asks for a little of it, and few
for the rest, which grows with the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from syncd.store import read
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.loads import files_in_force, record_refusal
from tests.store.catalogues import START, catalogue, key_result, scanned

DEVICES = scanned("completeness")
FILES = {"": {"dcim.yaml": "team: dcim\n"}}
OPEN, TWICE = ({"rule": one, "subject": "kr:/dcim-o1-kr1"} for one in ("open", "twice"))


def take_up(store: Store, *findings: Mapping[str, Any]) -> None:
    put_in_force(
        store,
        catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES)]),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=START,
        findings=findings,
        files=FILES,
    )


def found(store: Store) -> tuple[int, Sequence[Mapping[str, Any]]]:
    with store.read() as connection:
        view = read.mapping(connection)
        assert view is not None
        return view.to_mend, read.findings(connection)


def as_an_older_version_wrote_it(store: Store, *findings: Mapping[str, Any]) -> None:
    with store.write() as connection:
        (said,) = connection.execute(sa.text("SELECT summary FROM mapping_loads")).scalars()
        summary = json.loads(said) if isinstance(said, str) else dict(said)
        del summary["to_mend"]
        connection.execute(
            sa.text("UPDATE mapping_loads SET findings = NULL, summary = :summary"),
            {"summary": json.dumps({**summary, "findings": findings})},
        )


def test_a_page_is_told_how_much_there_is_to_mend_and_reads_none_of_it(store: Store) -> None:
    take_up(store, OPEN, TWICE)
    asked: list[str] = []

    def executing(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        asked.append(statement)

    with store.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", executing)
        view = read.mapping(connection)

    assert view is not None
    assert view.in_force is not None
    assert (view.to_mend, view.in_force["key_results"]) == (2, 1)
    assert "findings" not in view.in_force
    assert len(asked) == 2
    assert not [one for one in asked if ".files" in one or ".findings" in one]


def test_whoever_asks_for_it_has_all_that_hygiene_found(store: Store) -> None:
    take_up(store, OPEN, TWICE)

    assert found(store) == (2, [OPEN, TWICE])


def test_what_an_older_version_wrote_down_is_found_where_that_put_it(store: Store) -> None:
    take_up(store)
    as_an_older_version_wrote_it(store, OPEN, TWICE)

    assert found(store) == (2, [OPEN, TWICE])
    with store.read() as connection:
        view = read.mapping(connection)
    assert view is not None
    assert view.in_force is not None
    assert "findings" not in view.in_force


def test_the_same_files_taken_up_again_put_it_apart(store: Store) -> None:
    take_up(store, OPEN)
    as_an_older_version_wrote_it(store, OPEN)

    take_up(store, OPEN)

    with store.read() as connection:
        (said,) = connection.execute(sa.text("SELECT summary FROM mapping_loads")).scalars()
        files = files_in_force(connection)
    assert "findings" not in (json.loads(said) if isinstance(said, str) else said)
    assert found(store) == (1, [OPEN])
    assert files == FILES


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=1)])
def test_files_that_are_refused_leave_it_as_it_was(store: Store, later: timedelta) -> None:
    take_up(store, OPEN)
    record_refusal(store, ["no such team"], "another digest", START + later)

    assert found(store) == (1, [OPEN])


def test_nothing_is_found_before_the_first_files(store: Store) -> None:
    with store.read() as connection:
        assert read.mapping(connection) is None
        assert read.findings(connection) == []
