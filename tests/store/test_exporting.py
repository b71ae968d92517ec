"""A closed period as a file: what is in it, and that another store tells the same of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from connectors.base import Number, ScanPlan, judge_fingerprint
from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.adjusting import GivenAdjustment, adjust
from syncd.intake.closing import close_period
from syncd.judging import judge_due
from syncd.model import Beside, Catalogue, Combining, EventKind, Objective, Target, TargetType
from syncd.store import read
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due, claim_whole
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.exported import MARK, TABLES, digest_of, mark_of
from syncd.store.exporting import CannotExport, export_period
from syncd.store.importing import CannotImport, Taken, import_period
from syncd.store.manual import record_manual
from syncd.store.past import history
from syncd.store.periods import NoSuchPeriod
from syncd.store.publish import begin, publish_number, publish_scan
from syncd.store.restore import CannotRestore, restore
from syncd.store.schema import metadata, scopes
from syncd.store.tokens import add_token
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.report import build, gather
from syncd.surfaces.serve import WebServer
from tests.peers.postgres import Postgres
from tests.plain import NO_TLS
from tests.store.catalogues import (
    START,
    Answer,
    by_hand,
    catalogue,
    combined,
    covering,
    judged,
    key_result,
    keyed,
    numbered,
    scanned,
)
from tests.store.made import made
from tests.store.state import assess_all

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SECOND = datetime(2026, 4, 1, 7, tzinfo=UTC)
PERIOD = "2026-Q1"
DEVICES = scanned("completeness")
GOODS = numbered("goods")
ONLY = numbered("only", query="once")
GIVEN = by_hand("given")
BOTH = combined("both", Combining.SUM, GOODS, ONLY)
LISTED = keyed("listed", scope="listed")
COVERED = covering("covered", LISTED, keyed("known", scope="known"))
FIRST = catalogue(
    [DEVICES, GOODS, ONLY, GIVEN, BOTH, LISTED, keyed("known", scope="known"), COVERED],
    [
        key_result("a-1", GOODS, due=SECOND - INSTANT, needs=("b-1",)),
        key_result(
            "a-2", DEVICES, due=SECOND - INSTANT, beside=(Beside("Only", ONLY.fingerprint),)
        ),
        key_result("a-3", COVERED, due=SECOND - INSTANT),
        key_result("b-1", BOTH, due=SECOND - INSTANT, target=Target(TargetType.AT_LEAST, goal=9.0)),
        key_result("b-2", GIVEN, due=SECOND - 9 * DAY),
    ],
    period=PERIOD,
    starts=START,
    ends=SECOND - INSTANT,
    objectives=[Objective("a", "First", "a"), Objective("b", "Second", "b")],
)
OBJECTS = ("untold", "counts", "missing", "total", "objects")
NEXT = catalogue(
    [GOODS],
    [key_result("a-1", GOODS, start=SECOND, due=SECOND + 90 * DAY, title="secret-of-the-next")],
    period="2026-Q2",
    starts=SECOND,
    ends=SECOND + 90 * DAY,
)


def live(store: Store, clock: ManualClock) -> None:
    """Two quarters; the first is closed after edits, pauses and many readings, and the second has
    gone on with an indicator of the first.
    """

    def say(value: float) -> None:
        for one in claim_due(
            store, now=clock.now(), room={"prometheus": 9}, lease_seconds=60, full_every_seconds=1e5
        ):
            begin(store, one)
            publish_number(store, one, Number(value, clock.now()), now=clock.now())
        compose(store, now=clock.now())
        while judge_due(store, now=clock.now()):
            pass

    def fill(*, passing: list[str], failing: list[str]) -> None:
        assert isinstance(DEVICES.plan, ScanPlan)
        one = claim_whole(store, DEVICES.plan.scope.fingerprint, now=clock.now(), lease_seconds=60)
        assert one is not None
        begin(store, one)
        batch = Answer(judged(clock.now(), passing=passing, failing=failing)).last()
        judges = (judge_fingerprint(DEVICES.plan.judge),)
        publish_scan(store, one, judges, batch, observed_at=clock.now(), now=clock.now())

    put(store, clock, FIRST, NEXT)
    fill(passing=["1"], failing=["2", "3"])
    say(1.0)
    clock.move_to(START + 20 * DAY)
    edited = replace(FIRST.key_results["b-1"], title="As it was edited", weight=2.0)
    put(store, clock, replace(FIRST, key_results={**FIRST.key_results, "b-1": edited}), NEXT)
    for days, value in ((10, 2.0), (0, 7.0)):
        then = clock.now() - days * DAY
        record_manual(store, "given", value, note="told", by="Bob", at=then, now=clock.now())
    for key, given in (
        ("a-1", GivenAdjustment("note", "it was late", by="Bob")),
        ("a-2", GivenAdjustment("pause", "frozen", by="Bob", until="2026-02-01")),
    ):
        adjust(store, key, given, now=clock.now())
    say(3.0)
    clock.move_to(START + 60 * DAY)
    fill(passing=["1", "2"], failing=["3"])
    say(4.0)
    clock.move_to(SECOND + DAY)
    say(5.0)
    close_period(store, PERIOD, by="Ada", note="as read out", now=clock.now())
    clock.advance(days=3)
    say(77.0)


def put(store: Store, clock: ManualClock, *wanted: Catalogue) -> None:
    put_in_force(
        store, *wanted, interval_of=lambda _: 300.0, link_of=lambda _: None, now=clock.now()
    )


@pytest.fixture
def clock() -> ManualClock:
    """It is three days after the first quarter was closed."""
    return ManualClock(SECOND + 4 * DAY)


@pytest.fixture(scope="module")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in SQLite in which all that was lived, and its export."""
    folder = tmp_path_factory.mktemp("lived")
    store, clock = made(folder / "syncd.db"), ManualClock(START)
    live(store, clock)
    write(store, folder / "q1.syncd", clock)
    store.close()
    return folder


