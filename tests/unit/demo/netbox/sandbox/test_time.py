"""What the sandbox NetBox shows as time goes by, and what it refuses."""

from __future__ import annotations

import socket
import threading
from typing import Any

import httpx
import pynetbox
import pytest
from pydantic import ValidationError

from syncd.demo.netbox import NetBoxSandbox
from tests.plain import NO_TLS
from tests.unit.demo.netbox.sandbox.world import V2, Moved, device, results, seed

V1 = "0123456789abcdef0123456789abcdef01234567"


def test_a_device_exists_from_its_creation_until_its_deletion(
    clock: Moved, client: httpx.Client
) -> None:
    gone = device(5, deleted_at="2026-01-10T00:00:00Z", deleted_by="alice")
    with NetBoxSandbox(seed(device(3), gone), clock, token=V2) as sandbox:
        seen = {}
        for day, hour in ((3, 11), (3, 12), (5, 12), (9, 23), (10, 0), (4, 0)):
            clock.to(day, hour)
            seen[day, hour] = [row["name"] for row in results(client, sandbox, "dcim/devices/")]

    assert seen == {
        (3, 11): [],
        (3, 12): ["c-3"],
        (5, 12): ["c-3", "c-5"],
        (9, 23): ["c-3", "c-5"],
        (10, 0): ["c-3"],
        (4, 0): ["c-3"],  # the clock may go back
    }


def test_a_change_shows_from_its_moment_on_with_its_last_update(
    clock: Moved, client: httpx.Client
) -> None:
    edit = {"asset_tag": "A1", "custom_fields": {"delivered_at": "2026-01-02T00:00:00Z"}}
    changed = device(3, changes=[{"at": "2026-01-08T10:00:00Z", "by": "alice", "set": edit}])
    with NetBoxSandbox(seed(changed), clock, token=V2) as sandbox:
        clock.to(8, 9)
        [before] = results(client, sandbox, "dcim/devices/")
        clock.to(8, 10)
        [after] = results(client, sandbox, "dcim/devices/?last_updated__gte=2026-01-08T10:00:00Z")

    assert (before["asset_tag"], before["last_updated"]) == (None, "2026-01-03T12:00:00Z")
    assert (after["asset_tag"], after["last_updated"]) == ("A1", "2026-01-08T10:00:00Z")
    assert after["created"] == "2026-01-03T12:00:00Z"
    assert after["custom_fields"] == {"delivered_at": "2026-01-02T00:00:00Z"}


def test_the_change_log_grows_with_time_and_tells_before_and_after(
    clock: Moved, client: httpx.Client
) -> None:
    edit = {"at": "2026-01-08T10:00:00Z", "by": "alice", "set": {"serial": "S1"}}
    changed = device(3, changes=[edit])
    with NetBoxSandbox(seed(device(5), changed), clock, token=V2) as sandbox:
        clock.to(6)
        early = results(client, sandbox, "core/object-changes/?ordering=id")
        clock.to(9)
        late = results(client, sandbox, "core/object-changes/?ordering=id")

    assert [(row["id"], row["changed_object_id"]) for row in early] == [(1, 3), (2, 5)]
    assert late[:2] == early
    [update] = late[2:]
    assert (update["action"]["value"], update["user_name"]) == ("update", "alice")
    assert update["time"] == "2026-01-08T10:00:00Z"
    assert (update["prechange_data"]["serial"], update["postchange_data"]["serial"]) == ("", "S1")


