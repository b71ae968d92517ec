"""What the tests of this folder share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.judging import judge_due
from syncd.model import Catalogue, Checkpoint, Ending, External, Objective, Target, TargetType
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.periods import choose
from syncd.store.publish import begin, publish_number
from syncd.store.told import periods_known
from syncd.surfaces.asked import Asked
from syncd.surfaces.documents import key_result_list
from syncd.surfaces.people import adjustment_list, external_list
from syncd.surfaces.rollups import rollup_list
from tests.store.catalogues import START, by_hand, catalogue, key_result, numbered

GOODS, OTHER, GIVEN = numbered("goods"), numbered("other", query="other"), by_hand("given")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DUE = START + 30 * DAY
NOT_KEPT = ("observed_at", "assessed_at", "forecast", "forecast_text", "error", "failing_since")
"""Of these only what was told with something else is kept."""


@dataclass
class Quarter:
    """A store that is driven, and what its readers were told at each step."""

    store: Store
    clock: ManualClock
    goal: float = 10.0
    title: str = "Goods"
    second: bool = True
    given_up: datetime | None = None
    seen: dict[datetime, Any] = field(default_factory=dict)

    def catalogue(self) -> Catalogue:
        """The mapping files as they are at present."""
        target = Target(TargetType.AT_LEAST, goal=self.goal)
        ending = None if self.given_up is None else Ending(self.given_up, "not worth it")
        krs = [
            key_result(
                "a-1",
                GOODS,
                target=target,
                due=DUE,
                title=self.title,
                checkpoints=(Checkpoint(START + 10 * DAY, self.goal / 2),),
                needs=("b-1", "external:vendor") if self.second else ("external:vendor",),
            ),
            key_result("a-2", GIVEN, target=Target(TargetType.INCREASE, goal=9.0), due=DUE),
            key_result("c-1", OTHER, target=target, due=DUE, ending=ending),
        ]
        if self.second:
            krs.append(key_result("b-1", OTHER, target=target, due=DUE - 5 * DAY))
        externals = [External("vendor", f"Vendor of {self.title}", due=DUE - DAY)]
        return catalogue(
            [GOODS, OTHER, GIVEN],
            krs,
            externals,
            period="2026-Q1",
            starts=START,
            ends=DUE,
            objectives=[Objective("a", f"Of {self.title}", "a")],
        )

    def put(self) -> None:
        """Puts the mapping files in force."""
        put_in_force(
            self.store,
            self.catalogue(),
            interval_of=lambda _: 300.0,
            link_of=lambda _: None,
            now=self.clock.now(),
        )

    def read(self, value: float) -> None:
        """Every query that is due answers with a value."""
        now = self.clock.now()
        claims = claim_due(
            self.store,
            now=now,
            room={"prometheus": 10},
            lease_seconds=60,
            full_every_seconds=86_400,
        )
        for one in claims:
            begin(self.store, one)
            publish_number(self.store, one, Number(value, now), now=now)

    def look(self) -> None:
        """Judges all that is due, and remembers what a reader is told."""
        now = self.clock.now()
        while judge_due(self.store, now=now):
            pass
        self.seen[now] = shown(self.store, now)


def shown(store: Store, now: datetime, at: datetime | None = None) -> dict[str, Any]:
    """All that readers are told of a quarter, now or as of `at`."""
    question = Asked(at)
    with store.read() as connection:
        chosen = choose(periods_known(connection, at), None, at or now)
        periods = [one.period.id for one in chosen]
        return {
            "periods": [(one.period.title, one.closed) for one in chosen],
            "key_results": [
                {name: value for name, value in one.items() if name not in NOT_KEPT}
                for one in key_result_list(connection, periods, question)
            ],
            "rollups": rollup_list(connection, chosen, question),
            "externals": external_list(connection, at),
            "adjustments": adjustment_list(connection, now=at or now, told_by=at),
        }


def second(quarter: Quarter, present: bool) -> None:
    quarter.second = present
    quarter.put()


def set_number(quarter: Quarter, value: float, late: timedelta) -> None:
    now = quarter.clock.now()
    record_manual(quarter.store, "given", value, note=None, by="Ada", at=now - late, now=now)
