"""What cannot work is refused before anything is asked: the same under requests and under httpx, over real sockets."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.base import (
    Limits,
    SilentObserver,
    SourceConfig,
)
from connectors.transport import Transport, json_of


@pytest.mark.parametrize(
    "url", ["", "upstream", "ftp://upstream/", "http://", "http://[", "http://host:99999999"]
)
def test_a_url_that_cannot_work_is_refused_at_the_door(url: str) -> None:
    with pytest.raises(ValueError, match=r"source src: url: .*expected http\(s\)://host"):
        Transport(SourceConfig("src", "kind", url), SilentObserver())


def test_credentials_in_the_url_are_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="move them to auth") as caught:
        Transport(SourceConfig("src", "kind", "http://me:s3cr3t@host"), SilentObserver())

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"secrets": {"token": "s3cr3t\n"}},
        {"headers": {"X-Key": "s3cr3t\r\nX-Evil: 1"}},
        {"headers": {"X-Key": "s3cr3t-é"}},
        {"secrets": {"token": "s3cr3t-é"}},
    ],
)
def test_a_secret_that_cannot_be_sent_is_refused_without_being_shown(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match=r"source src: (token|X-Key): ") as caught:
        Transport(SourceConfig("src", "kind", "http://host", **settings), SilentObserver())

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("limits", [Limits(concurrency=0), Limits(rate_per_second=0.0)])
def test_limits_that_let_nothing_through_are_refused(limits: Limits) -> None:
    with pytest.raises(ValueError, match="expected"):
        Transport(SourceConfig("src", "kind", "http://host", limits=limits), SilentObserver())


def test_json_of_wants_an_answer_that_came_through_a_transport() -> None:
    response = requests.Response()
    response.request = requests.Request("GET", "http://host").prepare()

    with pytest.raises(TypeError, match="Transport"):
        json_of(response)
