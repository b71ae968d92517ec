"""Exchanges with one Jira: the `jira` package for authentication and addresses, the transport for
the bytes, and the shapes that answers must have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from jira import JIRA

from connectors.base import BadAnswer, Json, QueryRefused, SourceConfig
from connectors.transport import Posting, Shape, Transport, json_of

Issue = dict[str, Any]
"""One issue as Jira gives it."""

PLATFORM = JIRA.JIRA_BASE_URL
AGILE = JIRA.AGILE_BASE_URL


class Package(JIRA):
    """The `jira` package with its exchanges carried by the transport and its answers read by it.

    The package's own retries and its parsing of bodies are left out: the transport has one policy
    for all upstreams, and every failure leaves as an UpstreamError.
    """

    def __init__(self, config: SourceConfig, transport: Transport) -> None:
        user, token = config.secrets.get("user"), config.secrets.get("token")
        super().__init__(
            server=config.url,
            basic_auth=(user, token) if user and token else None,
            token_auth=None if user else token,
            get_server_info=False,
            max_retries=0,
        )
        transport.govern(self._session)
        self._transport = transport
        self._postings: dict[str, Posting] = {}

    def speak(self, version: str) -> None:
        """Uses this version of the REST API from now on."""
        self._options["rest_api_version"] = version

    def posting(self, path: str) -> Posting:
        """How JSON is sent to where a path leads."""
        url = self._get_url(path)
        found = self._postings.get(url)
        if found is None:
            found = self._postings[url] = self._transport.posting(self._session, url)
        return found

    def answer(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        base: str = JIRA.JIRA_BASE_URL,
    ) -> requests.Response:
        """The answer to a GET."""
        return self._session.get(self._get_url(path, base), params=params)

    def _get_json(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        base: str = JIRA.JIRA_BASE_URL,
        use_post: bool = False,  # noqa: ARG002  # of its methods none that does is used
    ) -> Any:
        return json_of(self.answer(path, params, base))


class Wire:
    """Asks by path and checks what comes back. Every error names the source."""

    def __init__(self, config: SourceConfig, transport: Transport) -> None:
        self.source = config.name
        self.package = Package(config, transport)
        self.transport = transport

    def get(
        self,
        path: str,
        deadline: float,
        base: str = PLATFORM,
        params: dict[str, Any] | None = None,
    ) -> requests.Response:
        """The answer to a GET; TimedOut when it is not there by `deadline`."""
        with self.transport.deadline(deadline):
            return self.package.answer(path, params, base)

    def post(
        self, path: str, body: dict[str, Any], deadline: float, shape: Shape | None = None
    ) -> dict[str, Any]:
        """The JSON object that answers a POST, as `shape` makes it where it is of that shape;
        TimedOut when it is not there by `deadline`.
        """
        with self.transport.deadline(deadline):
            answer = self.package.posting(path)(body, shape)
        return self.object(answer, path)

    def object(self, answer: Json, what: str) -> dict[str, Any]:
        """The answer, which must be a JSON object."""
        if not isinstance(answer, dict):
            raise self.bad(what, f"expected a JSON object, got {type(answer).__name__}")
        return answer

    def text(self, answer: Mapping[str, Any], name: str, what: str) -> str:
        """The text under a name, which must be there."""
        value = answer.get(name)
        if not isinstance(value, str):
            raise self.bad(what, f"expected {name} as text")
        return value

    def whole(self, answer: Mapping[str, Any], name: str, what: str) -> int:
        """The whole number under a name, which must be there."""
        value = answer.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.bad(what, f"expected {name} as a whole number")
        return value

    def issues(self, answer: Mapping[str, Any], what: str) -> list[Issue]:
        """The issues of a page, each with its numeric id."""
        issues = answer.get("issues")
        if not isinstance(issues, list):
            raise self.bad(what, f"expected a list of issues, got {type(issues).__name__}")
        try:
            for issue in issues:
                if not issue["id"].isdecimal():
                    break
            else:
                return issues
        except (TypeError, LookupError, AttributeError):
            pass
        raise self.bad(what, "an issue came without its numeric id")

    def must_not_complain(self, answer: Mapping[str, Any], what: str) -> None:
        """Raises QueryRefused when an answer of success says in words what is wrong with the query:
        what it found then is not what was asked for (a project that there is not is left out, say).
        """
        if said := "; ".join(_complaints(answer)):
            raise QueryRefused(
                f"{self.source}: {what}: answered with a complaint: {self.transport.redact(said)}"
            )

    def bad(self, what: str, why: str) -> BadAnswer:
        """The error for an answer that is not what the protocol promises."""
        return BadAnswer(f"{self.source}: {what}: {why}")


def _complaints(answer: Mapping[str, Any]) -> Iterator[str]:
    for name in ("errorMessages", "errors", "warningMessages"):
        said = answer.get(name)
        if isinstance(said, Mapping):
            said = list(said.values())
        yield from (str(one) for one in said if one) if isinstance(said, list) else ()
