"""What a request asks of a sandbox Jira, read from its query string or its JSON body, and how a
refusal is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.jira.jql_tree import JqlError
from syncd.demo.serving import Answer, Request


class Refused(Exception):
    """A request that Jira does not serve."""

    def __init__(self, status: int, *messages: str, warnings: bool = False) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages
        extra: dict[str, Any] = {"warningMessages": []} if warnings else {"errors": {}}
        self.answer = Answer.json({"errorMessages": list(messages)} | extra, status)

    @classmethod
    def of(cls, error: JqlError) -> Refused:
        """What Jira answers to a query it cannot run."""
        return cls(400, *error.messages, warnings=True)


_BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."


class Asked:
    """Parameters of a request: of a GET from the query string, of a POST from the body."""

    def __init__(self, request: Request, allowed: Mapping[str, type] | None = None) -> None:
        """`allowed` are the names and types a body may have (None: whatever it has)."""
        self._request = request
        self._body: dict[str, Any] | None = None
        if request.method == "POST":
            self._body = _body(request)
            if allowed is not None:
                for name, value in self._body.items():
                    if name not in allowed or not _fits(value, allowed[name]):
                        raise Refused(400, _BAD_PAYLOAD)

    def text(self, name: str) -> str | None:
        """A text, None when it is not given."""
        value = self._request.last(name) if self._body is None else self._body.get(name)
        return None if value is None else str(value)

    def json(self, name: str) -> Any:
        """The value in the body as it is, None when it is not given."""
        return None if self._body is None else self._body.get(name)

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        text = self.text(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise Refused(400, f"The value '{text}' of {name} is not a number.") from None

    def texts(self, name: str) -> list[str]:
        """A list: of a query string repeated or separated by commas."""
        if self._body is None:
            given: Sequence[Any] = self._request.values(name)
        else:
            value = self._body.get(name) or ()
            given = [value] if isinstance(value, str) else value
        return [part.strip() for each in given for part in str(each).split(",")]


def _body(request: Request) -> dict[str, Any]:
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("application/json"):
        raise Refused(415, f"Content-Type '{content_type or 'null'}' is not supported.")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refused(400, _BAD_PAYLOAD) from None
    if not isinstance(body, dict):
        raise Refused(400, _BAD_PAYLOAD)
    return body


def _fits(value: Any, kind: type) -> bool:
    if value is None:
        return True
    if kind is int and isinstance(value, bool):
        return False
    return isinstance(value, kind)
