"""How many objects there were, as far as the change log tells."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from connectors.base import Number
from syncd.demo.netbox.world import LogRow
from tests.unit.connectors.netbox.forgetful import FIRST, Forgetful, before, device, nothing
from tests.unit.connectors.netbox.sandboxed import (
    HOURS,
    SCOPE,
    at,
    counted,
    opened,
    surroundings,
    text,
)

TENTHS = range(5, 100, 10)


def counts(
    *devices: dict[str, Any],
    lost: Any = nothing,
    hours: Sequence[int] = TENTHS,
    scope: dict[str, Any] = SCOPE,
) -> list[Number]:
    """How many there were at these hours, as told much later."""
    with Forgetful({**surroundings(), "devices": [FIRST, *devices]}, lost) as upstream:
        upstream.moment = at(HOURS)
        session = opened(upstream.url)
        moments = [at(hour) for hour in hours]
        told = list(session.history(counted(scope), moments, time.monotonic() + 30))
        session.close()
    assert [number.observed_at for number in told] == moments
    return told


def test_a_count_is_known_of_the_past() -> None:
    told = counts(
        device(1, (30, {"status": "offline"}), (60, {"status": "active"})),
        device(2, deleted_at=text(50)),
        device(3, (40, {"site": "s2"}), site="s3"),
    )

    assert [number.value for number in told] == [0, 2, 2, 1, 2, 1, 2, 2, 2, 2]
    assert told[1] == Number(2.0, at(15), objects=2, raw={"count": 2})


def test_a_count_of_before_the_log_begins_is_not_known_and_says_why() -> None:
    told = counts(device(1), device(2, (60, {"serial": "A"})), lost=before(50))

    assert [number.value for number in told] == [None] * 6 + [2] * 4
    assert "change log begins" in told[0].raw["words"][0]


def test_a_count_is_not_known_before_a_change_that_was_not_logged() -> None:
    def lost(row: LogRow) -> bool:
        return row.time == at(20)

    edits = ((20, {"status": "planned"}), (60, {"status": "active"}))
    told = counts(device(1, *edits), device(2), lost=lost)

    assert [number.value for number in told] == [None] * 6 + [2] * 4
    assert told[0].raw["words"] == [
        "1 object changed without a row in the change log: told from the next row on"
    ]


def test_an_object_is_counted_from_when_it_was_created_until_it_was_deleted() -> None:
    told = counts(device(1, deleted_at=text(50)), hours=(9, 10, 49, 50))

    assert [number.value for number in told] == [0, 1, 1, 0]


def test_a_count_by_a_filter_that_objects_themselves_cannot_answer_says_so_of_each_moment() -> None:
    told = counts(device(1), hours=(20, 30), scope={**SCOPE, "filter": {"manufacturer": "acme"}})

    assert [number.value for number in told] == [None, None]
    for number in told:
        [words] = number.raw["words"]
        assert words.startswith("The filter manufacturer cannot be tested on what objects were")
