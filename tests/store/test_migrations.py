"""Upgrading a store that is in use: nothing that was told is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from connectors.base import judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import Target, TargetType
from syncd.store import read
from syncd.store.assessing import assessing
from syncd.store.catalogue import put_in_force
from syncd.store.codec import KEY_RESULT, to_json
from syncd.store.columns import to_microseconds
from syncd.store.engine import Store
from syncd.store.migrating import HEAD, MIGRATIONS, WORKS_WITH
from syncd.store.naming import key_meant
from syncd.store.schema import assessments, key_result_versions, key_results
from tests.store.catalogues import START, Named, catalogue, key_result, scanned

DEVICES = scanned("completeness")
LATER = ("period", "time_off", "beside", "duplicate_of", "ending")
"""What the first schema's key results did not have."""

KEY = "2026-Q1/dcim-o1-kr1"
DEFINITION = {
    name: value
    for name, value in to_json(KEY_RESULT, key_result("dcim-o1-kr1", DEVICES)).items()
    if name not in LATER
}


@pytest.fixture
def first(store_url: str) -> Iterator[Store]:
    """A store of the first schema with a scope, a set, an indicator, its reading, a key result
    that tells it, and an event.
    """
    opened = Store(store_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with opened.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with opened.write() as connection:
        plan = DEVICES.plan
        values = {
            "scope": plan.scope.fingerprint,  # type: ignore[union-attr]
            "indicator": DEVICES.fingerprint,
            "judge": judge_fingerprint(Named("complete")),
            "at": to_microseconds(START),
            "definition": json.dumps(DEFINITION),
            "earlier": to_microseconds(START - timedelta(days=30)),
            "before": json.dumps({"organisation": "Test", "period": "2025-Q4"}),
            "told": json.dumps({"key_result": "dcim-o1-kr9", "chain": ["dcim-o1-kr1"]}),
            "summary": json.dumps({"organisation": "Test", "period": "2026-Q1"}),
            "aggregate": '{"how": "share", "percentile": null}',
        }
        for statement in ROWS.split(";"):
            connection.execute(sa.text(statement), values)
    yield opened
    opened.close()


ROWS = """
INSERT INTO scopes (id, fingerprint, kind, source, definition, active, interval_seconds,
    next_due_at, failures)
VALUES (1000, :scope, 'scan', 'netbox', '{}', true, 300, :at, 0);
INSERT INTO verdict_sets (id, scope_id, judge, definition, filled, active)
VALUES (1000, 1000, :judge, '{}', true, true);
INSERT INTO verdicts (set_id, object_id, valid_from, outcome) VALUES (1000, '7', :at, 'pass');
INSERT INTO objects (scope_id, object_id, label, present) VALUES (1000, '7', 'c-0007', true);
INSERT INTO indicators (fingerprint, name, measure, source, dimension, definition, aggregate,
    scope_id, set_id, active, observed_at, first_reading_id, reading_id)
VALUES (:indicator, 'completeness', 'test.scan', 'netbox', 'ratio', '{}', :aggregate,
    1000, 1000, true, :at, 1000, 1000);
INSERT INTO readings (id, indicator, value, complete, approximate, lower_bound, observed_at, at,
    recorded_at, origin)
VALUES (1000, :indicator, 1.0, true, false, false, :at, :at, :at, 'live');
INSERT INTO key_results (id, rank, active, definition, target_fingerprint, indicator, serving,
    dirty, memory)
VALUES ('dcim-o1-kr1', 0, true, :definition, 'x', :indicator, :indicator, false, '{}');
INSERT INTO key_results (id, rank, active, definition, target_fingerprint, indicator, serving,
    dirty, memory, current)
VALUES ('dcim-o1-kr9', 1, false, :definition, 'x', :indicator, :indicator, false, '{}', :told);
INSERT INTO assessments (key_result, at, status, indicator, assessment)
VALUES ('dcim-o1-kr9', :earlier, 'on_track', :indicator, :told);
INSERT INTO mapping_loads (id, at, accepted, digest, faults, summary)
VALUES (999, :earlier, true, 'd', '[]', :before), (1000, :at, true, 'd', '[]', :summary);
INSERT INTO events (position, id, at, kind, subject, title, text, data)
VALUES (1, 'e', :at, 'kr.status', 'dcim-o1-kr1', 't', 't', '{}');
UPDATE counters SET value = 1
"""


def test_the_rows_of_the_first_schema_are_kept(first: Store) -> None:
    first.migrate()

    with first.read() as connection:
        (view,) = read.indicator_views(connection)
        (kept,) = connection.execute(sa.text("SELECT object_id, outcome FROM verdicts")).all()
    assert view.reading is not None
    assert (view.name, view.kind, view.reading.value) == ("completeness", "scan", 1.0)
    assert tuple(kept) == ("7", "pass")


def test_a_set_of_the_first_schema_knows_from_its_first_reading_on(first: Store) -> None:
    first.migrate()

    with first.read() as connection:
        known = connection.execute(sa.text("SELECT known_since FROM verdict_sets")).scalar_one()
    assert known == to_microseconds(START)


def test_references_are_checked_again_afterwards(first: Store) -> None:
    first.migrate()

    orphan = sa.text("INSERT INTO composition_parts (indicator, part) VALUES ('nobody', 'nothing')")
    with pytest.raises(sa.exc.IntegrityError), first.write() as connection:
        connection.execute(orphan)


def test_a_catalogue_can_be_put_in_force_on_it(first: Store) -> None:
    first.migrate()

    put_in_force(
        first,
        catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES)], period="2026-Q1"),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=ManualClock(START).now(),
    )

    with first.read() as connection:
        (told,) = read.key_result_views(connection)
    assert told.indicator.reading is not None
    assert told.indicator.reading.value == 1.0


