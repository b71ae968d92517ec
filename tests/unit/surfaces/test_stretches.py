"""What follows a place in the feed is made once for all who stand there, and nobody misses any of
it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model import Event, EventKind
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.feed import Wanted
from syncd.surfaces import stretches
from syncd.surfaces.stretches import Place, Stretch, Stretches, read_stretch
from tests.store.catalogues import START

BASE = "https://syncd.example"
SOME = Stretch((), 5, is_last=False)
NOTHING = Stretch((), 0, is_last=True)


def place(position: int = 0) -> Place:
    return Place(Wanted(), BASE, position)


class Reading:
    """Answers what it is given, an error too, when it is let go on; counts."""

    def __init__(self, *answers: Stretch | Exception) -> None:
        self.times = 0
        self.go_on = asyncio.Event()
        self._answers = iter(answers)

    async def __call__(self) -> Stretch:
        self.times += 1
        await self.go_on.wait()
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def asked_together(read: Reading, many: int) -> list[Stretch | BaseException]:
    found = Stretches()
    asking = [asyncio.create_task(found.after(place(), read)) for _ in range(many)]
    await asyncio.sleep(0)
    read.go_on.set()
    return await asyncio.gather(*asking, return_exceptions=True)


def test_many_at_one_place_have_it_read_once() -> None:
    async def case() -> None:
        read = Reading(SOME)
        assert await asked_together(read, 50) == [SOME] * 50
        assert read.times == 1

    asyncio.run(case())


def test_who_leaves_takes_nothing_from_the_others() -> None:
    async def case() -> None:
        read, found = Reading(SOME), Stretches()
        first = asyncio.create_task(found.after(place(), read))
        second = asyncio.create_task(found.after(place(), read))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        read.go_on.set()
        assert await second == SOME

    asyncio.run(case())


def test_what_could_not_be_read_is_told_to_all_and_tried_again() -> None:
    async def case() -> None:
        failed, found = ValueError("the store is away"), Stretches()
        read = Reading(failed, SOME)
        read.go_on.set()
        with pytest.raises(ValueError, match="away"):
            await found.after(place(), read)
        assert await found.after(place(), read) == SOME

    asyncio.run(case())


def test_that_nothing_was_told_yet_is_not_kept() -> None:
    async def case() -> None:
        read, found = Reading(NOTHING, SOME), Stretches()
        read.go_on.set()
        assert await found.after(place(), read) == NOTHING
        assert await found.after(place(), read) == SOME

    asyncio.run(case())


def test_only_the_last_are_kept() -> None:
    async def case() -> None:
        found, many = Stretches(), stretches.KEPT + 1
        read = Reading(*[Stretch((), 10**6, is_last=False)] * (many + 1))
        read.go_on.set()
        for position in [*range(many), many - 1, 0]:
            await found.after(place(position), read)
        assert read.times == many + 1  # the newest was kept, the oldest was not

    asyncio.run(case())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A feed of events of two kinds and very different lengths."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('stretches') / 's.db'}")
    store.migrate()
    kinds = [EventKind.SOURCE_FAILING, EventKind.MISSED]
    with store.write() as connection:
        append_events(
            connection,
            [
                Event(START, kinds[n % 7 == 0], "x", f"event {n}", "x" * (n * 37 % 1900), "timeout")
                for n in range(430)
            ],
        )
    yield store
    store.close()


@given(start=st.integers(0, 430), filtered=st.booleans())
def test_stretch_by_stretch_a_reader_gets_all_that_it_wants_once_and_in_order(
    told: Store, start: int, filtered: bool
) -> None:
    wanted = Wanted(kinds=("missed",)) if filtered else Wanted()
    seen: list[int] = []
    at, last = start, False

    while not last:
        stretch = read_stretch(told, Place(wanted, BASE, at))
        for piece in stretch.pieces:
            said = [json.loads(line[6:]) for line in lines(piece.text) if line[:6] == "data: "]
            seen += [one["position"] for one in said]
            assert piece.end == seen[-1]
            assert len(piece.text) < stretches.PIECE_BYTES + 3000  # one event more than it needs
        assert stretch.end >= at
        at, last = stretch.end, stretch.is_last

    assert seen == [n for n in range(start + 1, 431) if not filtered or (n - 1) % 7 == 0]
    assert at == 430


def lines(text: bytes) -> list[str]:
    return text.decode().split("\r\n")
