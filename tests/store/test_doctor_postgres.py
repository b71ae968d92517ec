"""The look at a store in PostgreSQL: rights, schema, clock, each fault made in a real server."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.clock import Clock, ManualClock, SystemClock
from syncd.doctor.store import look_at_store
from syncd.store.engine import Store
from tests.peers.postgres import OWNER, Postgres

SECONDS = 5.0
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "tokens.md"


@pytest.fixture
def database(postgres: Postgres, made_once: str) -> str:
    """The name of a database of its own, as this version makes it."""
    return postgres.create_database(template=made_once).rpartition("/")[2]


def looked_at(url: str, clock: Clock | None = None) -> dict[str, tuple[str, str]]:
    """Level and words of each finding, by what it is about (of several the last)."""
    found = look_at_store(url, clock or SystemClock(), SECONDS)
    return {one.about: (one.level.value, one.says) for one in found}


def of_role(postgres: Postgres, database: str, role: str, *rights: str) -> str:
    """The address for a new role that may do just this."""
    postgres.execute(f"DROP ROLE IF EXISTS {role}")
    postgres.execute(f"CREATE ROLE {role} LOGIN")
    for right in rights:
        postgres.execute(right, database=database)
    return postgres.url(database).replace(f"{OWNER}@", f"{role}@")


def test_a_database_of_this_version_is_well_but_for_a_superuser(
    postgres: Postgres, database: str
) -> None:
    found = looked_at(postgres.url(database))

    levels = {about: level for about, (level, _) in found.items()}
    assert levels.pop("version") in ("ok", "unknown")
    assert levels == {
        "reachable": "ok",
        "role": "warning",
        "schema": "ok",
        "rights": "ok",
        "clock": "ok",
        "room": "ok",
    }


def test_the_role_of_the_guide_may_do_all_that_is_needed_and_is_no_superuser(
    postgres: Postgres,
) -> None:
    (statements,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    name = "doctor_of_the_guide"
    for statement in statements.replace("syncd", name).strip().rstrip(";").split(";"):
        postgres.execute(statement)
    url = postgres.url(name).replace(f"{OWNER}@", f"{name}@")
    try:
        opened = Store(url)
        opened.migrate()
        opened.close()
        levels = {about: level for about, (level, _) in looked_at(url).items()}
    finally:
        postgres.drop_database(name)
        postgres.execute(f"DROP ROLE {name}")

    assert (levels["role"], levels["schema"], levels["rights"]) == ("ok", "ok", "ok")
    assert not {"warning", "problem"}.intersection(levels.values())


def test_rights_that_lack_are_named_and_tables_of_another_role_are_told(
    postgres: Postgres, database: str
) -> None:
    all_tables = "ON ALL TABLES IN SCHEMA public TO doctor_reader"
    url = of_role(postgres, database, "doctor_reader", f"GRANT SELECT {all_tables}")
    try:
        lacking = looked_at(url)
        postgres.execute(f"GRANT INSERT, UPDATE, DELETE {all_tables}", database=database)
        postgres.execute("GRANT CREATE ON SCHEMA public TO doctor_reader", database=database)
        granted = looked_at(url)
    finally:
        postgres.drop_database(database)
        postgres.execute("DROP ROLE doctor_reader")

    assert (lacking["role"][0], lacking["rights"][0]) == ("ok", "problem")
    assert "DELETE on" in lacking["rights"][1]
    # it could work, and could not migrate what belongs to somebody else
    assert granted["rights"][0] == "warning"


def test_a_clock_that_differs_is_told(postgres: Postgres, database: str) -> None:
    ahead = ManualClock(SystemClock().now() + timedelta(minutes=2))

    level, says = looked_at(postgres.url(database), ahead)["clock"]

    assert level == "warning"
    assert "behind ours" in says


def test_a_schema_of_a_newer_version_is_told(postgres: Postgres, database: str) -> None:
    postgres.execute("UPDATE alembic_version SET version_num = '9999'", database=database)
    postgres.execute("DELETE FROM counters WHERE name = 'works_with'", database=database)

    assert looked_at(postgres.url(database))["schema"][0] == "problem"


def test_a_database_that_is_not_there_is_told_without_its_password(postgres: Postgres) -> None:
    url = postgres.url("nowhere").replace(f"{OWNER}@", f"{OWNER}:s3cr3t@")

    found = looked_at(url)

    assert found["reachable"][0] == "problem"
    assert "nowhere" in found["reachable"][1]
    assert "s3cr3t" not in str(found)
