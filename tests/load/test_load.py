"""`make load` measures what it says: its parts, on sizes that cost little, and once as a whole."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from syncd.mapping import load
from syncd.model import Event, EventKind
from syncd.registry import measures
from syncd.store.events import append_events
from tests.load import __main__ as loading
from tests.load import readers
from tests.load.world import Moving, write_mappings
from tests.plain import NO_TLS
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import served

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_readers_tell_what_they_met_of_each_surface(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "PAUSE_SECONDS", 0.02)
    with served(tmp_path) as site:
        with site.store.write() as connection:
            told = [Event(START, EventKind.MISSED, "x", f"{n}", "why", "date") for n in range(30)]
            append_events(connection, told)

        met = readers.summary(
            asyncio.run(readers.everybody(str(site.client.base_url), 12, 1.0, most=3))
        )

    surfaces = met["surfaces"]
    assert set(surfaces["scrape"]["statuses"]) == {"200"}
    assert surfaces.keys() & readers.READ.keys()
    assert surfaces["scrape"]["bytes"] > 1000
    assert surfaces["/readyz"]["statuses"].keys() == {"503"}, "there are no mapping files"
    assert surfaces["stream"]["statuses"] == {"200": 3}
    assert (met["events"], met["lost"], met["twice"]) == (90, 0, 0)


def test_what_is_lost_and_what_comes_twice_is_counted() -> None:
    told = readers.Told()
    seen = 0

    for position in (1, 2, 2, 5):
        seen = readers.count(told, position, seen)

    assert (told.events, told.lost, told.twice) == (4, 2, 1)


def test_durations_are_told_by_the_share_that_does_not_exceed_them() -> None:
    seconds = [number / 100 for number in range(1, 101)]

    assert [readers.quantile(seconds, share) for share in (50, 95, 99)] == [0.51, 0.96, 1.0]
    assert readers.quantile([], 50) is None


def test_the_key_results_are_sound_and_spread_over_teams(tmp_path: Path) -> None:
    write_mappings(tmp_path / "mappings", 120, NOW)

    loaded = load(
        tmp_path / "mappings",
        measures=measures(),
        sources={"prometheus": "prometheus"},
        default_sources={"prometheus": "prometheus"},
    )

    (catalogue,) = loaded.catalogues
    assert len(catalogue.key_results) == 120
    assert len({one.team for one in catalogue.key_results.values()}) == 50


def test_each_number_moves_with_the_minutes() -> None:
    now = [NOW.timestamp()]
    with Moving(lambda: datetime.fromtimestamp(now[0], UTC)) as upstream:
        asked = {"query": "load_7"}
        first, second = (
            httpx.post(f"{upstream.url}/api/v1/query", data=asked, verify=NO_TLS).json()["data"][
                "result"
            ]
            for now[0] in (now[0], now[0] + 61)
        )

    assert first[0]["value"][1] != second[0]["value"][1]


@pytest.mark.long
def test_the_whole_gives_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--key-results", "3", "--readers", "8", "--minutes", "0.05", "--store", "sqlite"]

    loading.main([*small, "--json"])
    found = json.loads(capsys.readouterr().out)["stores"]
    loading.show(found, Console())

    assert "The worker on sqlite" in capsys.readouterr().out
    assert found[0]["alone"]["memory_bytes"] > 0
    assert found[0]["readers"]["lost"] == 0
