"""An upstream whose past is known to the test: a session that keeps its objects in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from connectors.base import (
    Batch,
    Identity,
    Number,
    NumberPlan,
    Plan,
    ScanJob,
    Timeline,
    UpstreamError,
    about,
)


@dataclass
class Upstream:
    """`timelines` by the scope's objects, whole; a plain scan tells of them from now on only, one
    with a history from its beginning on. `number` is what every query says at a moment, `told`
    (where it is set) how its history tells it. `wrong`: what is wrong with single judges, by their
    names.
    """

    timelines: dict[str, list[Timeline]] = field(default_factory=dict)
    number: Callable[[datetime], float | None] = lambda _: None
    told: Callable[[datetime], Number | None] | None = None
    untold: tuple[str, ...] = ()
    fails: UpstreamError | None = None
    wrong: dict[str, UpstreamError] = field(default_factory=dict)
    jobs: list[ScanJob] = field(default_factory=list)
    histories: list[datetime] = field(default_factory=list)
    asked: list[Sequence[datetime]] = field(default_factory=list)

    def identify(self, deadline: float) -> Identity:
        return Identity("test", "1")

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        if self.fails is not None:
            raise self.fails
        self.jobs.append(job)
        for place, judge in enumerate(job.judges):
            if (error := self.wrong.get(judge.definition["judge"])) is not None:
                with about([place]):
                    raise type(error)(str(error))
        since = job.history_since or job.now
        if job.history_since is not None:
            self.histories.append(job.history_since)
        objects = self.timelines[str(job.scope.definition["objects"])]
        found = [cut(timeline, since) for timeline in objects]
        half = len(found) // 2
        yield Batch((found[:half],) * len(job.judges), resume={"from": half})
        yield Batch((found[half:],) * len(job.judges), cursor={}, untold=self.untold)

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        return Number(self.number(now), now)

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        if self.fails is not None:
            raise self.fails
        self.asked.append(list(moments))
        for moment in moments:
            number = self._told(moment) if self.told is None else self.told(moment)
            if number is not None:
                yield number

    def _told(self, moment: datetime) -> Number | None:
        value = self.number(moment)
        return None if value is None else Number(value, moment)

    def link(self, plan: Plan) -> str | None:
        return None

    def close(self) -> None:
        pass


def cut(timeline: Timeline, since: datetime) -> Timeline:
    """What of a timeline is so from a moment on."""
    return Timeline(
        timeline.object_id,
        since,
        tuple(
            replace(verdict, valid_from=max(verdict.valid_from, since))
            for verdict in timeline.verdicts
            if verdict.valid_to is None or verdict.valid_to > since
        ),
        label=timeline.label,
    )
