"""`make soak`: a quarter of virtual time on both stores, with replicas, faults and kills at random.

Each option is also an environment variable: SOAK_SEED, SOAK_DAYS, SOAK_TURNS, SOAK_REPLICAS and
SOAK_STORE. The same seed, days and turns give the same upstreams, the same faults and the same
moments.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.peers.postgres import Postgres
from tests.soak.course import Course, NotTrue, Options, Tally
from tests.soak.organisation import Asking
from tests.soak.stores import no_clock, postgres_with_a_clock

_STORES = ("postgresql", "sqlite")
_WEIGHINGS = 120


def main() -> int:
    """0 when all of it was true."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    told = _options()
    seed = told.seed or random.SystemRandom().randint(1, 10**6)
    for store in _STORES if told.store == "both" else (told.store,):
        options = Options(
            seed=seed,
            days=told.days,
            turns=told.turns,
            replicas=told.replicas if store == "postgresql" else 1,
            looks=max(1, round(told.days / 7)),
            weighings=_WEIGHINGS,
            asking=Asking(attempts=2),
        )
        _line(f"{store}: SOAK_SEED={seed} SOAK_DAYS={told.days:g} SOAK_TURNS={told.turns}")
        began = time.monotonic()
        try:
            tally = _soaked(store, options)
        except NotTrue as fault:
            _line(f"NOT TRUE on {store}, with the seed {seed}:\n{fault}")
            return 1
        weights = [one.weight for one in tally.weighings]
        megabytes, files = [one.megabytes for one in weights], [one.files for one in weights]
        _line(
            f"{store}: all of it was true at {tally.looks} looks, in "
            f"{(time.monotonic() - began) / 60:.1f} min; the replica that stayed for the last "
            f"two thirds took {min(megabytes):.0f} to {max(megabytes):.0f} MB and "
            f"{min(files)} to {max(files)} files"
        )
    return 0


def _options() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="make soak", description=__doc__)
    said = os.environ.get
    words.add_argument("--seed", type=int, default=said("SOAK_SEED", "0"), help="0: any")
    words.add_argument("--days", type=float, default=said("SOAK_DAYS", "90"), help="of 90")
    words.add_argument("--turns", type=int, default=said("SOAK_TURNS", "2500"), help="of the clock")
    words.add_argument(
        "--replicas", type=int, default=said("SOAK_REPLICAS", "4"), help="the most at once"
    )
    words.add_argument("--store", choices=(*_STORES, "both"), default=said("SOAK_STORE", "both"))
    return words.parse_args()


def _soaked(store: str, options: Options) -> Tally:
    with tempfile.TemporaryDirectory(prefix="syncd-soak-") as name:
        folder = Path(name)
        if store == "sqlite":
            url = f"sqlite:///{folder / 'soak.db'}"
            return Course(options, folder, url, no_clock, _say).run()
        with Postgres() as postgres:
            url, show_clock = postgres_with_a_clock(postgres, "soak")
            return Course(options, folder, url, show_clock, _say).run()


def _say(tally: Tally) -> None:
    _line(f"  {tally}")


def _line(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
