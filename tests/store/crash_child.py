"""Publishes and assesses without end, until it is killed. Run by `test_crash`.

Each turn adds one object, so that at any moment the cursor, the objects, the verdicts and the
reading must all say the same number.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from connectors.base import Batch, judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import AdjustmentKind
from syncd.store.adjusting import say
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.engine import Store
from syncd.store.outbox import register
from syncd.store.publish import begin, publish_scan, stage_batch
from tests.store.catalogues import Named, catalogue, judged, key_result, scanned
from tests.store.state import assess_all, newest_moment

JUDGES = (judge_fingerprint(Named("complete")),)


def main(url: str) -> None:
    store = Store(url)
    store.migrate()
    clock = ManualClock(newest_moment(store) + timedelta(minutes=10))
    register(store, ["webhook:ops"], clock.now())
    indicator = scanned("completeness")
    put_in_force(
        store,
        catalogue([indicator], [key_result("dcim-o1-kr1", indicator)]),
        interval_of=lambda _: 60.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        clock.advance(minutes=2)
        (claim,) = claim_due(
            store,
            now=clock.now(),
            room={"netbox": 1},
            lease_seconds=60,
            full_every_seconds=1e9,
        )
        begin(store, claim)
        cursor = claim.cursor or claim.resume or {"n": 0}
        n = int(cursor["n"]) + 1
        new = tuple(judged(clock.now(), passing=[f"{n:08}"]))
        if claim.cursor is None:
            stage_batch(store, claim, JUDGES, Batch((new,), resume={"n": n}))
            new = ()
        publish_scan(
            store,
            claim,
            JUDGES,
            Batch((new,), cursor={"n": n}),
            observed_at=clock.now(),
            now=clock.now(),
        )
        say_of_it(store, clock)
        assess_all(store, clock)


def say_of_it(store: Store, clock: ManualClock) -> None:
    """A note in each turn, so that each tells something."""
    kind = AdjustmentKind.NOTE
    say(store, "dcim-o1-kr1", kind, by="x", reason="y", since=clock.now(), now=clock.now())


if __name__ == "__main__":
    main(sys.argv[1])