def test_what_is_defined_is_known_to_be_since_the_mapping_files_were_accepted(
    first: Store,
) -> None:
    first.migrate()

    with first.read() as connection:
        (version,) = connection.execute(sa.select(key_result_versions)).all()
    assert (version.key_result, version.recorded_at, version.active) == (KEY, START, True)
    assert version.definition == {**DEFINITION, "period": "2026-Q1"}


def test_an_edit_afterwards_is_told_from_what_was_defined_before(first: Store) -> None:
    first.migrate()
    clock = ManualClock(START + timedelta(days=3))
    target = Target(TargetType.AT_LEAST, goal=0.5)

    put_in_force(
        first,
        catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES, target=target)], period="2026-Q1"),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=clock.now(),
    )

    with assessing(first, now=clock.now()) as work:
        (former,) = work.candidates[KEY].evidence.former
    assert former.until == clock.now()
    assert former.key_result.target == Target(TargetType.AT_LEAST, goal=1.0)


def test_a_key_result_gets_the_key_of_the_period_that_was_in_force(first: Store) -> None:
    first.migrate()

    with first.read() as connection:
        found = connection.execute(sa.select(key_results).order_by(key_results.c.rank)).all()
        (told,) = connection.execute(sa.select(assessments)).all()
        (event,) = read.feed(connection)
        meant = key_meant(connection, "dcim-o1-kr1", START)
    assert [(row.key, row.id, row.period) for row in found] == [
        (KEY, "dcim-o1-kr1", "2026-Q1"),
        ("2025-Q4/dcim-o1-kr9", "dcim-o1-kr9", "2025-Q4"),
    ]
    assert (event.subject, meant) == (KEY, KEY)
    assert told.key_result == told.assessment["key_result"] == "2025-Q4/dcim-o1-kr9"
    assert told.assessment["chain"] == ["dcim-o1-kr1"]
    assert found[1].current == told.assessment


def test_what_a_key_result_needs_is_of_its_period(first: Store) -> None:
    needy = {**DEFINITION, "needs": ["dcim-o1-kr9", "external:gnmi"]}
    with first.write() as connection:
        connection.execute(
            sa.text("UPDATE key_results SET definition = :it WHERE id = 'dcim-o1-kr1'"),
            {"it": json.dumps(needy)},
        )
    first.migrate()

    with first.read() as connection:
        row = connection.execute(sa.select(key_results).where(key_results.c.key == KEY)).one()
    assert row.needs == ["2026-Q1/dcim-o1-kr9", "external:gnmi"]


def test_a_store_that_never_had_mapping_files_in_force_is_upgraded_too(first: Store) -> None:
    with first.write() as connection:
        connection.execute(sa.text("DELETE FROM mapping_loads"))

    first.migrate()

    with first.read() as connection:
        found = set(connection.execute(sa.select(key_results.c.key)).scalars())
    assert found == {"dcim-o1-kr1", "dcim-o1-kr9"}


