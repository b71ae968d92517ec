"""A query that Prometheus is asked, and one number as its answer."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from syncd.demo.serving import Answer, Request


def query_of(request: Request) -> str:
    """The query, in the address or in the body."""
    return (dict(parse_qsl(request.body.decode())) | dict(request.query))["query"]


def one_number(value: float) -> Answer:
    """One series without labels, now."""
    at = datetime.now(UTC).timestamp()
    result = [{"metric": {}, "value": [at, str(value)]}]
    return Answer.json({"status": "success", "data": {"resultType": "vector", "result": result}})
