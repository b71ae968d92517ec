"""What is done again for each reading looks for its rows by an index: what it costs does not grow with
the key results that there are. SQLite tells how it will look; it has no statistics, as a store of
syncd has none, so that of two indexes that would do it takes the one that was made last.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from syncd.clock import ManualClock
from tests.bench.bench_world import spread_over, world
from tests.bench.counted import BEGAN
from tests.capacity.__main__ import Upstream
from tests.store.catalogues import numbered

KEY_RESULTS = 30
MANY = ("key_results", "indicators", "scopes", "readings", "assessments", "events")
"""Tables that grow with the organisation, or with time."""
ALL_OF_IT = re.compile(
    rf"SCAN ({'|'.join(MANY)})\b(?!.*USING COVERING INDEX)|\b\w+ USING INDEX \w+ \(active=\?\)$"
)
AT_EACH_TURN = {
    "next_due_at": "which scopes are due, of all",
    "lease_until": "which leases live",
    "next_transition_at": "which key results are due, of all",
    "needs": "who needs whom, once for all that are judged together",
}
"""Conditions of statements that are asked once a turn or a judging, and not for each reading."""


def test_no_statement_of_a_reading_looks_at_all_key_results() -> None:
    indicators = [
        numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
        for number in range(KEY_RESULTS)
    ]
    asked: dict[str, Any] = {}

    def executing(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        asked[statement] = parameters[0] if many else parameters

    upstream = Upstream(0)
    wanted = spread_over(indicators, KEY_RESULTS)
    with world(wanted, {"upstream": upstream}, ManualClock(BEGAN)) as made:
        made.now()
        with made.store.write() as connection:
            for index in sa.inspect(connection).get_indexes("key_results"):
                if index["column_names"][0] == "active":
                    columns = ", ".join(map(str, index["column_names"]))
                    connection.execute(sa.text(f"DROP INDEX {index['name']}"))
                    connection.execute(
                        sa.text(f"CREATE INDEX {index['name']} ON key_results ({columns})")
                    )
        sa.event.listen(sa.Engine, "before_cursor_execute", executing)
        try:
            upstream.turn += 1
            made.turn()
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", executing)
        with made.store.read() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            found = {
                (statement, step[-1])
                for statement, parameters in asked.items()
                if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)", statement)
                for step in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                if ALL_OF_IT.search(step[-1])
            }

    dear = [f"{step}: {statement}" for statement, step in found if not _once(statement)]
    assert asked
    assert dear == []


def _once(statement: str) -> bool:
    return any(word in statement for word in AT_EACH_TURN)
