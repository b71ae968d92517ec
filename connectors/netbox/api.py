"""NetBox's REST API as we use it: one GET, a count, pages by id. All I/O of the connector."""

from __future__ import annotations

import contextlib
import email.utils
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import NoneType
from typing import Any

import pynetbox
import requests
from pynetbox.core.endpoint import Endpoint

from connectors.base import (
    BadAnswer,
    Forbidden,
    Json,
    NotFound,
    QueryRefused,
    SourceConfig,
    Unauthorised,
    UpstreamError,
)
from connectors.netbox.filters import Filter, Parameters, chunks, length, parameters
from connectors.netbox.relations import object_type
from connectors.transport import PARTING, Transport, json_of

PAGE = 500
"""Objects asked for at once; a server may give fewer (MAX_PAGE_SIZE)."""

LIGHT_PAGE = 1000
"""Rows asked for at once where only ids and a few plain fields are read."""

QUERY_CHARACTERS = 3600
"""What a query string may take: gunicorn refuses request lines over 4094."""

_START = (4, 6)
_CORE_LOG = (4, 1)
_BAD_CREDENTIALS = re.compile(
    r"token|credential|authenticat|source ip|user inactive", re.IGNORECASE
)


def authorisation(token: str) -> str:
    """The header's value for a token: v2 tokens (``nbt_...``, NetBox 4.5) are Bearer ones."""
    return f"Bearer {token}" if token.startswith("nbt_") else f"Token {token}"


def classify(status: int, body: Json) -> type[UpstreamError] | None:
    """NetBox answers 403, never 401, to a token it does not take; the words tell it from a lack
    of permission. None where the status says enough.
    """
    detail = body.get("detail") if isinstance(body, Mapping) else None
    if status == 403 and isinstance(detail, str) and _BAD_CREDENTIALS.search(detail):
        return Unauthorised
    return None


@dataclass
class Told:
    """What the server told of itself: its version ("4.7"; None: not asked yet, empty: it does not
    tell), its clock in its latest answer, and the change log's names of plugins' objects.
    """

    version: str | None = None
    date: datetime | None = None
    types: dict[str, str] = field(default_factory=dict)


_LOGGED: Mapping[str, set[type]] = {
    "id": {int},
    "time": {str},
    "action": {dict},
    "changed_object_type": {str},
    "changed_object_id": {int},
    "user_name": {str, NoneType},
    "prechange_data": {dict, NoneType},
    "postchange_data": {dict, NoneType},
}
"""What each field of an entry of the change log may be, as JSON is decoded."""


