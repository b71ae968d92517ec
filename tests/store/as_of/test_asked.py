"""What is asked of a moment of the past: key results, closed periods, sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from syncd.intake.closing import close_period
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.schema import assessments
from syncd.store.told import key_known, known_since
from syncd.surfaces.asked import Asked, asked
from syncd.surfaces.detail import key_result_detail
from syncd.surfaces.documents import key_result_list
from tests.store.as_of.world import DAY, DUE, GIVEN, HOUR, Quarter, set_number, shown
from tests.store.catalogues import START, catalogue, key_result


class TestAKeyResult:
    def test_that_was_removed_later_is_told_with_its_title_and_target_of_then(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.read(4.0)
        quarter.look()
        before = quarter.clock.now()
        quarter.clock.advance(days=2)
        quarter.second, quarter.title, quarter.goal = False, "Other goods", 40.0
        quarter.put()
        quarter.look()

        told = shown(quarter.store, quarter.clock.now(), before)
        found = {one["id"]: one for one in told["key_results"]}

        assert found["b-1"]["status"] == "on_track"
        assert (found["a-1"]["title"], found["a-1"]["goal"]) == ("Goods", 10.0)
        with quarter.store.read() as connection:
            assert key_known(connection, "b-1", before) == "2026-Q1/b-1"
            assert key_known(connection, "b-1", quarter.clock.now()) is None

    def test_is_not_measured_yet_before_it_was_judged(self, quarter: Quarter) -> None:
        quarter.put()
        at = quarter.clock.now()
        quarter.clock.advance(hours=1)
        quarter.read(4.0)
        quarter.look()

        (first, *_) = shown(quarter.store, quarter.clock.now(), at)["key_results"]

        assert (first["status"], first["value"], first["progress"]) == ("no_data", None, None)
        assert first["reason"] == "Not measured yet."

    def test_has_the_evidence_that_was_written_down_by_then(self, quarter: Quarter) -> None:
        quarter.put()
        quarter.clock.advance(days=3)
        set_number(quarter, 2.0, DAY)
        quarter.look()
        at = quarter.clock.now()
        quarter.clock.advance(days=1)
        set_number(quarter, 7.0, 1.5 * DAY)
        quarter.look()

        with quarter.store.read() as connection:
            document = key_result_detail(
                connection, "2026-Q1/a-2", now=quarter.clock.now(), asked=Asked(at)
            )

        assert document["evidence"]["value"] == 2.0
        assert document["evidence"]["next_due_at"] is None
        assert [point["value"] for point in document["history"]] == [2.0]

    def test_of_a_period_that_was_closed_later_is_open_then_and_final_from_there_on(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.read(12.0)
        quarter.look()
        open_at = quarter.clock.now()
        quarter.clock.move_to(DUE + DAY)
        quarter.read(12.0)
        close_period(quarter.store, "2026-Q1", by="Ada", note=None, now=quarter.clock.now())
        closed_at = quarter.clock.now()
        quarter.clock.advance(days=9)

        before, after = (
            shown(quarter.store, quarter.clock.now(), at) for at in (open_at, closed_at + HOUR)
        )

        assert before == quarter.seen[open_at]
        assert before["periods"] == [("2026-Q1", None)]
        assert after["periods"][0][1].by == "Ada"
        assert {one["closed"]["by"] for one in after["key_results"]} == {"Ada"}


class TestAClosedPeriod:
    def test_is_explained_by_what_was_read_before_it_was_closed(
        self, store: Store, quarter: Quarter
    ) -> None:
        quarter.put()
        set_number(quarter, 5.0, timedelta(0))
        quarter.clock.move_to(DUE + DAY)
        quarter.read(12.0)
        another = replace(
            catalogue([GIVEN], [key_result("z-1", GIVEN, due=DUE + 90 * DAY)], period="2026-Q2"),
            starts=DUE,
        )
        put_in_force(
            store,
            quarter.catalogue(),
            another,
            interval_of=lambda _: 300.0,
            link_of=lambda _: None,
            now=quarter.clock.now(),
        )
        close_period(store, "2026-Q1", by="Ada", note=None, now=quarter.clock.now())

        def told() -> Any:
            with store.read() as connection:
                return key_result_detail(connection, "2026-Q1/a-2", now=quarter.clock.now())

        before = told()
        quarter.clock.advance(days=2)
        set_number(quarter, 9.0, timedelta(0))
        set_number(quarter, 8.0, 10 * DAY)
        quarter.look()

        assert before["evidence"]["value"] == 5.0
        assert told() == before


class TestASentence:
    def test_that_only_the_line_moves_is_kept_once_an_hour(self, quarter: Quarter) -> None:
        quarter.goal = 100_000.0
        quarter.put()
        quarter.clock.advance(days=14)
        for _ in range(12):
            quarter.clock.advance(minutes=20)
            quarter.read(30_000.0)
            quarter.look()

        with quarter.store.read() as connection:
            kept = connection.execute(
                sa.select(assessments.c.at)
                .where(assessments.c.key_result == "2026-Q1/a-1")
                .order_by(assessments.c.id)
            ).scalars()
            moments = list(kept)

        assert len({one["key_results"][0]["reason"] for one in quarter.seen.values()}) == 12
        assert len(moments) == 4
        assert all(later - one >= HOUR for one, later in pairwise(moments))


class TestTheQuestion:
    def test_is_refused_before_anything_was_known(self, quarter: Quarter) -> None:
        with quarter.store.read() as connection:
            assert known_since(connection) is None
            with pytest.raises(ValueError, match="no mapping files have been in force yet"):
                asked(connection, "2025-12-31", quarter.clock.now())
        quarter.put()

        with quarter.store.read() as connection:
            assert known_since(connection) == START
            with pytest.raises(ValueError, match="of which nothing had been told; expected a"):
                asked(connection, "2025-12-31", quarter.clock.now())

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("2026-02-01", "which has not come yet"),
            ("2026-02-30", "expected a day"),
            ("soon", "expected a day"),
            ("", "expected a day"),
        ],
    )
    def test_must_be_a_moment_of_the_past(self, quarter: Quarter, text: str, words: str) -> None:
        quarter.put()
        with quarter.store.read() as connection, pytest.raises(ValueError, match=words):
            asked(connection, text, quarter.clock.now())

    def test_of_a_day_is_of_its_last_moment_in_the_organisation_s_timezone(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.clock.advance(days=9)

        with quarter.store.read() as connection:
            found = asked(connection, "2026-01-02", quarter.clock.now())

        # midnight in Los Angeles is 8 in the morning in UTC
        assert found.at == START.replace(day=3) - timedelta(microseconds=1)

    def test_to_reconstruct_needs_a_moment(self, quarter: Quarter) -> None:
        with quarter.store.read() as connection, pytest.raises(ValueError, match="got none"):
            asked(connection, None, quarter.clock.now(), reconstructed=True)


def test_a_rebuilt_past_is_shown_only_where_it_is_asked_for(quarter: Quarter) -> None:
    quarter.clock.move_to(START + 5 * DAY)
    quarter.put()
    quarter.look()
    at = quarter.clock.now() + HOUR
    quarter.clock.advance(days=3)
    set_number(quarter, 6.0, 3 * DAY - HOUR / 2)
    quarter.look()

    def found(question: Asked) -> Any:
        with quarter.store.read() as connection:
            (one,) = (
                each
                for each in key_result_list(connection, ["2026-Q1"], question)
                if each["id"] == "a-2"
            )
        return one

    told, rebuilt = found(Asked(at)), found(Asked(at, reconstructed=True))

    assert (told["status"], told["value"]) == ("no_data", None)
    assert rebuilt["value"] == 6.0
    assert "it was not told then" in rebuilt["reason"]
    with quarter.store.read() as connection:
        words = {
            one["id"]: one["reason"]
            for one in key_result_list(connection, ["2026-Q1"], Asked(at, reconstructed=True))
        }
    assert words["a-1"] == "Nothing was rebuilt of that moment."
