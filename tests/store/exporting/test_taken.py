"""A closed period as a file: another store tells the same of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.model import EventKind
from syncd.store import read
from syncd.store.engine import Store
from syncd.store.exported import TABLES
from syncd.store.past import history
from syncd.store.schema import scopes
from syncd.store.tokens import add_token
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.report import build, gather
from syncd.surfaces.serve import WebServer
from tests.peers.postgres import Postgres
from tests.plain import NO_TLS
from tests.store.catalogues import START
from tests.store.exporting.world import (
    DAY,
    FIRST,
    NEXT,
    PERIOD,
    SECOND,
    content,
    live,
    put,
    take,
    write,
)
from tests.store.made import made
from tests.store.state import assess_all

OBJECTS = ("untold", "counts", "missing", "total", "objects")


@pytest.fixture
def in_postgresql(postgres: Postgres, made_once: str) -> Iterator[Store]:
    store = Store(postgres.create_database(template=made_once))
    yield store
    store.close()


def answers(store: Store, clock: ManualClock) -> dict[str, Any]:
    """What the API, the report and the curves tell of the period."""
    keys = [f"{PERIOD}/{id_}" for id_ in FIRST.key_results]
    app = create_app(
        store, clock, own_metrics=Instruments([]).registry, instance=InstanceInfo("9.9.9")
    )
    server = WebServer(app, "127.0.0.1", 0)
    found: dict[str, Any] = {}
    try:
        with httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS) as client:
            for path in (
                *(
                    f"{what}?period={PERIOD}"
                    for what in ("krs", "rollups", "teams", "organisation")
                ),
                *(f"krs/{key}" for key in keys),
                f"krs?period={PERIOD}&at=2026-02-20T09:00:00Z",
                f"krs/{keys[0]}?at=2026-01-10T09:00:00Z",
            ):
                answer = client.get(f"/api/v1/{path}")
                assert answer.status_code == 200, (path, answer.text)
                found[path] = answer.json()
            for key in (keys[0], keys[2]):
                page = client.get(f"/kr/{key}")
                assert page.status_code == 200, page.text
                found[f"page of {key}"] = re.findall(r"imported on [^<]*", page.text)
    finally:
        server.stop()
    with store.read() as connection:
        material = gather(connection, now=clock.now(), since=clock.now() - DAY, period=PERIOD)
        found["report"] = asdict(build(replace(material, sources=(), mapping=None)))
        found["history"] = {key: history(connection, key) for key in keys}
    return found


def without(found: Any, *names: str) -> Any:
    """The same without what is made anew on purpose, at any depth."""
    if isinstance(found, dict):
        return {key: without(one, *names) for key, one in found.items() if key not in names}
    if isinstance(found, list):
        return [without(one, *names) for one in found]
    return found


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two documents say something else."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [each for key in one for each in differences(one[key], other[key], f"{at}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [each for n, pair in pairs for each in differences(*pair, f"{at}[{n}]")]
    return [] if one == other else [f"{at}: {one!r} is {other!r} elsewhere"]


def imports_shown(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        for key, one in found.items():
            yield from [one] if key == "imported" else imports_shown(one)
    elif isinstance(found, list):
        for one in found:
            yield from imports_shown(one)


@pytest.mark.parametrize("to_postgresql", [True, False])
def test_another_store_of_the_other_kind_tells_the_same_of_the_period_and_whence_it_is(
    request: pytest.FixtureRequest, tmp_path: Path, in_postgresql: Store, to_postgresql: bool
) -> None:
    clock = ManualClock(SECOND + 4 * DAY)
    if to_postgresql:
        lived, elsewhere = request.getfixturevalue("lived"), in_postgresql
    else:
        lived, elsewhere = in_postgresql, request.getfixturevalue("elsewhere")
        live(lived, ManualClock(START))
    was = answers(lived, clock)
    write(lived, tmp_path / "q1.syncd", clock)

    done = take(elsewhere, tmp_path / "q1.syncd", clock)

    found = answers(elsewhere, clock)
    # Objects stay behind, and readers of other periods are not the period's.
    for document in (*was.values(), *found.values()):
        if "evidence" in document:
            document["evidence"] = without(document["evidence"], *OBJECTS, "key_results")
    ours = ("imported", "fingerprint")
    told = {path: one for path, one in was.items() if not path.startswith("page of ")}
    (notice,) = found["report"]["changes"].pop("notices")
    assert was["report"]["changes"].pop("notices") == []
    assert "was imported from" in notice["title"]
    assert differences(without(told, *ours), without({p: found[p] for p in told}, *ours)) == []
    assert done.new
    listed = was["krs?period=2026-Q1"]["key_results"]
    assert {one["status"] for one in listed} == {"achieved", "stale", "no_data"}
    shown = {
        (one["by"], one["store"].endswith(("syncd.db", lived.name.rsplit("/", 1)[1])))
        for one in imports_shown(found)
    }
    assert shown == {("Eve", True)}
    assert set(imports_shown(was)) == {None}
    assert "by Eve from" in found["page of 2026-Q1/a-1"][0]
    assert was["page of 2026-Q1/a-1"] == []


def test_the_file_has_nothing_of_other_periods_and_no_secret(
    lived: Store, clock: ManualClock, tmp_path: Path
) -> None:
    secret = "hunter2-hunter2"
    with lived.write() as connection:
        values = {"lease_token": secret, "cursor": {"at": secret}, "error_message": secret}
        connection.execute(sa.update(scopes).values(**values, staged_resume={"token": secret}))
    add_token(
        lived, secret, digest=secret, scope="read", by=secret, expires_at=None, now=clock.now()
    )

    write(lived, tmp_path / "q1.syncd", clock)

    everything = (tmp_path / "q1.syncd").read_bytes()
    assert b"As it was edited" in everything
    assert b"it was late" in everything
    assert b"hunter2" not in everything
    assert b"secret-of-the-next" not in everything
    assert b"2026-Q2" not in everything
    assert (tmp_path / "q1.syncd").stat().st_mode & 0o077 == 0
    copied = content(Store(f"sqlite:///{tmp_path / 'q1.syncd'}"))
    filled = {name for name, rows in copied.items() if rows}
    assert filled == {table.name for table in TABLES} | {"counters"}
    numbers = {row[2] for row in copied["readings"]}
    assert 5.0 in numbers
    assert 77.0 not in numbers


def test_what_the_other_store_measures_goes_on_as_if_nothing_had_come(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    put(elsewhere, clock, NEXT)
    while assess_all(elsewhere, clock):
        pass
    was = content(elsewhere)

    take(elsewhere, file, clock)

    now = content(elsewhere)
    own = [name for name in was if name not in ("counters", "events")]
    assert [
        name for name in own if not set(map(repr, was[name])) <= set(map(repr, now[name]))
    ] == []
    with elsewhere.read() as connection:
        told = read.feed(connection, after=len(was["events"]))
        due = connection.execute(sa.select(scopes.c.active).where(scopes.c.active)).all()
    assert [event.kind for event in told] == [EventKind.PERIOD_IMPORTED]
    assert len(due) == 1
    assert assess_all(elsewhere, clock) == []
    assert now["outbox"] == []


def test_mapping_files_that_name_it_later_neither_change_it_nor_gain_its_readings(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    take(elsewhere, file, clock)
    with elsewhere.read() as connection:
        was = read.key_result_views(connection, periods=[PERIOD])

    put(elsewhere, clock, FIRST)
    put(elsewhere, clock, NEXT)

    with elsewhere.read() as connection:
        assert read.key_result_views(connection, periods=[PERIOD]) == was
        (live,) = read.key_result_views(connection)
    assert live.key_result.key == "2026-Q2/a-1"
    assert live.indicator.reading is None


def test_the_same_once_more_changes_nothing_and_says_so(
    lived: Store, file: Path, elsewhere: Store, clock: ManualClock, tmp_path: Path
) -> None:
    first = take(elsewhere, file, clock)
    was = content(elsewhere)
    clock.advance(days=1)
    write(lived, tmp_path / "again.syncd", clock)

    again = take(elsewhere, tmp_path / "again.syncd", clock)

    assert (first.new, again.new) == (True, False)
    assert again.imported == first.imported
    assert content(elsewhere) == was


def test_what_was_imported_can_go_on_to_a_third_store(
    file: Path, elsewhere: Store, clock: ManualClock, tmp_path: Path
) -> None:
    take(elsewhere, file, clock)
    write(elsewhere, tmp_path / "on.syncd", clock)
    third = made(tmp_path / "third.db")

    take(third, tmp_path / "on.syncd", clock)

    with elsewhere.read() as one, third.read() as other:
        was, found = (read.key_result_views(each, periods=[PERIOD]) for each in (one, other))
    third.close()
    assert [view.assessment for view in found] == [view.assessment for view in was]
    assert {
        view.closed.imported.store for view in found if view.closed and view.closed.imported
    } == {"elsewhere.db"}
