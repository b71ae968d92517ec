"""Numbers that people give: how they are written, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.clock import ManualClock
from syncd.intake.manual import Given, parsed, set_number
from syncd.intake.texts import Refused, Unknown
from syncd.mapping.quantity import written
from syncd.model import Indicator, Manual, Origin
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.read import feed, indicator_views
from tests.store.catalogues import START, catalogue, key_result, numbered
from tests.store.made import made

WEEK = 7 * 86_400.0


def by_hand(name: str | None, dimension: Dimension, unit: str | None) -> Indicator:
    definition = {"measure": "manual", "unit": unit, "stale_after": "7 d", "for": name or "inline"}
    return Indicator(name, "manual", None, Manual(WEEK), dimension, unit, definition)


SHARE = by_hand("support_coverage", Dimension.RATIO, "percent")
PRICE = by_hand("host_price", Dimension.OTHER, "USD/host/h")
INLINE = by_hand(None, Dimension.COUNT, None)
MEASURED = numbered("out_of_stock")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + timedelta(days=30))


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    every = [SHARE, PRICE, INLINE, MEASURED]
    put_in_force(
        opened,
        catalogue(every, [key_result("ops-o1-kr1", INLINE), key_result("ops-o1-kr2", MEASURED)]),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    yield opened
    opened.close()


class TestAValue:
    @pytest.mark.parametrize(
        ("text", "dimension", "unit", "value"),
        [
            ("62 %", Dimension.RATIO, "percent", 0.62),
            ("0.62 x", Dimension.RATIO, "ratio", 0.62),
            (" 3 ", Dimension.COUNT, None, 3.0),
            ("-1.5", Dimension.OTHER, "USD/host/h", -1.5),
            ("2.5 USD/host/h", Dimension.OTHER, "USD/host/h", 2.5),
            ("36 h", Dimension.DURATION, "d", 129_600.0),
        ],
    )
    def test_is_read_as_mapping_files_are(
        self, text: str, dimension: Dimension, unit: str | None, value: float
    ) -> None:
        assert parsed(text, dimension, unit) == pytest.approx(value)

    @pytest.mark.parametrize(
        ("text", "dimension", "unit", "fix"),
        [
            ("62", Dimension.RATIO, "percent", "62 %"),
            ("0.62", Dimension.RATIO, "ratio", "62 %"),
            ("62%", Dimension.RATIO, "percent", "62 %"),
            ("3 d", Dimension.COUNT, None, "3"),
            ("5m", Dimension.DURATION, "min", "5 min"),
            ("2.5 EUR", Dimension.OTHER, "USD/host/h", "2.5 USD/host/h"),
            ("1e5", Dimension.COUNT, None, ""),
            ("nan", Dimension.OTHER, "USD", "3"),
            ("inf", Dimension.COUNT, None, "3"),
            ("9" * 400, Dimension.COUNT, None, ""),
            ("", Dimension.RATIO, "percent", "80 %"),
        ],
    )
    def test_that_is_written_otherwise_is_refused_with_how_to_write_it(
        self, text: str, dimension: Dimension, unit: str | None, fix: str
    ) -> None:
        with pytest.raises(Refused, match=r"^value: got .*; expected .*; fix: ") as refused:
            parsed(text, dimension, unit)

        assert f"; fix: {fix}" in str(refused.value)

    @given(st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda value: round(value, 6)))
    def test_comes_back_as_it_was_written(self, value: float) -> None:
        assert parsed(written(value, Dimension.OTHER, "USD"), Dimension.OTHER, "USD") == value


class TestSetting:
    def test_writes_a_reading_with_who_said_so(self, store: Store, clock: ManualClock) -> None:
        told = Given("62 %", by="Ada", note="the contract\n is signed")
        found = set_number(store, "support_coverage", told, now=clock.now())

        assert (found.value, found.text, found.at) == (0.62, "62 %", clock.now())
        with store.read() as connection:
            (view,) = indicator_views(connection, {SHARE.fingerprint})
            (event,) = feed(connection, subject="support_coverage")
        assert view.reading is not None
        assert view.reading.value == 0.62
        assert view.reading.origin is Origin.MANUAL
        assert view.reading.details == {"by": "Ada", "note": "the contract is signed"}
        assert "Ada" in event.text

    def test_as_of_a_past_day_is_of_that_days_end_in_the_organisations_timezone(
        self, store: Store, clock: ManualClock
    ) -> None:
        told = Given("3", by="Ada", at="2026-01-15")
        found = set_number(store, INLINE.fingerprint, told, now=clock.now())

        assert found.document()["at"] == "2026-01-16T08:00:00Z"

    def test_a_nameless_one_is_set_by_the_key_result_it_is_in(
        self, store: Store, clock: ManualClock
    ) -> None:
        found = set_number(store, "ops-o1-kr1", Given("4", by="Ada"), now=clock.now())

        assert found.indicator == INLINE.fingerprint

    @pytest.mark.parametrize("name", ["out_of_stock", "ops-o1-kr2", MEASURED.fingerprint])
    def test_what_is_measured_cannot_be_set(
        self, store: Store, clock: ManualClock, name: str
    ) -> None:
        with pytest.raises(Refused, match=r"is measured \(test\.number\).*support_coverage"):
            set_number(store, name, Given("4", by="Ada"), now=clock.now())

    def test_an_unknown_name_is_answered_with_the_nearest(
        self, store: Store, clock: ManualClock
    ) -> None:
        with pytest.raises(Unknown, match=r"did you mean support_coverage\?"):
            set_number(store, "suport_coverage", Given("4 %", by="Ada"), now=clock.now())

    @pytest.mark.parametrize(
        ("given", "key"),
        [
            (Given("62", by="Ada"), "value"),
            (Given("62 %", by=" "), "by"),
            (Given("62 %", by="A" * 300), "by"),
            (Given("62 %", by="Ada", note="long" * 1000), "note"),
            (Given("62 %", by="Ada", at="2026-03-01"), "at"),
            (Given("62 %", by="Ada", at="soon"), "at"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_nothing_is_written(
        self, store: Store, clock: ManualClock, given: Given, key: str
    ) -> None:
        with pytest.raises(Refused, match=f"^{key}: got"):
            set_number(store, "support_coverage", given, now=clock.now())

        with store.read() as connection:
            (view,) = indicator_views(connection, {SHARE.fingerprint})
            assert view.reading is None
            assert feed(connection, subject="support_coverage") == []

    def test_where_nobody_sets_anything_the_words_say_how_one_would(
        self, tmp_path: Path, clock: ManualClock
    ) -> None:
        empty = made(tmp_path / "empty.db")

        with pytest.raises(Unknown, match="measure: manual"):
            set_number(empty, "support_coverage", Given("4 %", by="Ada"), now=clock.now())
        empty.close()
