"""Every failure that a library below us knows of is caught where an attempt is made, and has a meaning
there: none reaches people as what it is.
"""

from __future__ import annotations

import inspect
from types import ModuleType

import httpcore
import httpx
import pytest
import requests.exceptions
import urllib3.exceptions

from connectors.transport.failures import FAILURES, meaning

NEVER_MET = {
    httpx.CookieConflict,  # of who reads cookies by name
}


def failures_of(module: ModuleType) -> list[type[Exception]]:
    """The exceptions that a library tells of itself, without its warnings."""
    return [
        it
        for _, it in inspect.getmembers(module, inspect.isclass)
        if issubclass(it, Exception)
        and not issubclass(it, Warning)
        and it.__module__.partition(".")[0] in ("httpx", "httpcore", "requests", "urllib3")
        and it not in NEVER_MET
    ]


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for module in (httpcore, httpx, requests.exceptions, urllib3.exceptions)
        for kind in failures_of(module)
    ],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_failure_of_a_library_below_is_caught(kind: type[Exception]) -> None:
    assert issubclass(kind, FAILURES)


def test_what_nobody_knows_more_of_is_a_connection_that_failed() -> None:
    found, words = meaning(httpx.TransportError("https://jira.example.org/?token=s3cr3t"))

    assert (found.error_type, words) == ("unreachable", "the connection failed")
