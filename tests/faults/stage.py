"""Where the cells of one world are played: its front, and one store that is put back before each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from syncd.store.engine import Store
from tests.faults.front import Front
from tests.faults.running import Truth, begin, reads, truth, working
from tests.faults.worlds import BEFORE, BROKEN, World
from tests.store.made import made

PAGES = ("first", "middle", "last")


class Stage:
    """A world with its front, a store as it was before the fault, and what a store that never saw
    one tells at later moments; all that but the front is that of `like`, a stage of the same world.
    """

    def __init__(self, world: World, front: Front, folder: Path, like: Stage | None = None) -> None:
        self.world = world
        self.front = front
        if like is not None:
            self.__dict__ |= {**like.__dict__, "world": world, "front": front}
            return
        self._twins: dict[datetime, Truth] = {}
        self._before = folder / "before.db"
        self._cell = folder / "cell.db"
        # one store for all cells: another would think each of its statements out anew
        self._store = made(self._cell)
        world.clock.set(BEFORE)
        begin(world, self._store, front)
        with closing(sqlite3.connect(self._before)) as kept:
            self._copied(self._cell, kept)
        self.pages = {how: self._counted(how) for how in reads(world)}

    def close(self) -> None:
        self._store.close()

    def _counted(self, how: str) -> int:
        with self.store() as store:
            self.world.clock.set(BROKEN)
            self.front.mend()
            with working(self.world, store, self.front.url, how=how) as cycle:
                report = cycle()
            assert report.error_type is None
            assert how == "number" or report.full is (how == "full")
        pages = self.front.pages
        assert pages >= 3, f"{self.world.name}: {how}: only {pages} pages"
        return pages

    @staticmethod
    def _copied(path: Path, into: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(path)) as source:
            source.backup(into)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store as it was before the fault; one at a time."""
        with closing(sqlite3.connect(self._cell)) as cell:
            self._copied(self._before, cell)
        yield self._store

    def page(self, how: str, named: str) -> int:
        """The number of a page of a run that reads like this."""
        pages = self.pages[how]
        return {"begin": 0, "first": 1, "middle": (pages + 1) // 2, "last": pages}[named]

    def never_broken(self, now: datetime) -> Truth:
        """What a store tells at this moment that never saw a fault, and reads everything."""
        if now not in self._twins:
            self.front.mend()
            self.world.clock.set(now)
            with (
                self.store() as store,
                working(self.world, store, self.front.url, how=reads(self.world)[0]) as cycle,
            ):
                assert cycle().error_type is None
                self._twins[now] = truth(store, now)
        return self._twins[now]
