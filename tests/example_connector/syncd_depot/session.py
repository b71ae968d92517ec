"""The session with a Depot: asks, checks the shape of what comes back, hands it to the judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from connectors.base import (
    BadAnswer,
    Batch,
    Identity,
    NotFound,
    Number,
    NumberPlan,
    Observer,
    Plan,
    ScanJob,
    ScanPlan,
    SourceConfig,
    Timeline,
)
from connectors.transport import Transport, json_of

_Shape = TypeVar("_Shape", bound=BaseModel)


class About(BaseModel):
    """`GET /api/about`."""

    version: str
    account: str


class Levels(BaseModel):
    """`GET /api/levels`."""

    levels: dict[str, int]


class Part(BaseModel):
    """One part."""

    id: str
    name: str
    received: AwareDatetime
    tested: AwareDatetime | None


class Parts(BaseModel):
    """`GET /api/parts?site=NAME`."""

    parts: list[Part]


class DepotSession:
    """An open Depot source."""

    def __init__(self, config: SourceConfig, observer: Observer) -> None:
        self._source = config.name
        self._base = config.url.rstrip("/")
        self._transport = Transport(config, observer)
        self._client = self._transport.httpx_client()
        if token := config.secrets.get("token"):
            self._client.headers["Authorization"] = f"Bearer {token}"

    def identify(self, deadline: float) -> Identity:
        """Who the token belongs to, and the version of Depot."""
        about = self._get("/api/about", About, deadline)
        clean = self._transport.redact
        return Identity(account=clean(about.account), version=clean(about.version))

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """All parts of the site, in one batch: Depot cannot tell which of them changed."""
        site = str(job.scope.definition["site"])
        found = self._get("/api/parts", Parts, job.deadline, site=site)
        rows = [part.model_dump(mode="json") for part in found.parts]
        gone: set[str] = set()
        if job.cursor is not None:
            gone = set(job.known.ids()) - {part.id for part in found.parts}
        left = [Timeline(one, job.now, ()) for one in sorted(gone)]
        judged = [[judge.judge(row, job.now) for row in rows] for judge in job.judges]
        untold = (f"{self._source}: parts that have left the site are not told of any more",)
        yield Batch(
            [[*timelines, *left] for timelines in judged],
            cursor={},
            total=len(rows),
            untold=untold if job.history_since is not None else (),
        )

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """How many there are. Raises NotFound for a kind of part that Depot does not know."""
        kind = str(plan.request["of"])
        levels = self._get("/api/levels", Levels, deadline).levels
        if kind not in levels:
            raise NotFound(f"{self._source}: no part of kind {kind!r}")
        return Number(levels[kind], now, raw={"of": kind}, url=self.link(plan))

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        """Nothing: Depot keeps no past levels."""
        return iter(())

    def link(self, plan: Plan) -> str | None:
        """Depot's page of the site, or of the kind of part."""
        if isinstance(plan, ScanPlan):
            asked = {"site": str(plan.scope.definition["site"])}
        else:
            asked = {"kind": str(plan.request["of"])}
        return str(httpx.URL(f"{self._base}/parts", params=asked))

    def close(self) -> None:
        """Ends what waits and gives back connections. Twice is harmless."""
        self._transport.close()

    def _get(self, path: str, shape: type[_Shape], deadline: float, **asked: str) -> _Shape:
        url = self._base + path
        with self._transport.deadline(deadline):
            answer = json_of(self._client.get(url, params=asked))
        try:
            return shape.model_validate(answer)
        except ValidationError as error:
            where = ".".join(str(step) for step in error.errors()[0]["loc"])
        label = self._transport.label("GET", url)
        raise BadAnswer(f"{label}: the answer's {where or 'shape'} is not what Depot says")
