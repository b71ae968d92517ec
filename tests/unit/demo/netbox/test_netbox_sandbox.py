"""What the sandbox NetBox shows as time goes by, and what it refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pynetbox
import pytest
from pydantic import ValidationError

from syncd.demo.netbox import NetBoxSandbox
from tests.plain import NO_TLS

V2 = "nbt_aaaabbbbcccc." + "s" * 40
V1 = "0123456789abcdef0123456789abcdef01234567"


def device(number: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"c-{number}",
        "site": "s1",
        "role": "compute",
        "device_type": "x1",
        "created": f"2026-01-{number:02d}T12:00:00Z",
        "created_by": "svc-asn",
        "interfaces": [{"id": number, "name": "mgmt0", "mgmt_only": True}],
        **said,
    }


def seed(*devices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "custom_fields": [
            {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
        ],
        "users": ["svc-asn", "alice"],
        "sites": [{"id": 1, "name": "S1", "slug": "s1"}],
        "racks": [{"id": 1, "name": "R1", "site": "s1"}],
        "roles": [{"id": 1, "name": "Compute", "slug": "compute"}],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme"}],
        "devices": list(devices),
        **more,
    }


class Moved:
    """A clock for the tests."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def to(self, day: int, hour: float = 0) -> None:
        self.now = datetime(2026, 1, day, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {V2}"}
    with httpx.Client(trust_env=False, headers=headers, verify=NO_TLS) as made:
        yield made


def results(client: httpx.Client, sandbox: NetBoxSandbox, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"{sandbox.url}/api/{path}").json()["results"]
    return rows


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


# -------------------------------------------------------- tags, journals, bays and plugins' lists


TAGS = [{"id": 1, "name": "By Hand", "slug": "by-hand"}, {"id": 2, "name": "Auto", "slug": "auto"}]


def test_tags_are_shown_whole_filtered_by_slug_and_logged_by_name(
    clock: Moved, client: httpx.Client
) -> None:
    edit = {"at": "2026-01-08T10:00:00Z", "by": "alice", "set": {"tags": ["auto", "by-hand"]}}
    made = seed(device(3, tags=["auto"], changes=[edit]), device(4), tags=TAGS)
    with NetBoxSandbox(made, clock, token=V2) as sandbox:
        [tagged] = results(client, sandbox, "dcim/devices/?tag=by-hand")
        others = results(client, sandbox, "dcim/devices/?tag__n=by-hand")
        [change, *_] = results(client, sandbox, "core/object-changes/?action=update")
        known = results(client, sandbox, "extras/tags/?ordering=id")

    assert [(tag["name"], tag["slug"]) for tag in tagged["tags"]] == [
        ("Auto", "auto"),
        ("By Hand", "by-hand"),
    ]
    assert [row["id"] for row in others] == [4]
    assert (change["prechange_data"]["tags"], change["postchange_data"]["tags"]) == (
        ["Auto"],
        ["Auto", "By Hand"],
    )
    assert [tag["slug"] for tag in known] == ["by-hand", "auto"]


def test_a_device_goes_with_its_journal(clock: Moved, client: httpx.Client) -> None:
    entry = {
        "id": 7,
        "device": "c-3",
        "kind": "success",
        "comments": "live",
        "created": "2026-01-05T00:00:00Z",
        "created_by": "alice",
    }
    gone = device(3, deleted_at="2026-01-10T00:00:00Z", deleted_by="alice")
    path = "extras/journal-entries/?assigned_object_type=dcim.device&kind=success"
    with NetBoxSandbox(seed(gone, journal=[entry]), clock, token=V2) as sandbox:
        clock.to(4)
        before = results(client, sandbox, path)
        clock.to(6)
        [written] = results(client, sandbox, path)
        clock.to(11)
        after = results(client, sandbox, path)
        log = results(
            client, sandbox, "core/object-changes/?changed_object_type=extras.journalentry"
        )

    assert before == after == []
    assert (written["kind"]["value"], written["assigned_object_id"]) == ("success", 3)
    assert written["created"] == "2026-01-05T00:00:00Z"
    assert [(row["action"]["value"], row["user_name"]) for row in log] == [
        ("delete", "alice"),
        ("create", "alice"),
    ]


def test_bays_tell_what_is_in_them_and_go_with_their_device(
    clock: Moved, client: httpx.Client
) -> None:
    chassis = device(3, deleted_at="2026-01-10T00:00:00Z")
    blade = device(4, parent_bay={"device": "c-3", "bay": "b1"})
    with NetBoxSandbox(seed(chassis, blade), clock, token=V2) as sandbox:
        clock.to(5)
        [bay] = results(client, sandbox, "dcim/device-bays/?installed_device_id=4")
        clock.to(11)
        left = results(client, sandbox, "dcim/device-bays/")
        [gone] = results(client, sandbox, "core/object-changes/?changed_object_type=dcim.devicebay")

    assert (bay["name"], bay["device"]["id"], bay["installed_device"]["id"]) == ("b1", 3, 4)
    assert left == []
    assert (gone["action"]["value"], gone["prechange_data"]["installed_device"]) == ("delete", 4)


PLANS = {
    "plugin": "planner",
    "name": "plans",
    "model": "planner.plan",
    "things": [
        {
            "id": number,
            "name": f"c-{number}",
            "fields": {"wanted": "active", "phase": number},
            "created": "2026-01-02T00:00:00Z",
            "created_by": "alice",
            "changes": [{"at": "2026-01-08T00:00:00Z", "by": "alice", "set": {"wanted": "spare"}}],
            "deleted": deleted,
        }
        for number, deleted in ((1, None), (2, "2026-01-09T00:00:00Z"))
    ],
}


def test_a_plugins_list_has_its_own_fields_as_filters_and_ignores_the_rest(
    clock: Moved, client: httpx.Client
) -> None:
    with NetBoxSandbox(seed(plugins=[PLANS]), clock, token=V2) as sandbox:
        clock.to(8, -1)
        asked = {
            query: [
                row["id"] for row in results(client, sandbox, f"plugins/planner/plans/?{query}")
            ]
            for query in ("", "phase=2", "wanted=active", "wanted=spare", "colour=red")
        }
        clock.to(10)
        [left] = results(client, sandbox, "plugins/planner/plans/?wanted=spare")
        log = results(client, sandbox, "core/object-changes/?changed_object_type=planner.plan")
        missing = client.get(f"{sandbox.url}/api/plugins/planner/things/")

    assert asked == {
        "": [1, 2],
        "phase=2": [2],
        "wanted=active": [1, 2],
        "wanted=spare": [],
        "colour=red": [1, 2],
    }
    assert (left["id"], left["last_updated"]) == (1, "2026-01-08T00:00:00Z")
    assert [row["action"]["value"] for row in log] == ["delete", *["update"] * 2, *["create"] * 2]
    assert missing.status_code == 404


def test_object_types_say_which_list_shows_what_the_log_calls_so(
    clock: Moved, client: httpx.Client
) -> None:
    with NetBoxSandbox(seed(plugins=[PLANS]), clock, token=V2) as sandbox:
        rows = results(client, sandbox, "core/object-types/?limit=1000")

    paths = {f"{row['app_label']}.{row['model']}": row["rest_api_endpoint"] for row in rows}
    assert paths["planner.plan"] == "/api/plugins/planner/plans/"
    assert paths["dcim.device"] == "/api/dcim/devices/"


def test_custom_fields_say_how_they_are_filtered(clock: Moved, client: httpx.Client) -> None:
    with NetBoxSandbox(seed(), clock, token=V2) as sandbox:
        [defined] = results(client, sandbox, "extras/custom-fields/?name=delivered_at")

    assert (defined["type"]["value"], defined["filter_logic"]["value"]) == ("datetime", "loose")


@pytest.mark.parametrize(
    "wrong",
    [
        {"journal": [{"id": 1, "device": "nobody", "created": "2026-01-05T00:00:00Z",
                      "created_by": "alice"}]},
        {"devices": [device(1, tags=["no-such-tag"])]},
    ],
)  # fmt: skip
def test_a_seed_whose_words_lead_nowhere_is_refused(clock: Moved, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"no (device|tag)"):
        NetBoxSandbox({**seed(), **wrong}, clock, token=V2)
