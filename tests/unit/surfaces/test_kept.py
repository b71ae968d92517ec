"""The company page costs what has changed, and is what a page would be that is made anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.requests import Request

from connectors.base import Number
from syncd.judging import judge
from syncd.model import (
    AdjustmentKind,
    Catalogue,
    Combining,
    External,
    ExternalState,
    Objective,
    Status,
    Target,
    TargetType,
)
from syncd.store.adjusting import adjustment_views, say, withdraw
from syncd.store.assessing import assessing
from syncd.store.backfilling import Past, write_past
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.compacting import compact
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.publish import begin, publish_number
from syncd.store.readings import Content
from syncd.store.removing import Keep
from syncd.store.schema import assessments, compactions
from syncd.surfaces.kept import Kept
from syncd.surfaces.pages import Pages
from tests.bench.bench_world import spread_over
from tests.bench.statements import countable, counted
from tests.store.catalogues import DUE, START, by_hand, catalogue, combined, key_result, numbered
from tests.store.made import made
from tests.store.state import say_state

ONE, TWO = numbered("one"), numbered("two", query="down")
HAND, BASE = by_hand("hand"), by_hand("base")
BOTH = combined("both", Combining.SUM, TWO, HAND)
GROWS = Target(TargetType.INCREASE, goal=100.0, start=0.0)
FROM_BASE = Target(TargetType.INCREASE, goal=100.0, start_from=BASE.fingerprint)
DAY = timedelta(days=1)
QUERIES = ("", "sort=age", "sort=pace", "team=ce", "q=anew", "period=2026-Q1", "offset=1")

FIRST = catalogue(
    [ONE, TWO, HAND, BASE, BOTH],
    [
        key_result("dcim-o1-kr1", ONE, target=GROWS),
        key_result("dcim-o1-kr2", ONE, target=Target(TargetType.AT_LEAST, goal=50.0)),
        key_result("dcim-o2-kr1", HAND, target=FROM_BASE),
        key_result("ce-o1-kr1", TWO, target=GROWS, needs=("external:optics", "dcim-o1-kr1")),
        key_result("ce-o1-kr2", BOTH, target=GROWS, duplicate_of="dcim-o1-kr1"),
        key_result("ce-o2-kr1", HAND, target=GROWS, due=DUE - 30 * DAY),
    ],
    [External("optics", "Optics arrive")],
    objectives=[Objective("dcim-o1", "Objective", "dcim", joint_team="ce", joint_id="ce-o9")],
    period="2026-Q1",
    starts=START,
    ends=DUE,
)


@dataclass
class Life:
    """A store, its time, and what happens in it by chance."""

    store: Store
    rng: random.Random
    time: datetime = START
    wanted: Catalogue = FIRST
    done: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """The clock of who reads."""
        return self.time

    def put(self) -> None:
        """The mapping files are loaded."""
        put_in_force(
            self.store,
            self.wanted,
            interval_of=lambda _: self.rng.choice((300.0, 86_400.0)),
            link_of=lambda _: None,
            now=self.time,
        )

    def key(self) -> str:
        """One of the key results."""
        return f"2026-Q1/{self.rng.choice(list(self.wanted.key_results))}"

    # ------------------------------------------------------------------------ what happens

    def seconds_go_by(self) -> None:
        self.time += timedelta(seconds=self.rng.randint(1, 200))

    def hours_go_by(self) -> None:
        self.time += timedelta(hours=self.rng.randint(1, 30))

    def a_reader_comes_whose_clock_is_behind(self) -> None:
        self.time = max(START, self.time - timedelta(minutes=self.rng.randint(1, 3)))

    def numbers_are_read(self) -> None:
        for claim in claim_due(
            self.store,
            now=self.time,
            room={"prometheus": 10},
            lease_seconds=60,
            full_every_seconds=86_400,
        ):
            begin(self.store, claim)
            number = Number(self.rng.choice((None, self.rng.uniform(0, 100))), self.time)
            publish_number(self.store, claim, number, now=self.time)

    def key_results_are_judged(self) -> None:
        with assessing(self.store, now=self.time) as work:
            judge(work, self.time)

    def a_worker_judges_whose_clock_is_ahead(self) -> None:
        ahead = self.time + timedelta(seconds=self.rng.randint(1, 90))
        with assessing(self.store, now=ahead) as work:
            judge(work, ahead)

    def a_person_gives_a_number(self) -> None:
        back = self.rng.choice((timedelta(), timedelta(hours=3), 5 * DAY))
        record_manual(
            self.store,
            self.rng.choice(("hand", "base")),
            self.rng.uniform(0, 60),
            note=None,
            by="Ada",
            at=max(START, self.time - back),
            now=self.time,
        )

    def a_person_says_something(self) -> None:
        kind = self.rng.choice(list(AdjustmentKind))
        say(
            self.store,
            self.key(),
            kind,
            by="Ada",
            reason="because",
            since=self.time - self.rng.choice((timedelta(), DAY)),
            now=self.time,
            until=None if kind is AdjustmentKind.NOTE else self.time + 2 * DAY,
            status=Status.ON_TRACK if kind is AdjustmentKind.OVERRIDE else None,
        )

    def a_person_takes_it_back(self) -> None:
        with self.store.read() as connection:
            said = [one for one in adjustment_views(connection) if one.in_force_at(self.time)]
        if said:
            one = self.rng.choice(said)
            withdraw(self.store, int(one.said.id), of=None, by="Ada", reason="no", now=self.time)

    def somebody_outside_is_late(self) -> None:
        state = self.rng.choice(list(ExternalState))
        say_state(self.store, "optics", state, self.time, note="")

    def mapping_files_are_edited(self) -> None:
        name = self.rng.choice(list(FIRST.key_results))
        old = FIRST.key_results[name]
        edited = self.rng.choice(
            (
                replace(old, title=f"Said anew {self.rng.random()}"),
                replace(old, target=replace(GROWS, goal=self.rng.uniform(50, 200))),
                replace(old, indicator=self.rng.choice((ONE, TWO, HAND)).fingerprint),
                old,
            )
        )
        found = {**self.wanted.key_results, name: edited}
        if self.rng.random() < 0.2:
            found.pop(self.rng.choice(("dcim-o1-kr2", "ce-o2-kr1")), None)
        order = list(found.items())
        self.rng.shuffle(order)
        self.wanted = replace(FIRST, key_results=dict(order), digest=str(self.rng.random()))
        self.put()

    def the_past_is_rebuilt(self) -> None:
        moments = [self.time - n * DAY for n in range(12, 1, -1) if self.time - n * DAY > START]
        found = tuple((at, Content(self.rng.uniform(0, 60))) for at in moments)
        for one in self.rng.sample([ONE, TWO], 1):
            write_past(
                self.store,
                one.fingerprint,
                Past(found),
                step=DAY,
                position=self.time,
                now=self.time,
            )

    def the_past_is_compacted(self) -> None:
        compact(self.store, self.now, Keep(DAY, DAY, DAY), every=DAY, due=False)


STEPS: tuple[tuple[Callable[[Life], None], int], ...] = (
    (Life.seconds_go_by, 6),
    (Life.hours_go_by, 6),
    (Life.a_reader_comes_whose_clock_is_behind, 1),
    (Life.numbers_are_read, 5),
    (Life.key_results_are_judged, 6),
    (Life.a_worker_judges_whose_clock_is_ahead, 2),
    (Life.a_person_gives_a_number, 3),
    (Life.a_person_says_something, 2),
    (Life.a_person_takes_it_back, 1),
    (Life.somebody_outside_is_late, 1),
    (Life.mapping_files_are_edited, 1),
    (Life.the_past_is_rebuilt, 1),
    (Life.the_past_is_compacted, 1),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = made(tmp_path / "syncd.db")
    yield found
    found.close()


def page(pages: Pages, query: str) -> str:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    return bytes(pages.company(Request({**scope, "query_string": query.encode()})).body).decode()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [1_000, 2])
def test_a_page_is_what_it_would_be_if_it_were_made_anew(
    store: Store, seed: int, most: int
) -> None:
    life = Life(store, random.Random(seed))
    life.put()
    # with room for two the rest is pushed out and comes in again
    pages = Pages(store, life, demo=False, kept=Kept(most, most))

    for _ in range(60):
        (step,) = life.rng.choices([it for it, _ in STEPS], [often for _, often in STEPS])
        step(life)
        life.done.append(step.__name__)
        query = life.rng.choice(QUERIES)

        found = page(pages, query)

        assert found == page(Pages(store, life, demo=False), query), life.done


def test_what_left_the_store_is_shown_no_more(store: Store) -> None:
    life = Life(store, random.Random(0))
    life.put()
    pages = Pages(store, life, demo=False)
    for _ in range(3):
        life.time += DAY
        life.numbers_are_read()
        life.key_results_are_judged()
    before = page(pages, "")

    with store.write() as connection:
        connection.execute(sa.delete(assessments).where(assessments.c.at < life.time - DAY))
        connection.execute(
            sa.insert(compactions).values(kind="assessments", removed=6, next_due_at=life.time)
        )

    assert before != page(pages, "") == page(Pages(store, life, demo=False), "")


def test_a_page_costs_what_has_changed(tmp_path: Path) -> None:
    wanted = spread_over([numbered(f"n{n}", query=f"q{n}") for n in range(5)], 40)
    with countable():
        store = made(tmp_path / "syncd.db")
        life = Life(store, random.Random(0), wanted=wanted)
        life.put()
        pages = Pages(store, life, demo=False)
        for _ in range(20):
            life.time += DAY
            life.numbers_are_read()
            life.key_results_are_judged()
        read = []
        for time in ("first", "nothing", "one"):
            if time == "one":
                note(store, life)
            with counted() as tally:
                page(pages, "")
            read.append(tally.rows_read)
        store.close()

    first, nothing, one = read
    assert nothing < first / 10
    assert one - nothing < 30, "one key result and its last two days"


def note(store: Store, life: Life) -> None:
    """Somebody says something of one key result."""
    key, now = next(iter(life.wanted.key_results)), life.time
    say(store, key, AdjustmentKind.NOTE, by="Ada", reason="why", since=now, now=now)