@pytest.fixture
def lived(lived_once: Path, tmp_path: Path) -> Iterator[Store]:
    copy(lived_once / "syncd.db", tmp_path / "syncd.db")
    store = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
    yield store
    store.close()


@pytest.fixture
def file(lived_once: Path, tmp_path: Path) -> Path:
    return Path(copy(lived_once / "q1.syncd", tmp_path / "q1.syncd"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Store]:
    """Another store, in which nothing is yet."""
    store = made(tmp_path / "elsewhere.db")
    yield store
    store.close()


@pytest.fixture
def in_postgresql(postgres: Postgres, made_once: str) -> Iterator[Store]:
    store = Store(postgres.create_database(template=made_once))
    yield store
    store.close()


def write(store: Store, file: Path, clock: ManualClock, **more: Any) -> None:
    export_period(store, PERIOD, file, by="Ada", now=clock.now(), version="1.2.3", **more)


def take(store: Store, file: Path, clock: ManualClock) -> Taken:
    return import_period(store, file, by="Eve", now=clock.now())


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


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


def test_a_period_that_is_there_is_never_replaced(
    lived: Store, file: Path, elsewhere: Store, clock: ManualClock, tmp_path: Path
) -> None:
    put(elsewhere, clock, FIRST)
    third = made(tmp_path / "third.db")
    take(third, file, clock)
    with third.write() as connection:
        connection.execute(sa.text("UPDATE key_results SET rank = rank + 1"))
    write(third, tmp_path / "other.syncd", clock)
    fourth = made(tmp_path / "fourth.db")
    take(fourth, file, clock)

    for store, from_file, words in (
        (lived, file, "its own, closed on 2 Apr 2026 by Ada"),
        (elsewhere, file, "whose mapping files are in force"),
        (fourth, tmp_path / "other.syncd", r"imported on 5 Apr 2026 by Eve from syncd\.db"),
    ):
        was = content(store)
        with pytest.raises(CannotImport, match=f"has a period 2026-Q1 already, .*{words}"):
            take(store, from_file, clock)
        assert content(store) == was
    third.close()
    fourth.close()


def _told_otherwise(file: Path) -> None:
    _execute(file, "UPDATE final_scores SET assessment = replace(assessment, 'missed', 'achieved')")
    _execute(file, "UPDATE readings SET value = 9999.0")


def _of_a_newer_format(file: Path) -> None:
    _execute(file, "UPDATE syncd_export SET format = format + 1")


def _of_a_newer_schema(file: Path) -> None:
    _execute(file, "UPDATE alembic_version SET version_num = '9999'")


def _without_words(file: Path) -> None:
    _execute(file, "UPDATE syncd_export SET about = 'nothing'")


def _no_export(file: Path) -> None:
    _execute(file, "DROP TABLE syncd_export")


def _cut(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def _a_letter(file: Path) -> None:
    file.write_text("Dear grandmother")


def _of_two_periods(file: Path) -> None:
    _execute(
        file,
        "INSERT INTO periods SELECT '2025-Q4', active, starts, definition, indicators FROM periods",
    )
    _marked_anew(file)


def _with_another_definition(file: Path) -> None:
    _execute(file, "UPDATE key_results SET definition = '{}' WHERE id = 'a-1'")
    _marked_anew(file)


def _marked_anew(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        ((about,),) = connection.execute("SELECT about FROM syncd_export")
        mark = replace(MARK.validate_json(about), digest=digest_of(file))
        words = (MARK.dump_json(mark).decode(),)
        connection.execute("UPDATE syncd_export SET about = ?", words)


def _execute(file: Path, words: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(words)


def test_a_file_that_is_not_as_it_was_exported_is_refused_before_anything_is_written(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    was, whole = content(elsewhere), file.read_bytes()
    for spoil, words in (
        (_told_otherwise, "was changed: its rows are not those"),
        (_of_a_newer_format, "a newer syncd .format 2; this one reads up to 1"),
        (_of_a_newer_schema, "written by a newer syncd"),
        (_without_words, "what it says of itself cannot be read"),
        (_no_export, "no export of a period .`syncd period export`"),
        (_cut, "is damaged|cannot be copied"),
        (_a_letter, "no SQLite database"),
        (_of_two_periods, "not of the closed period 2026-Q1 alone"),
        (_with_another_definition, "has what this version cannot read"),
    ):
        spoil(file)
        with pytest.raises(CannotImport, match=words):
            take(elsewhere, file, clock)
        assert content(elsewhere) == was
        file.write_bytes(whole)


def test_an_import_that_fails_half_way_changes_nothing(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    was = content(elsewhere)

    def moved(done: int, total: int) -> None:
        if done > total / 2:
            raise OSError("the disk is full")

    with pytest.raises(CannotImport, match="the disk is full"):
        import_period(elsewhere, file, by="Eve", now=clock.now(), moved=moved)

    assert content(elsewhere) == was


def test_an_export_is_not_restored_as_if_it_were_a_back_up(
    file: Path, elsewhere: Store, tmp_path: Path
) -> None:
    was = content(elsewhere)
    elsewhere.close()

    with pytest.raises(CannotRestore, match="syncd period import"):
        restore(elsewhere, file, aside=tmp_path / "before.db")

    assert content(elsewhere) == was


def test_only_what_is_closed_is_exported_and_over_nothing_unless_told(
    lived: Store, clock: ManualClock, tmp_path: Path
) -> None:
    def out(period: str, **more: Any) -> None:
        export_period(lived, period, tmp_path / "f", by="Ada", now=clock.now(), version="1", **more)

    with pytest.raises(CannotExport, match="2026-Q2 is not closed, so what it came to may still"):
        out("2026-Q2")
    with pytest.raises(NoSuchPeriod, match="expected one of 2026-Q1"):
        out("2024-Q1")
    assert not (tmp_path / "f").exists()
    (tmp_path / "f").write_text("dear")
    with pytest.raises(CannotExport, match="--force"):
        out(PERIOD)
    assert (tmp_path / "f").read_text() == "dear"
    out(PERIOD, replace_file=True)
    assert mark_of(tmp_path / "f").period == PERIOD
    assert [one.name for one in tmp_path.glob(".*")] == []