@pytest.mark.parametrize(
    ("was", "data", "kind", "status"),
    [
        ("kr.status", {"from": "on_track", "to": "stale"}, "data_stale", "stale"),
        ("kr.status", {"from": "stale", "to": "at_risk"}, "data_recovered", "at_risk"),
        ("kr.status", {"from": "at_risk", "to": "achieved"}, "achieved", "achieved"),
        ("kr.status", {"from": "on_track", "to": "at_risk"}, "status_changed", "at_risk"),
        ("kr.override_set", {"status": "on_track", "team": "dcim"}, "override_set", "on_track"),
        ("mapping.accepted", {}, "mapping_changed", None),
        ("indicator.set", {"value": 3}, "number_set", None),
    ],
)
def test_events_get_the_kinds_of_the_feed(
    first: Store, was: str, data: dict[str, str], kind: str, status: str | None
) -> None:
    with first.write() as connection:
        connection.execute(
            sa.text("UPDATE events SET kind = :kind, data = :data"),
            {"kind": was, "data": json.dumps(data)},
        )

    first.migrate()

    with first.read() as connection:
        (event,) = read.feed(connection)
    assert (event.kind, event.status) == (kind, status)
    assert (event.key_result == KEY) is was.startswith("kr.")
    assert event.team == data.get("team")
    assert (event.before or {}).get("status") == data.get("from")


def test_a_store_made_at_once_is_the_one_that_went_through_every_step(
    store_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if store_url.startswith("sqlite"):
        other = f"sqlite:///{tmp_path / 'other.db'}"
    else:
        other = request.getfixturevalue("postgres").create_database()
    at_once, by_steps = Store(store_url), Store(other)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with by_steps.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    at_once.migrate()

    assert found(at_once) == found(by_steps)
    at_once.close()
    by_steps.close()


def found(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, and what a fresh store holds."""
    with store.read() as connection:
        inspector = sa.inspect(connection)
        return {
            name: {
                # In the order of their names: steps can only add columns at the end.
                "columns": sorted(
                    str({**column, "type": str(column["type"])})
                    for column in inspector.get_columns(name)
                ),
                "key": inspector.get_pk_constraint(name),
                # SQLite's steps make some tables anew, and then name what refers otherwise.
                "references": sorted(
                    str({**key, "name": None} if store.is_sqlite else key)
                    for key in inspector.get_foreign_keys(name)
                ),
                "indexes": sorted(
                    # a condition is an object, which is the same only as itself
                    str({**index, "dialect_options": _written(index.get("dialect_options", {}))})
                    for index in inspector.get_indexes(name)
                ),
                "unique": sorted(inspector.get_unique_constraints(name), key=str),
                "rows": connection.execute(sa.text(f'SELECT * FROM "{name}"')).all(),  # noqa: S608
            }
            for name in inspector.get_table_names()
        }


def _written(options: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}


def test_the_newest_step_is_the_one_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_newest_step_says_what_this_version_says_it_works_with() -> None:
    newest = steps().get_revision(HEAD)

    assert newest.module.works_with == WORKS_WITH


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_step_only_adds_to_what_older_versions_that_may_still_run_need(store_url: str) -> None:
    store = Store(store_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    order = sorted(steps().walk_revisions(), key=lambda step: step.revision)
    stood: dict[str, dict[str, dict[str, Any]]] = {}
    for step in order:
        with store.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, step.revision)
        stood[step.revision] = columns(store)
        if step.revision < EXPANDING_SINCE:
            continue
        older = step.module.works_with
        assert older <= step.down_revision, "or no upgrade can roll"
        was, is_ = stood[older], stood[step.revision]
        gone = [
            (table, name) for table in was for name in was[table] if name not in is_.get(table, {})
        ]
        assert not gone, f"{step.revision} takes away what {older} needs: {gone}"
        for table in was:
            for name, column in is_[table].items():
                before = was[table].get(name)
                if before is None:
                    fills_itself = column["nullable"] or column["default"] is not None
                    assert fills_itself, f"{step.revision}: {older} writes {table} without {name}"
                else:
                    assert column == before, (
                        f"{step.revision}: {older} knows {table}.{name} as it was"
                    )
    store.close()


EXPANDING_SINCE = "0014"
"""Before it there was no version that others were to work beside."""


def steps() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def columns(store: Store) -> dict[str, dict[str, dict[str, Any]]]:
    """By table and column: its type, whether it may be null, what it is by itself."""
    with store.read() as connection:
        inspector = sa.inspect(connection)
        return {
            table: {
                column["name"]: {
                    "type": str(column["type"]),
                    "nullable": column["nullable"],
                    "default": column["default"],
                }
                for column in inspector.get_columns(table)
            }
            for table in inspector.get_table_names()
        }
