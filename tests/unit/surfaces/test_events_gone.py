"""Readers of the feed who come back after what they missed is kept no longer."""

from __future__ import annotations

from datetime import timedelta

from syncd.model import Event, EventKind
from syncd.store.compacting import compact
from syncd.store.events import append_events
from syncd.store.removing import Keep
from tests.unit.surfaces.conftest import Site

DAY = timedelta(days=1)


def test_a_reader_from_before_the_oldest_event_gets_410_and_a_new_one_what_is_kept(
    site: Site,
) -> None:
    now = site.clock.now()
    old = now - 400 * DAY
    with site.store.write() as connection:
        append_events(
            connection,
            [Event(old, EventKind.STATUS_CHANGED, "a", "t", "t", "r") for _ in range(5)],
        )
    compact(site.store, lambda: now, Keep(DAY, DAY, DAY), every=DAY)

    gone = [
        site.client.get("/api/v1/events?after=1"),
        site.client.get("/feed.json?before=1"),
        site.client.get("/feed/stream", headers={"Last-Event-ID": "1"}),
    ]
    anew = site.client.get("/api/v1/events").json()["events"]

    assert [(one.status_code, one.json()["title"]) for one in gone] == [(410, "Gone")] * 3
    assert all("begin with" in one.json()["detail"] for one in gone)
    assert [one["subject"] for one in anew].count("a") < 5
