"""The HTTP API of a Prometheus and its like: requests, credentials, how long it keeps samples."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

import httpx

from connectors.base import (
    BadAnswer,
    Forbidden,
    Json,
    NotFound,
    Observer,
    QueryRefused,
    SourceConfig,
)
from connectors.prometheus.answers import (
    LabelSets,
    Line,
    Notes,
    Sample,
    classify,
    labels_of,
    line_of,
    sample_of,
)
from connectors.prometheus.grids import Grid, moment_of, runs
from connectors.transport import Transport, json_of

_RETENTION = re.compile(
    r"(?:(\d{1,6})y)?(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?",
    re.ASCII,
)
_RETENTION_SECONDS = (365 * 86_400, 7 * 86_400, 86_400, 3600, 60, 1)


class PrometheusApi:
    """One source. Any path of its url (`/prometheus`) is kept; queries are form-encoded, because
    they outgrow URLs. Deadlines are in `time.monotonic()` seconds; raises UpstreamErrors.

    `retention` is how long the server keeps samples by its settings here, None to ask it.
    """

    def __init__(
        self, config: SourceConfig, observer: Observer, retention: timedelta | None
    ) -> None:
        self.source = config.name
        self._base = config.url.rstrip("/")
        self._read_seconds = config.limits.read_seconds
        self._retention = retention
        self.account, auth = _auth(config)
        self._transport = Transport(config, observer, classify=classify)
        self._client = self._transport.httpx_client()
        if auth is not None:
            self._client.auth = auth

    def sample(self, query: str, moment: int | None, deadline: float) -> Sample:
        """The query's one number at a moment (milliseconds; None: the server's own now)."""
        label, answer = self._instant(query, moment, deadline)
        return sample_of(label, answer, self._transport.redact)

    def labels(self, query: str, key: str, moment: int, deadline: float) -> LabelSets:
        """The values of a label at a moment in what a query grouped by it gives."""
        label, answer = self._instant(query, moment, deadline)
        return labels_of(label, answer, self._transport.redact, key)

    def line(self, query: str, at: Grid, deadline: float) -> Line:
        """The query's one number at each moment of a grid of at most MOST_POINTS."""
        label, answer = self._range(query, at, deadline)
        return line_of(label, answer, self._transport.redact)

    def label_sets(self, query: str, key: str, at: Grid, deadline: float) -> LabelSets:
        """The values of a label at each moment of a grid of at most MOST_POINTS."""
        label, answer = self._range(query, at, deadline)
        return labels_of(label, answer, self._transport.redact, key)

    def values(self, query: str, moments: Sequence[int], deadline: float) -> Line:
        """What `sample` would give at each of the ascending moments, in as few requests as can
        be. The server's look-back is the same for both.

        A server or proxy that moves the moments of a range query to multiples of its step (so
        that its cache holds) is asked for those it moved one by one.
        """
        values: dict[int, float] = {}
        notes = Notes()
        for run in runs(moments):
            line = self.line(query, run, deadline)
            notes += line.notes
            wanted = set(run)
            if line.values.keys() <= wanted:
                values |= line.values
                continue
            for moment in run:
                sample = self.sample(query, moment, deadline)
                notes += sample.notes
                if sample.value is not None:
                    values[moment] = sample.value
        return Line(values, notes)

    def version(self, deadline: float) -> str:
        """The server's version; `unknown` where it does not say."""
        url = f"{self._base}/api/v1/status/buildinfo"
        try:
            answer = self._get(url, deadline)
        except NotFound:
            return "unknown"
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict):
            raise BadAnswer(f"{self._transport.label('GET', url)}: the answer has no data")
        version = data.get("version")  # VictoriaMetrics says nothing, with success
        return self._transport.redact(version) if isinstance(version, str) else "unknown"

    def kept_since(self, deadline: float) -> datetime | None:
        """Before which moment the server has let go of samples; None: it does not say. By its own
        clock. A limit by size may let go of them earlier, and is not told in time.
        """
        retention = self.retention(deadline)
        if retention is None:
            return None
        now = self.sample("time()", None, deadline).value
        return None if now is None else moment_of(round(now * 1000)) - retention

    def retention(self, deadline: float) -> timedelta | None:
        """How long the server keeps samples, by the source's settings or its own word; None: it
        does not say.
        """
        return self._retention or self._told_retention(deadline)

    def _told_retention(self, deadline: float) -> timedelta | None:
        """By `/api/v1/status/runtimeinfo`, which Prometheus has; others refuse the address."""
        try:
            answer = self._get(f"{self._base}/api/v1/status/runtimeinfo", deadline)
        except (NotFound, QueryRefused, Forbidden, BadAnswer):
            return None
        data = answer.get("data") if isinstance(answer, dict) else None
        text = data.get("storageRetention") if isinstance(data, dict) else None
        return retention_of(text) if isinstance(text, str) else None

    def redact(self, text: str) -> str:
        """The text without the source's secrets."""
        return self._transport.redact(text)

    def close(self) -> None:
        """Ends what waits and gives back connections. Twice is harmless."""
        self._transport.close()

    def _instant(self, query: str, moment: int | None, deadline: float) -> tuple[str, Json]:
        form = {} if moment is None else {"time": _seconds(moment)}
        return self._post("query", {"query": query, **form}, deadline)

    def _range(self, query: str, at: Grid, deadline: float) -> tuple[str, Json]:
        form = {
            "query": query,
            "start": _seconds(at.first),
            "end": _seconds(at.last),
            "step": _seconds(at.step),
            # VictoriaMetrics would otherwise move the moments, and look back a whole step, unlike
            # in its own instant queries; the others know neither word.
            "nocache": "1",
            "max_lookback": "5m",
        }
        return self._post("query_range", form, deadline)

    def _post(self, name: str, form: dict[str, str], deadline: float) -> tuple[str, Json]:
        """The label for messages, and the answer."""
        # The server stops working on it when we stop waiting, and says so in its own words.
        patience = min(self._read_seconds, max(0.001, deadline - time.monotonic()))
        form = {**form, "timeout": f"{patience:.3f}"}
        url = f"{self._base}/api/v1/{name}"
        with self._transport.deadline(deadline):
            return self._transport.label("POST", url), json_of(self._client.post(url, data=form))

    def _get(self, url: str, deadline: float) -> Json:
        with self._transport.deadline(deadline):
            return json_of(self._client.get(url))


def retention_of(text: str) -> timedelta | None:
    """The time in what `storageRetention` says (``15d``, ``15d or 512GiB``); None where there is
    only a size.

    >>> retention_of("1w3d or 50GiB")
    datetime.timedelta(days=10)
    """
    for part in text.split(" or "):
        match = _RETENTION.fullmatch(part.strip())
        if match is None:
            continue
        counts = zip(match.groups(), _RETENTION_SECONDS, strict=True)
        seconds = sum(int(count) * size for count, size in counts if count)
        if 0 < seconds < 1000 * 365 * 86_400:
            return timedelta(seconds=seconds)
    return None


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03d}"


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
