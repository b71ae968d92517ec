"""Who needs a key result: those of its own period, whatever ids are used in another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from syncd.model import Catalogue
from syncd.store.engine import Store
from syncd.store.told import dependants_known
from tests.store.catalogues import DUE, START, catalogue, key_result, scanned

DEVICES = scanned("completeness")
NEEDED = key_result("dcim-o1-kr1", DEVICES)
WAITS = key_result("ce-o1-kr1", DEVICES, needs=("dcim-o1-kr1",))
LATER = DUE + timedelta(days=90)


def test_a_key_result_is_needed_by_those_of_its_own_period(
    store: Store, in_force: Callable[..., None]
) -> None:
    one: Catalogue = catalogue([DEVICES], [NEEDED, WAITS], period="2026-Q1", starts=START, ends=DUE)
    other: Catalogue = catalogue([DEVICES], [NEEDED], period="2026-Q2", starts=DUE, ends=LATER)
    in_force(one, other)

    with store.read() as connection:
        needed_by = {
            each.key: [view.key_result.key for view in dependants_known(connection, each, None)]
            for period in (one, other)
            for each in period.key_results.values()
        }

    assert needed_by == {
        "2026-Q1/dcim-o1-kr1": ["2026-Q1/ce-o1-kr1"],
        "2026-Q1/ce-o1-kr1": [],
        "2026-Q2/dcim-o1-kr1": [],
    }
