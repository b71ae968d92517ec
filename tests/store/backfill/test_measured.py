"""The past of what is measured, rebuilt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.base import Forbidden, Number
from syncd.backfill import moments
from syncd.clock import ManualClock
from syncd.model import Plausible
from syncd.store.claims import claim_whole
from syncd.store.engine import Store
from syncd.store.schema import scopes
from tests.store.backfill.world import ACTIVE, DAY, GOODS, NOW, InForce, Rebuild, measure, values
from tests.store.catalogues import START, by_hand, catalogue, holds, keyed
from tests.store.upstream import Upstream


class TestMoments:
    def test_whole_days_end_with_their_last_moment_in_the_timezone(self) -> None:
        found = list(
            moments(
                datetime.fromisoformat("2026-03-06T08:00Z"),
                datetime.fromisoformat("2026-03-09T12:00Z"),
                DAY,
                "America/Los_Angeles",
                now=NOW,
            )
        )

        assert [one.isoformat() for one in found] == [
            "2026-03-07T07:59:59.999999+00:00",
            "2026-03-08T07:59:59.999999+00:00",
            "2026-03-09T06:59:59.999999+00:00",  # clocks went forward
        ]

    def test_a_week_ends_with_its_last_day(self) -> None:
        found = list(moments(START, START + 20 * DAY, 7 * DAY, "UTC", now=NOW))

        assert [one.date().isoformat() for one in found] == ["2026-01-07", "2026-01-14"]

    def test_shorter_steps_count_from_the_beginning(self) -> None:
        found = list(moments(START, START + DAY, DAY / 4, "UTC", now=NOW))

        assert found == [START + n * DAY / 4 for n in range(5)]

    def test_now_is_one_of_them_where_it_is_the_end(self) -> None:
        found = list(moments(START, NOW, 7 * DAY, "UTC", now=NOW))

        assert found[-1] == NOW


class TestAScan:
    def test_is_rebuilt_from_one_history(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert upstream.histories == [START]
        # a day's cluster comes at 8:00 UTC, which is the first moment of the day in Los Angeles
        assert values(store, ACTIVE) == [float(n) for n in range(1, 30)]
        assert found.written == 29
        assert found.begins_at == START + DAY - timedelta(microseconds=1)
        assert found.untold == ()

    def test_is_not_read_again_where_its_past_is_known(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        rebuild(catalogue([ACTIVE], []))

        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert upstream.histories == [START]
        assert found.written == 0

    def test_that_tells_the_past_of_what_is_there_is_read_once_for_what_is_not_any_more(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        telling = keyed("active", scope="clusters", retrospective=True)
        what = catalogue([telling], [])
        in_force(what)
        measure(store, clock, upstream, what)
        gone = holds("gone", "g", since=START, until=START + 10 * DAY)
        upstream.timelines["clusters"].append(gone)
        upstream.untold = ("What was moved is missing.",)

        once, again = rebuild(what)["active"], rebuild(what)["active"]

        assert upstream.histories == [START]
        assert values(store, telling) == [n + (n <= 10) for n in map(float, range(1, 30))]
        assert once.untold[0] == again.untold[0] == "What was moved is missing."
        assert again.written == 0

    def test_says_what_could_not_be_rebuilt_and_leaves_it_empty(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.untold = ("The change log begins on 11 January.",)
        upstream.timelines["clusters"] = upstream.timelines["clusters"][10:]

        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert values(store, ACTIVE)[0] == 1.0
        assert len(values(store, ACTIVE)) == 19
        assert found.untold == (
            "The change log begins on 11 January.",
            "Nothing is known of 10 of 30 moments.",
        )

    def test_that_cannot_be_read_is_told_and_stops_nobody_else(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.fails = Forbidden("netbox: GET /api/: no")
        told_by_hand = by_hand("said")

        found = rebuild(catalogue([ACTIVE, GOODS, told_by_hand], []))

        assert found["active"].error == "netbox: GET /api/: no"
        assert found["goods"].error == "netbox: GET /api/: no"
        assert found["said"].error is None
        with store.read() as connection:
            rows = connection.execute(sa.select(scopes.c.failures, scopes.c.lease_token)).all()
        assert {tuple(row) for row in rows} == {(0, None)}, "it is no failure of the measurement"

    def test_waits_for_who_reads_its_scope(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        in_force(catalogue([ACTIVE], []))
        plan = ACTIVE.plan
        other = claim_whole(
            store,
            plan.scope.fingerprint,  # type: ignore[union-attr]
            now=clock.now(),
            lease_seconds=5,
        )
        assert other is not None
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            clock.advance(seconds=seconds)

        found = rebuild(catalogue([ACTIVE], []), wait=wait)["active"]

        assert sum(waits) == 5
        assert found.written == 29

    def test_gives_up_on_who_reads_its_scope_for_ever(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        in_force(catalogue([ACTIVE], []))
        plan = ACTIVE.plan
        claim_whole(
            store,
            plan.scope.fingerprint,  # type: ignore[union-attr]
            now=clock.now(),
            lease_seconds=9_999,
        )

        found = rebuild(catalogue([ACTIVE], []), wait=lambda _: None, run_seconds=3.0)["active"]

        assert found.error is not None
        assert "somebody else reads it" in found.error


class TestANumber:
    def test_is_asked_for_at_past_moments(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        found = rebuild(catalogue([GOODS], []))["goods"]

        assert [round(value or 0) for value in values(store, GOODS)] == list(range(1, 31))
        assert len(upstream.asked) == 1
        assert found.written == 30

    def test_is_left_empty_where_the_source_has_nothing(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.number = lambda at: None if at < START + 20 * DAY else 1.0

        found = rebuild(catalogue([GOODS], []))["goods"]

        assert len(values(store, GOODS)) == 10
        assert found.untold == ("Nothing is known of 20 of 30 moments.",)

    def test_says_why_the_first_of_them_is_not_known(
        self, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        def number(at: datetime) -> Number:
            if at < START + 5 * DAY:
                return Number(None, at, raw={"words": [f"kept since {START + 5 * DAY:%d %b}"]})
            return Number(1.0, at, partial=at < START + 6 * DAY, raw={"words": ["only in part"]})

        upstream.told = number

        found = rebuild(catalogue([GOODS], []))["goods"]

        assert found.untold == ("kept since 06 Jan", "Nothing is known of 6 of 30 moments.")

    def test_leaves_out_what_is_not_believed_and_says_so(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.number = lambda at: 900.0 if at < START + 5 * DAY else 1.0
        limited = replace(GOODS, plausible=Plausible(high=100))

        found = rebuild(catalogue([limited], []))["goods"]

        assert set(values(store, GOODS)) == {1.0}
        assert found.untold[0] == "Not believed: 900, at most 100 is plausible."

    def test_leaves_out_the_time_in_which_a_number_was_not_believed(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        limited = replace(GOODS, plausible=Plausible(step=1, confirm=9))
        what = catalogue([limited], [])
        in_force(what)
        begun = clock.now()
        upstream.number = lambda at: 7.0 if begun + 2 * DAY <= at < begun + 4 * DAY else 1.0
        for _ in range(4):
            clock.advance(days=1)
            measure(store, clock, upstream, what)

        rebuild(what)

        assert set(values(store, limited)) == {1.0}
