"""Trying mappings on the sources they name, without writing anything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connectors.base import (
    NumberPlan,
    Plan,
    ScanJob,
    ScanPlan,
    Session,
    SilentObserver,
    UpstreamError,
)
from connectors.checkup import mend
from connectors.quantity import parse_duration
from syncd.model import Catalogue, Indicator
from syncd.registry import connectors
from syncd.settings import Installation, SettingsRefused


@dataclass(frozen=True)
class Answer:
    """What a source, or one indicator's query, answered. `detail` is a sentence; `fix`: what
    to do about an error of the source (None: there is none, or `detail` says it).
    """

    source: str
    what: str
    good: bool
    detail: str
    error_type: str | None = None
    fix: str | None = None

    def document(self) -> Mapping[str, Any]:
        """JSON-able form."""
        return asdict(self)


class Nothing:
    """What is known of a scope that has never been read (the connectors' `Known`)."""

    def count(self) -> int:
        """No objects."""
        return 0

    def ids(self) -> Iterator[str]:
        """None."""
        return iter(())


def check_sources(
    installation: Installation, catalogues: Sequence[Catalogue], now: datetime
) -> list[Answer]:
    """Who each source says we are, and what each indicator's query answers, read from upstream.

    A query that is a scan is read to the end of its first batch: enough to know that it works.
    """
    answers: list[Answer] = []
    # what several periods measure alike is asked once
    indicators = {key: it for one in catalogues for key, it in one.indicators.items()}
    seconds = parse_duration(installation.settings.run)
    for name, source in installation.sources.items():
        try:
            session = connectors()[source.kind].open(source.config(name), SilentObserver())
        except SettingsRefused as error:
            answers.append(Answer(name, "settings", good=False, detail=str(error)))
            continue
        try:
            deadline = time.monotonic() + seconds
            identity = session.identify(deadline)
            zone = f", timezone {identity.timezone}" if identity.timezone else ""
            answers.append(
                Answer(name, "identity", True, f"{identity.account} on {identity.version}{zone}")
            )
            answers.extend(
                _try(session, name, indicator, plan, now, time.monotonic() + seconds)
                for indicator in indicators.values()
                if isinstance(plan := indicator.plan, ScanPlan | NumberPlan)
                and indicator.source == name
            )
        except UpstreamError as error:
            answers.append(_refused(name, "identity", error))
        finally:
            session.close()
    return answers


def _try(
    session: Session,
    source: str,
    indicator: Indicator,
    plan: Plan,
    now: datetime,
    deadline: float,
) -> Answer:
    what = indicator.name or indicator.measure
    try:
        if isinstance(plan, NumberPlan):
            number = session.read(plan, now, deadline)
            said = "no data" if number.value is None else f"{number.value:g}"
        else:
            said = _first_batch(session, plan, now, deadline)
    except UpstreamError as error:
        return _refused(source, what, error)
    return Answer(source, what, True, said)


def _refused(source: str, what: str, error: UpstreamError) -> Answer:
    kind = error.error_type
    return Answer(source, what, good=False, detail=str(error), error_type=kind, fix=mend(kind))


def _first_batch(session: Session, plan: ScanPlan, now: datetime, deadline: float) -> str:
    job = ScanJob(
        scope=plan.scope, judges=(plan.judge,), now=now, deadline=deadline, known=Nothing()
    )
    batches = session.scan(job)
    try:
        for batch in batches:
            seen = len(batch.timelines[0])
            return f"{seen} objects" + ("" if batch.cursor is not None else " and more")
    finally:
        close = getattr(batches, "close", None)
        if close is not None:
            close()
    return "no objects"
