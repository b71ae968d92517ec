"""Alerts that need nobody at night (P1 and below): when they fired, and when somebody wrote them
down as an issue. Prometheus knows the first, Jira the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from syncd.demo.quarter.clusters import clusters
from syncd.demo.quarter.days import DAYS, FIRST_DAY, Curve, at, theme, value

_WRITTEN_DOWN: Curve = (
    (date(2026, 1, 1), 0.55), (date(2026, 2, 10), 0.82), (date(2026, 2, 27), 0.93),
    (date(2026, 3, 3), 1.0),
)  # fmt: skip
_KINDS = (
    "DiskFillingUp", "CertificateExpiresSoon", "NodeClockSkew", "ExporterDown", "PodCrashLooping",
    "FanSpeedLow", "LinkErrorsRising", "BackupOverdue", "QuotaNearlyUsed",
)  # fmt: skip
_BEFORE, _EVERY = 30, 1.4
"""How many days before the quarter they begin, and how many lie between two of them."""


@dataclass(frozen=True)
class Alert:
    """One alert, firing from `fired` until `ended`; `written` down as an issue, None: never."""

    key: str
    name: str
    severity: str
    cluster: str
    fired: datetime
    ended: datetime
    written: datetime | None


def alerts(rng_seed: int) -> list[Alert]:
    """Every alert from a month before the quarter to its end, in order."""
    rng = theme(rng_seed, "alerts")
    names = [each.name for each in clusters(rng_seed)[:60]]
    found = []
    day = -float(_BEFORE)
    while day < DAYS - 1:
        date_ = FIRST_DAY + timedelta(days=int(day // 1))
        fired = at(date_, rng.uniform(0, 24))
        written = None
        if rng.random() < value(_WRITTEN_DOWN, date_):
            written = fired + timedelta(minutes=rng.randint(12, 300))
        name, cluster = rng.choice(_KINDS), rng.choice(names)
        found.append(
            Alert(
                key=f"{name.lower()}/{cluster}/{fired:%m%d%H%M}",
                name=name,
                severity=rng.choice(("P1", "P2", "P2", "P3")),
                cluster=cluster,
                fired=fired,
                ended=fired + timedelta(minutes=rng.randint(30, 1800)),
                written=written,
            )
        )
        day += rng.uniform(0.4, 2 * _EVERY - 0.4)
    return found