def test_a_cable_made_later_touches_its_interfaces_and_not_its_devices(
    clock: Moved, client: httpx.Client
) -> None:
    cable = {"id": 1, "a": ["c-3", "mgmt0"], "b": ["c-5", "mgmt0"]}
    later = {**cable, "created": "2026-01-09T00:00:00Z", "created_by": "alice"}
    with NetBoxSandbox(seed(device(3), device(5), cables=[later]), clock, token=V2) as sandbox:
        clock.to(8)
        before = results(client, sandbox, "dcim/interfaces/")
        clock.to(9)
        after = results(client, sandbox, "dcim/interfaces/")
        devices = results(client, sandbox, "dcim/devices/?last_updated__gte=2026-01-06")
        log = results(client, sandbox, "core/object-changes/?user=alice&ordering=id")

    assert [row["cable"] for row in before] == [None, None]
    assert [row["cable"]["id"] for row in after] == [1, 1]
    assert {row["last_updated"] for row in after} == {"2026-01-09T00:00:00Z"}
    assert devices == []
    assert [(row["changed_object_type"], row["action"]["value"]) for row in log] == [
        ("dcim.cable", "create"),
        ("dcim.cabletermination", "create"),
        ("dcim.interface", "update"),
        ("dcim.cabletermination", "create"),
        ("dcim.interface", "update"),
        ("dcim.cable", "update"),
    ]


def test_the_date_header_tells_the_sandboxs_own_time(clock: Moved, client: httpx.Client) -> None:
    with NetBoxSandbox(seed(), clock, token=V2) as sandbox:
        answer = client.get(f"{sandbox.url}/api/status/")

    assert answer.headers["Date"] == "Tue, 20 Jan 2026 00:00:00 GMT"
    assert answer.json()["netbox-version"] == "4.7.3"


def test_pynetbox_walks_the_sandbox(clock: Moved) -> None:
    devices = [device(number) for number in range(1, 8)]
    with NetBoxSandbox(seed(*devices), clock, token=V2, max_page_size=3) as sandbox:
        api = pynetbox.api(sandbox.url, token=V2)
        api.http_session.headers["Authorization"] = f"Bearer {V2}"
        names = [row.name for row in api.dcim.devices.filter(site="s1")]
        count = api.dcim.devices.count(site="s1")
        api.http_session.close()

    assert names == [f"c-{number}" for number in range(1, 8)]
    assert count == 7


@pytest.mark.parametrize(
    ("token", "header", "detail"),
    [
        (V2, None, "Authentication credentials were not provided."),
        (V2, "Basic eDp5", "Authentication credentials were not provided."),
        (V2, "Bearer nbt_aaaabbbbcccc." + "x" * 40, "Invalid v2 token"),
        (V1, "Token " + "f" * 40, "Invalid v1 token"),
        (V2, "Bearer nbt_nodot", "Could not parse key from v2 token"),
        (V2, "Bearer", "Invalid authorization header"),
    ],
)
def test_a_bad_token_is_403_with_netboxs_words(
    token: str, header: str | None, detail: str, clock: Moved
) -> None:
    headers = {} if header is None else {"Authorization": header}
    with NetBoxSandbox(seed(), clock, token=token) as sandbox:
        answer = httpx.get(
            f"{sandbox.url}/api/status/", headers=headers, trust_env=False, verify=NO_TLS
        )

    assert answer.status_code == 403
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(("token", "header"), [(V2, f"Bearer {V2}"), (V1, f"Token {V1}")])
def test_both_versions_of_tokens_are_taken(token: str, header: str, clock: Moved) -> None:
    with NetBoxSandbox(seed(), clock, token=token) as sandbox:
        url = f"{sandbox.url}/api/authentication-check/"
        answer = httpx.get(url, headers={"Authorization": header}, trust_env=False, verify=NO_TLS)

    assert (answer.status_code, answer.json()["username"]) == (200, "syncd")
    assert token not in repr(sandbox)


@pytest.mark.parametrize(
    "path",
    [
        "/api/dcim/devices/?tag=x&tag=y",
        "/api/dcim/devices/?latitude__gt=1",
        "/api/dcim/devices/?cf_delivered_at__gte=2026-01-01T00:00:00Z",
        "/api/dcim/devices/?ordering=serial",
        "/api/dcim/devices/?export=x",
        "/api/dcim/devices/?format=api",
        "/api/ipam/prefixes/",
        "/graphql/",
    ],
)
def test_what_netbox_can_and_the_sandbox_cannot_is_refused_loudly(
    path: str, clock: Moved, client: httpx.Client
) -> None:
    with NetBoxSandbox(seed(device(1)), clock, token=V2) as sandbox:
        method = "POST" if path == "/graphql/" else "GET"
        answer = client.request(method, f"{sandbox.url}{path}")

    assert answer.status_code == 501
    assert "sandbox" in answer.json()["detail"]


