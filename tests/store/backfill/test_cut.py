"""A rebuilding that is cut or refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from syncd.backfill import Progress
from syncd.store.engine import Store
from syncd.store.schema import backfills
from tests.store.backfill.world import (
    ACTIVE,
    COVERED,
    DAY,
    GOODS,
    LOWEST,
    NOW,
    Rebuild,
    told,
    values,
)
from tests.store.catalogues import catalogue
from tests.store.upstream import Upstream


class TestCut:
    @pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
    def test_it_goes_on_where_it_was(
        self, store: Store, upstream: Upstream, rebuild: Rebuild, after: int
    ) -> None:
        calls = 0

        def killed(progress: object) -> None:
            nonlocal calls
            calls += 1
            if calls == after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild(progress=killed)
        rebuild()

        assert len(upstream.histories) == 2, "one for each scope, and none again"
        assert values(store, ACTIVE) == [float(n) for n in range(1, 30)]
        assert len(values(store, COVERED)) == 29
        assert len(values(store, GOODS)) == 30
        with store.read() as connection:
            finished = connection.execute(sa.select(backfills.c.finished_at)).scalars().all()
        assert len(finished) == 5
        assert None not in finished

    def test_it_asks_a_source_only_for_what_is_left(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        calls = 0

        def killed(progress: object) -> None:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise KeyboardInterrupt

        what = catalogue([GOODS], [])
        with pytest.raises(KeyboardInterrupt):
            rebuild(what, progress=killed)

        rebuild(what)

        assert [len(asked) for asked in upstream.asked] == [30, 10]

    def test_done_twice_it_writes_nothing_twice(self, store: Store, rebuild: Rebuild) -> None:
        rebuild()
        before = {name: told(store, one) for name, one in [("a", ACTIVE), ("l", LOWEST)]}

        again = rebuild()

        assert {one.written for one in again.values()} == {0}
        assert {name: told(store, one) for name, one in [("a", ACTIVE), ("l", LOWEST)]} == before

    def test_progress_is_told_up_to_the_end(self, rebuild: Rebuild) -> None:
        seen: list[Progress] = []

        rebuild(catalogue([GOODS], []), progress=seen.append)

        assert [(one.indicator, one.done, one.total) for one in seen] == [
            ("goods", 0, 30),
            ("goods", 20, 30),
            ("goods", 30, 30),
        ]


class TestRefusals:
    def test_a_beginning_that_has_not_come(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="since: got"):
            rebuild(since=NOW)

    def test_an_end_that_has_not_come(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="until: got"):
            rebuild(until=NOW + DAY)

    def test_a_step_that_is_none(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="at least a minute"):
            rebuild(step=timedelta())

    def test_an_indicator_that_there_is_not(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="nobody"):
            rebuild(only=["nobody"])
