"""What a session finds in a real Prometheus that keeps samples for an hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.base import Measure, SilentObserver, SourceConfig
from connectors.checkup import Checkup, Examinable, Finding, Wanted
from connectors.prometheus import connector
from connectors.prometheus.measures import Query, Range

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus

SECONDS = 30.0


def examined(
    url: str, measures: Sequence[Measure], **options: str
) -> dict[str, list[tuple[str, str]]]:
    """Level and words of what is found, by what it is about."""
    config = SourceConfig(name="prometheus", kind="prometheus", url=url, options=options)
    session = connector.open(config, SilentObserver())
    try:
        assert isinstance(session, Examinable)
        deadline = time.monotonic() + SECONDS
        wanted = [
            Wanted(f"m{number}", one.plan("prometheus")) for number, one in enumerate(measures)
        ]
        found: dict[str, list[tuple[str, str]]] = {}
        identity = session.identify(deadline)
        each: Finding
        for each in session.examine(Checkup(wanted, identity, datetime.now(UTC), deadline)):
            found.setdefault(each.about, []).append((each.level.value, each.says))
        return found
    finally:
        session.close()


def test_a_window_longer_than_samples_are_kept_and_a_metric_that_is_not_there_are_told(
    prometheus_server: Callable[..., Prometheus],
) -> None:
    url = prometheus_server(retention="1h").url
    week = Range(measure="prometheus.range", query="gone", window="7 d", aggregate="avg")
    hour = Query(measure="prometheus.query", query="sum(increase(gone[1h]))")

    found = examined(url, [week, hour])

    ((level, says),) = found["retention"]
    assert (level, says.split()[0]) == ("problem", "m0")
    assert says.endswith("they are kept for 1 h")
    assert found["metrics"] == [("warning", "no samples of gone now; m0, m1 ask for it")]
    assert found["version"][0][0] in ("ok", "unknown")
    # the source's settings know better, where a store behind it keeps more
    assert examined(url, [week, hour], retention="30 d")["retention"][0][0] == "ok"