def test_links_lead_to_pages(clock: Moved, client: httpx.Client) -> None:
    named = device(1, name="<b>c</b>")
    with NetBoxSandbox(seed(named), clock, token=V2) as sandbox:
        [row] = results(client, sandbox, "dcim/devices/")
        page = httpx.get(row["display_url"], trust_env=False, verify=NO_TLS)
        listed = httpx.get(f"{sandbox.url}/dcim/devices/?site=s1", trust_env=False, verify=NO_TLS)
        missing = httpx.get(f"{sandbox.url}/dcim/devices/99/", trust_env=False, verify=NO_TLS)

    assert "mgmt0" in page.text
    assert "&lt;b&gt;c&lt;/b&gt;" in page.text
    assert "1 devices" in listed.text
    assert (page.status_code, listed.status_code, missing.status_code) == (200, 200, 404)


def test_an_outage_of_the_seed_and_a_failure_on_demand_look_like_a_proxys(
    clock: Moved, client: httpx.Client
) -> None:
    outage = {"from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z", "status": 503}
    with NetBoxSandbox(seed(outages=[outage]), clock, token=V2) as sandbox:
        statuses = []
        for day in (4, 5, 6):
            clock.to(day)
            statuses.append(client.get(f"{sandbox.url}/api/status/").status_code)
        sandbox.fail_with(429)
        failed = client.get(f"{sandbox.url}/api/status/")
        sandbox.recover()
        healed = client.get(f"{sandbox.url}/api/status/")
        seen = [each.status for each in sandbox.requests]

    assert statuses == [200, 503, 200]
    assert (failed.status_code, failed.headers["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert healed.status_code == 200
    assert seen == [200, 503, 200, 429, 200]


def test_requests_are_written_down_without_headers(clock: Moved, client: httpx.Client) -> None:
    with NetBoxSandbox(seed(), clock, token=V2) as sandbox:
        client.get(f"{sandbox.url}/api/dcim/sites/?slug=s1&limit=1")
        [seen] = sandbox.requests
        sandbox.forget_requests()
        forgotten = sandbox.requests

    assert (seen.path, seen.query) == ("/api/dcim/sites/", (("slug", "s1"), ("limit", "1")))
    assert V2 not in repr(seen)
    assert forgotten == ()


def test_stopping_ends_kept_connections_and_threads(clock: Moved, client: httpx.Client) -> None:
    before = threading.active_count()
    sandbox = NetBoxSandbox(seed(), clock, token=V2)
    url = sandbox.start()
    client.get(f"{url}/api/status/")  # and the client keeps the connection
    sandbox.stop()
    sandbox.stop()

    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not started"):
        _ = sandbox.url
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (seed(device(1, site="nowhere")), "device c-1: no site 'nowhere'"),
        (seed(device(1, rack="R9")), "device c-1: no rack 'R9' at site s1"),
        (seed(device(1, status="fine")), "device c-1: no status 'fine'"),
        (seed(device(1, custom_fields={"x": 1})), r"device c-1: no custom field \['x'\]"),
        (
            seed(device(1, changes=[{"at": "2026-01-09T00:00:00Z", "by": "a", "set": {"x": 1}}])),
            "Input should be",
        ),
        (seed(device(1, created="2026-01-01T00:00:00")), "timezone"),
        (
            seed(cables=[{"id": 1, "a": ["c-1", "p"], "b": ["c-1", "q"]}]),
            r"cable 1: no interface \['c-1', 'p'\]",
        ),
        (seed(colour="red"), "Extra inputs are not permitted"),
    ],
)
def test_a_seed_that_leads_nowhere_is_refused_at_the_door(
    broken: dict[str, Any], said: str, clock: Moved
) -> None:
    with pytest.raises(ValidationError, match=said):
        NetBoxSandbox(broken, clock, token=V2)
