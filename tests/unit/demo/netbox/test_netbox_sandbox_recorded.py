"""The sandbox gives what a real NetBox 4.7.3 gave for the same seed.

`recorded.json` holds the real server's answers to a table of queries, its objects, and its change
log and objects after some edits over its REST API. Times, users and request ids are left out of
objects and log: the real server stamps its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.demo.netbox import NetBoxSandbox
from tests.plain import NO_TLS

HERE = Path(__file__).parent
RECORDED: dict[str, Any] = json.loads((HERE / "recorded.json").read_text(encoding="utf-8"))
TOKEN = "nbt_recordedkeyx." + "t" * 40
UNTOLD = {"created", "last_updated", "time", "user", "user_name", "request_id"}
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def seed() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / "seed.json").read_text(encoding="utf-8"))
    return loaded


def edited_seed() -> dict[str, Any]:
    """The seed with the edits that the real server was given."""
    edited = seed()
    devices = {device["name"]: device for device in edited["devices"]}
    patch = {"asset_tag": "A2", "rack": "R10", "custom_fields": {"n": 7}}
    devices["c-9"]["changes"] = [{"at": "2026-02-01T00:00:00Z", "by": "alice", "set": patch}]
    devices["c-9"]["interfaces"][0]["changes"] = [
        {"at": "2026-02-02T00:00:00Z", "by": "alice", "set": {"enabled": False}}
    ]
    edited["cables"].append(
        {
            "id": 2,
            "a": ["c-9", "mgmt0"],
            "b": ["sw-1", "p2"],
            "created": "2026-02-03T00:00:00Z",
            "deleted": "2026-02-05T00:00:00Z",
        }
    )
    devices["c-9"]["interfaces"].append(
        {"id": 7, "name": "eth0", "type": "1000base-t", "created": "2026-02-04T00:00:00Z"}
    )
    devices["c-10"]["deleted_at"] = "2026-02-06T00:00:00Z"
    return edited


def scrubbed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: scrubbed(each) for key, each in value.items() if key not in UNTOLD}
    if isinstance(value, list):
        return [scrubbed(each) for each in value]
    return value


class Asked:
    """The sandbox's answers, its address replaced as in the record."""

    def __init__(self, sandbox: NetBoxSandbox, client: httpx.Client) -> None:
        self._sandbox = sandbox
        self._client = client

    def __call__(self, path: str) -> tuple[int, Any]:
        answer = self._client.get(
            f"{self._sandbox.url}/api/{path}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        if not answer.headers["Content-Type"].startswith("application/json"):
            return answer.status_code, None
        return answer.status_code, json.loads(answer.text.replace(self._sandbox.url, "URL"))


def asked_of(seed: dict[str, Any]) -> Iterator[Asked]:
    with (
        NetBoxSandbox(seed, lambda: NOW, token=TOKEN) as sandbox,
        httpx.Client(trust_env=False, verify=NO_TLS) as client,
    ):
        yield Asked(sandbox, client)


@pytest.fixture(scope="module")
def ask() -> Iterator[Asked]:
    yield from asked_of(seed())


@pytest.fixture(scope="module")
def ask_edited() -> Iterator[Asked]:
    yield from asked_of(edited_seed())


@pytest.mark.parametrize("row", RECORDED["queries"], ids=lambda row: row["path"])
def test_a_query_is_answered_as_the_real_server_did(row: dict[str, Any], ask: Asked) -> None:
    status, body = ask(row["path"])

    assert (status, body) == (row["status"], row["body"])


@pytest.mark.parametrize("row", RECORDED["shapes"], ids=lambda row: row["path"])
def test_an_object_has_the_real_servers_shape(row: dict[str, Any], ask: Asked) -> None:
    status, body = ask(row["path"])

    assert (status, scrubbed(body)) == (row["status"], row["body"])


def test_edits_leave_the_real_servers_rows_in_the_change_log(ask_edited: Asked) -> None:
    _, body = ask_edited("core/object-changes/?ordering=id&limit=0&id__gt=5")

    rows = [scrubbed(row) for row in body["results"]]
    for row in rows:
        del row["display"]  # names the user
    assert rows == RECORDED["log"]


@pytest.mark.parametrize("row", RECORDED["after"], ids=lambda row: row["path"])
def test_edits_leave_the_real_servers_objects(row: dict[str, Any], ask_edited: Asked) -> None:
    status, body = ask_edited(row["path"])

    assert (status, scrubbed(body)) == (row["status"], row["body"])
