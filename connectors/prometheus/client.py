"""The session with a Prometheus: asks, proves credentials, leads people to the query."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import datetime
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ConfigDict, Field

from connectors.base import (
    BadAnswer,
    Batch,
    Identity,
    Json,
    NotFound,
    Number,
    NumberPlan,
    Observer,
    Plan,
    ScanJob,
    SourceConfig,
)
from connectors.prometheus.answers import Sample, classify, sample_of
from connectors.prometheus.measures import in_base_unit
from connectors.transport import Transport, json_of


class PrometheusOptions(BaseModel):
    """Settings of a Prometheus source beyond those of every source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    browse_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/@\s]+(/\S*)?$",
        description="Where people open this Prometheus, if not at the source's url.",
        examples=["https://prometheus.example.org"],
    )


class PrometheusSession:
    """An open Prometheus source. Any path of the source's url (`/prometheus`) is kept."""

    def __init__(self, config: SourceConfig, observer: Observer) -> None:
        options = PrometheusOptions.model_validate(dict(config.options))
        self._base = config.url.rstrip("/")
        self._browse = (options.browse_url or config.url).rstrip("/")
        self._read_seconds = config.limits.read_seconds
        self._account, auth = _auth(config)
        self._transport = Transport(config, observer, classify=classify)
        self._client = self._transport.httpx_client()
        if auth is not None:
            self._client.auth = auth

    def identify(self, deadline: float) -> Identity:
        """The account is what we sign in as, the version what the server says, if it says so.

        The query `1` proves the credentials; build information alone would not, because Mimir
        gives it to anybody. Servers without it have the version `unknown`.
        """
        with self._transport.deadline(deadline):
            label, answer = self._ask("1", None, deadline)
            if sample_of(label, answer, self._transport.redact).value != 1:
                raise BadAnswer(f"{label}: the query 1 does not give 1")
            return Identity(account=self._account, version=self._version())

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """Never: Prometheus answers with numbers. Raises TypeError."""
        raise TypeError(f"{job.scope.source}: a Prometheus is read by number plans, never scanned")

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """The number at `now`, in the plan's base unit; None without data, for NaN and for ±Inf.

        `raw` holds the query, the unit, and the sample as the server wrote it. Raises
        QueryRefused when the query gives something else than one number.
        """
        query, unit = str(plan.request["query"]), plan.request["unit"]
        with self._transport.deadline(deadline):
            label, answer = self._ask(query, now, deadline)
        sample = sample_of(label, answer, self._transport.redact)
        return Number(
            value=None if sample.value is None else in_base_unit(sample.value, unit),
            observed_at=now,
            partial=bool(sample.warnings),
            raw=_evidence(query, unit, sample),
            url=self.link(plan),
        )

    def link(self, plan: Plan) -> str | None:
        """The expression browser with the plan's query; None for a plan that is no query."""
        if not isinstance(plan, NumberPlan) or "query" not in plan.request:
            return None
        expression = urlencode({"g0.expr": plan.request["query"], "g0.tab": "1"})
        return f"{self._browse}/graph?{expression}"

    def close(self) -> None:
        """Ends what waits and gives back connections. Twice is harmless."""
        self._transport.close()

    def _ask(self, query: str, now: datetime | None, deadline: float) -> tuple[str, Json]:
        """The label for messages and the answer. Form-encoded: queries outgrow URLs."""
        # The server stops working on it when we stop waiting, and says so in its own words.
        patience = min(self._read_seconds, max(0.001, deadline - time.monotonic()))
        form = {"query": query, "timeout": f"{patience:.3f}"}
        if now is not None:
            form["time"] = f"{now.timestamp():.3f}"
        url = f"{self._base}/api/v1/query"
        return self._transport.label("POST", url), json_of(self._client.post(url, data=form))

    def _version(self) -> str:
        url = f"{self._base}/api/v1/status/buildinfo"
        try:
            answer = json_of(self._client.get(url))
        except NotFound:
            return "unknown"
        data = answer.get("data") if isinstance(answer, dict) else None
        version = data.get("version") if isinstance(data, dict) else None
        if not isinstance(version, str):
            raise BadAnswer(f"{self._transport.label('GET', url)}: the answer has no data.version")
        return self._transport.redact(version)


def _auth(config: SourceConfig) -> tuple[str, httpx.Auth | None]:
    """A name for the account and how requests are signed.

    `token` is a bearer token; `user` and `password` are basic. Raises ValueError for any other
    combination, and for credentials both there and in an Authorization header.
    """
    roles = {role for role in config.secrets if config.secrets[role]}
    header = any(name.lower() == "authorization" for name in config.headers)
    if not roles:
        return ("by header" if header else "anonymous"), None
    if header:
        raise ValueError(
            f"source {config.name}: credentials both in auth and in the header Authorization; "
            "fix: keep one"
        )
    if roles == {"token"}:
        return "bearer token", _Bearer(config.secrets["token"])
    if roles == {"user", "password"}:
        user = config.secrets["user"]
        return user, httpx.BasicAuth(user, config.secrets["password"])
    raise ValueError(
        f"source {config.name}: auth: got {', '.join(sorted(roles))}; "
        "expected token, or user and password"
    )


class _Bearer(httpx.Auth):
    """Signs requests with a bearer token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request, signed."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _evidence(query: str, unit: str | None, sample: Sample) -> Json:
    evidence: dict[str, Json] = {"query": query, "value": sample.text}
    if sample.timestamp is not None:
        evidence["timestamp"] = sample.timestamp
    if unit is not None:
        evidence["unit"] = unit
    if sample.warnings:
        evidence["warnings"] = list(sample.warnings)
    if sample.infos:
        evidence["infos"] = list(sample.infos)
    return evidence
