"""The first page of all key results costs what it shows, and not what there is."""

from __future__ import annotations

import httpx

from syncd.clock import ManualClock
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.bench.bench_world import spread_over, world
from tests.bench.statements import countable, counted
from tests.capacity.__main__ import Upstream
from tests.store.catalogues import START, numbered

KEY_RESULTS = 200


def test_the_first_page_of_all_reads_no_more_than_it_shows() -> None:
    indicators = [numbered(f"n{n}", query=f"q{n}", source="upstream") for n in range(5)]
    with (
        countable(),
        world(
            spread_over(indicators, KEY_RESULTS), {"upstream": Upstream(0)}, ManualClock(START)
        ) as made,
    ):
        app = create_app(
            made.store,
            made.clock,
            own_metrics=made.instruments.registry,
            instance=InstanceInfo(version="test"),
        )
        rows, shown = {}, {}
        server = WebServer(app, "127.0.0.1", 0)
        with httpx.Client(base_url=server.start(), timeout=60) as client:
            for limit in (KEY_RESULTS, 10):
                asked = f"/api/v1/krs?limit={limit}"
                client.get(asked).raise_for_status()
                with counted() as tally:
                    answer = client.get(asked).json()
                rows[limit] = tally.rows_read
                shown[limit] = answer["key_results"]
        server.stop()

    assert shown[10] == shown[KEY_RESULTS][:10]
    assert rows[10] < rows[KEY_RESULTS] / 4