class Api:
    """The requests of one source, under the deadline of one run. `told` outlives the run."""

    def __init__(
        self, source: str, client: pynetbox.api, transport: Transport, told: Told, deadline: float
    ) -> None:
        self.source = source
        self._client = client
        self._transport = transport
        self._told = told
        self._deadline = deadline

    def get(self, url: str, query: Parameters, what: str, *, parting: bool = False) -> Json:
        """The parsed answer. `what` names, in errors, what was not found. `parting`: the connection
        ends with it.
        """
        headers = PARTING if parting else None
        with self._transport.deadline(self._deadline):
            try:
                response = self._client.http_session.get(url, params=query, headers=headers)
                body = json_of(response)
            except NotFound as error:
                raise NotFound(f"{self.source}: NetBox has no {what} ({error})") from error
        self._note(response)
        return body

    def status(self) -> Mapping[str, Json]:
        """What `/api/status/` says."""
        answer = self.get(f"{self._client.base_url}/status/", [], "API at this address")
        if not isinstance(answer, Mapping) or "netbox-version" not in answer:
            raise BadAnswer(f"{self.source}: /api/status/ gave no NetBox version")
        return answer

    @property
    def version(self) -> str:
        """The server's version as its answers tell it ("4.7"; empty: it does not tell)."""
        if self._told.version is None:
            self.status()
        return self._told.version or ""

    @property
    def date(self) -> datetime | None:
        """The server's clock in its latest answer; None when it does not tell."""
        return self._told.date

    @property
    def change_log(self) -> str:
        """The change log's endpoint, which moved in 4.1."""
        old = self.version and not _at_least(self.version, _CORE_LOG)
        return "extras.object-changes" if old else "core.object-changes"

    @property
    def log_type(self) -> str:
        """The change log's own rows, as permissions call them."""
        return f"{self.change_log.partition('.')[0]}.objectchange"

    def object_type(self, endpoint: str) -> str:
        """The change log's name of the endpoint's objects. A plugin's may have any name, so the
        server is asked for it where it tells (4.4 and later).
        """
        if not endpoint.startswith("plugins."):
            return object_type(endpoint)
        if endpoint not in self._told.types:
            self._told.types[endpoint] = self._plugin_type(endpoint) or object_type(endpoint)
        return self._told.types[endpoint]

    def _plugin_type(self, endpoint: str) -> str | None:
        path = self.url(endpoint).removeprefix(self._client.base_url)
        fields = ["id", "app_label", "model", "rest_api_endpoint"]
        with contextlib.suppress(NotFound, Forbidden):
            for page in self.pages("core.object-types", [], fields):
                for row in page:
                    if str(row.get("rest_api_endpoint")).endswith(f"/api{path}"):
                        return f"{row['app_label']}.{row['model']}"
        return None

    def _note(self, response: requests.Response) -> None:
        self._told.version = response.headers.get("API-Version") or self._told.version or ""
        date = response.headers.get("Date") or ""
        with contextlib.suppress(ValueError, TypeError):
            self._told.date = email.utils.parsedate_to_datetime(date).astimezone(UTC)

    def url(self, endpoint: str) -> str:
        """The endpoint's address: `dcim.devices` is ``.../api/dcim/devices/``."""
        app, _, name = endpoint.partition(".")
        if app == "plugins":
            plugin, _, name = name.partition(".")
            return f"{self._client.base_url}/plugins/{plugin}/{name.replace('.', '/')}/"
        found = getattr(vars(self._client).get(app), name, None)
        if not isinstance(found, Endpoint):
            raise NotFound(f"{self.source}: NetBox has no endpoint {endpoint}")
        return f"{found.url}/"

    def count(self, endpoint: str, filter_: Filter) -> int:
        """How many objects match, exactly."""
        return int(self.first(endpoint, parameters(filter_), ["id"])["count"])

    def allowed(self, endpoint: str) -> set[str]:
        """The methods by which the account may change the endpoint's list (``POST``), as the server
        describes it.
        """
        with self._transport.deadline(self._deadline):
            answer = json_of(self._client.http_session.options(self.url(endpoint)))
        if not isinstance(answer, Mapping):
            raise BadAnswer(f"{self.source}: {endpoint} was not described")
        return set(answer.get("actions") or ())

    def first(self, endpoint: str, query: Parameters, fields: list[str]) -> Mapping[str, Json]:
        """The first page's answer with at most one row: `count` and `results`."""
        shown = [("limit", "1"), ("fields", ",".join(fields))]
        answer = self.get(self.url(endpoint), [*query, *shown], f"endpoint {endpoint}")
        page = self._page(answer, endpoint, fields)
        if not isinstance(page.get("count"), int):
            raise BadAnswer(f"{self.source}: {endpoint} gave no count")
        return page

    def newest(self, endpoint: str, query: Parameters) -> int:
        """The highest id of what matches; 0 where nothing does."""
        rows = self.first(endpoint, [*query, ("ordering", "-id")], ["id"])["results"]
        found = rows[0].get("id") if rows else 0
        if not isinstance(found, int):
            raise BadAnswer(f"{self.source}: {endpoint} gave an object whose id is no number")
        return found

    def pages(
        self,
        endpoint: str,
        query: Parameters,
        fields: list[str],
        *,
        after: int = 0,
        upto: int | None = None,
        size: int = LIGHT_PAGE,
        parting: bool = False,
    ) -> Iterator[list[dict[str, Any]]]:
        """All rows that match with an id over `after` and, where it is given, not over `upto`, by
        rising id, page by page; `parting`: each on a connection that ends with it.

        By `start=` where the server knows it (4.6), else by seeking over the last id; never by
        offset, which drifts when rows come or go, and never by the server's own `next`, which
        carries the wrong host behind some proxies.
        """
        by_start = _at_least(self.version, _START)
        last, what = after, f"endpoint {endpoint}"
        bound = [] if upto is None else [("id__lte", str(upto))]
        while True:
            seek = (
                [("start", str(last + 1))]
                if by_start
                else [("id__gt", str(last)), ("ordering", "id")]
            )
            shown = [("limit", str(size)), ("fields", ",".join(fields))]
            asked = [*query, *bound, *seek, *shown]
            told = self.get(self.url(endpoint), asked, what, parting=parting)
            answer = self._page(told, endpoint, fields)
            rows = answer["results"]
            for row in rows:
                if not isinstance(row.get("id"), int) or row["id"] <= last:
                    raise BadAnswer(
                        f"{self.source}: {endpoint} does not page by id: "
                        f"{str(row.get('id'))[:40]} after {last}"
                    )
                last = row["id"]
            # what ignores a filter is cut by us
            wanted = rows if upto is None else [row for row in rows if row["id"] <= upto]
            if wanted:
                yield wanted
            # NetBox promises a next page after each full one, also where the bound is reached
            if not rows or answer.get("next") is None or (upto is not None and last >= upto):
                return

    def _page(self, answer: Json, endpoint: str, fields: list[str]) -> Mapping[str, Json]:
        rows = answer.get("results") if isinstance(answer, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadAnswer(f"{self.source}: {endpoint} gave no list of objects")
        if endpoint == self.change_log:
            # thousands at once: field by field takes a fifth of what entry by entry takes
            for name in fields:
                if name in _LOGGED and not {type(row.get(name)) for row in rows} <= _LOGGED[name]:
                    raise BadAnswer(f"{self.source}: {endpoint} gave an entry whose {name} is odd")
        return dict(answer)

    def of_ids(
        self,
        endpoint: str,
        query: Parameters,
        fields: list[str],
        name: str,
        ids: set[int],
        size: int = LIGHT_PAGE,
    ) -> Iterator[list[dict[str, Any]]]:
        """All rows that match with any of the ids under the filter `name`, page by page."""
        room = QUERY_CHARACTERS - length(query) - length([("fields", ",".join(fields))]) - 60
        for part in chunks(name, ids, max(room, 200)):
            yield from self.pages(endpoint, [*query, *part], fields, size=size)

    def count_of_ids(self, endpoint: str, query: Parameters, ids: set[int]) -> int:
        """How many rows match with any of the ids, exactly."""
        room = max(QUERY_CHARACTERS - length(query) - 60, 200)
        parts = chunks("id", ids, room)
        return sum(int(self.first(endpoint, [*query, *part], ["id"])["count"]) for part in parts)

    def pointing_to(
        self, endpoint: str, fields: list[str], name: str, ids: set[int], owners: str
    ) -> Iterator[list[dict[str, Any]]]:
        """All rows that point to any of the objects `ids` of the endpoint `owners` under the
        reference filter `name`, page by page. NetBox refuses such a filter altogether when one of
        the objects is gone; then those that are left are asked for.
        """
        try:
            pages = list(self.of_ids(endpoint, [], fields, name, ids))
        except QueryRefused:
            left = self.of_ids(owners, [], ["id"], "id", ids)
            there = {row["id"] for page in left for row in page}
            if there == ids:
                raise
            pages = list(self.of_ids(endpoint, [], fields, name, there))
        yield from pages

    def ids(self, endpoint: str, filter_: Filter) -> set[int]:
        """The ids of all objects that match."""
        pages = self.pages(endpoint, parameters(filter_), ["id"])
        return {row["id"] for page in pages for row in page}


def connected(config: SourceConfig, transport: Transport) -> pynetbox.api:
    """A pynetbox client whose requests go through the transport."""
    token = config.secrets.get("token")
    client = pynetbox.api(config.url.rstrip("/"), token=token)
    client.http_session.close()
    client.http_session = transport.requests_session()
    if token:
        client.http_session.headers["Authorization"] = authorisation(token)
    return client


def _at_least(version: str, wanted: tuple[int, int]) -> bool:
    match = re.match(r"v?(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= wanted
