"""The test servers themselves: they boot, a seed arrives exactly, history is planted."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.peers.process import LOOPBACK, PeerFailed, Process
from tests.peers.prometheus import promtool_check_metrics

if TYPE_CHECKING:
    from tests.peers.netbox import NetBox
    from tests.peers.postgres import Postgres
    from tests.peers.prometheus import Prometheus

DEVICES = 40
SEED: dict[str, Any] = {
    "custom_fields": [
        {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
    ],
    "users": ["svc-asn", "alice"],
    "sites": [{"id": 1, "name": "Stream 1", "slug": "stream-1"}],
    "racks": [{"id": 1, "name": "R1", "site": "stream-1"}],
    "roles": [{"id": 1, "name": "Compute", "slug": "compute"}],
    "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
    "device_types": [
        {"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme", "u_height": 1},
        {"id": 2, "model": "Chassis", "slug": "chassis", "manufacturer": "acme", "u_height": 4},
        {"id": 3, "model": "Blade", "slug": "blade", "manufacturer": "acme", "u_height": 1},
    ],
    "devices": [
        {
            "id": number,
            "name": f"c-{number:04}",
            "site": "stream-1",
            "role": "compute",
            "device_type": "x1",
            "status": "active",
            "serial": f"S{number}",
            "asset_tag": f"A{number}",
            "rack": "R1",
            "position": number,
            "face": "front",
            "primary_ip4": f"10.0.0.{number}/32",
            "custom_fields": {"delivered_at": "2026-01-05T09:00:00Z"},
            "created": f"2026-01-05T12:{number:02}:00Z",
            "created_by": "svc-asn" if number % 2 else "alice",
            "last_updated": "2026-01-07T12:00:00Z",
            "interfaces": [
                {"id": 2 * number, "name": "eth0", "type": "1000base-t", "mgmt_only": False},
                {"id": 2 * number + 1, "name": "mgmt0", "type": "1000base-t", "mgmt_only": True},
            ],
        }
        for number in range(1, DEVICES + 1)
    ]
    + [
        {
            "id": 900,
            "name": "chassis-1",
            "site": "stream-1",
            "role": "compute",
            "device_type": "chassis",
            "asset_tag": None,
            "created": "2026-01-04T12:00:00Z",
        },
        {
            "id": 901,
            "name": "blade-1",
            "site": "stream-1",
            "role": "compute",
            "device_type": "blade",
            "parent_bay": {"device": "chassis-1", "bay": "bay-1"},
            "created": "2026-01-04T13:00:00Z",
            "created_by": "alice",
        },
    ],
    "cables": [{"id": 1, "a": ["c-0001", "eth0"], "b": ["c-0002", "eth0"]}],
}


@pytest.fixture
def seeded(netbox: NetBox) -> NetBox:
    """A NetBox that holds the seed and nothing else."""
    netbox.reset()
    done = netbox.load(SEED)
    assert done == {"devices": DEVICES + 2, "new_devices": DEVICES + 2, "cables": 1}
    return netbox


def test_a_seed_arrives_exactly(seeded: NetBox) -> None:
    assert seeded.get("dcim/devices/", limit=1)["count"] == DEVICES + 2
    device = seeded.get("dcim/devices/3/")
    assert device["name"] == "c-0003"
    assert device["created"] == "2026-01-05T12:03:00Z"
    assert device["last_updated"] == "2026-01-07T12:00:00Z"
    assert device["custom_fields"] == {"delivered_at": "2026-01-05T09:00:00Z"}
    assert device["rack"]["name"] == "R1"
    assert device["position"] == 3.0
    assert device["face"]["value"] == "front"
    assert device["interface_count"] == 2
    assert device["primary_ip4"]["address"] == "10.0.0.3/32"
    address = seeded.get(f"ipam/ip-addresses/{device['primary_ip4']['id']}/")
    assert address["assigned_object"]["name"] == "mgmt0"
    near, far = seeded.get("dcim/interfaces/2/"), seeded.get("dcim/interfaces/4/")
    assert near["cable"]["id"] == far["cable"]["id"] == 1
    assert [end["id"] for end in near["connected_endpoints"]] == [4]
    assert near["_occupied"] is True
    blade = seeded.get("dcim/devices/901/")
    assert blade["parent_device"]["name"] == "chassis-1"
    assert blade["parent_device"]["device_bay"]["name"] == "bay-1"
    assert blade["custom_fields"] == {"delivered_at": None}


def test_the_change_log_tells_who_made_each_device_and_when(seeded: NetBox) -> None:
    log = seeded.get("core/object-changes/", limit=1000, ordering="id")["results"]
    assert [row["action"]["value"] for row in log] == ["create"] * (DEVICES + 2)
    assert {row["changed_object_type"] for row in log} == {"dcim.device"}
    told = {row["changed_object_id"]: (row["time"], row["user_name"]) for row in log}
    assert told == {
        device["id"]: (device["created"], device.get("created_by", "admin"))
        for device in SEED["devices"]
    }
    times = [row["time"] for row in log]
    assert times == sorted(times)
    third = next(row for row in log if row["changed_object_id"] == 3)
    assert third["postchange_data"]["serial"] == "S3"
    assert third["postchange_data"]["rack"] == 1
    assert third["postchange_data"]["custom_fields"] == {"delivered_at": "2026-01-05T09:00:00Z"}
    assert len({row["request_id"] for row in log}) == len(log)


def test_edits_through_the_api_are_logged_with_the_tokens_user(seeded: NetBox) -> None:
    newest = seeded.get("core/object-changes/", limit=1)["results"][0]["id"]
    assert seeded.patch("dcim/devices/1/", {"serial": "S1-new"})["serial"] == "S1-new"
    seeded.patch("dcim/devices/901/", {"serial": "B1"})
    seeded.delete("dcim/cables/1/")
    seeded.delete("dcim/devices/2/")
    made = seeded.post(
        "dcim/devices/", {"name": "new", "site": 1, "role": 1, "device_type": 1, "status": "active"}
    )
    assert made["id"] == 902, "the sequence follows the seed's own ids"
    log = seeded.get("core/object-changes/", id__gt=newest, limit=100)["results"]
    assert {row["user_name"] for row in log} == {seeded.user}
    told = {
        (row["changed_object_type"], row["action"]["value"], row["changed_object_id"])
        for row in log
    }
    assert {
        ("dcim.device", "update", 1),
        ("dcim.device", "update", 901),
        ("dcim.device", "delete", 2),
        ("dcim.device", "create", 902),
        ("dcim.cable", "delete", 1),
        ("dcim.interface", "update", 2),
        ("dcim.interface", "update", 4),
    } <= told
    edit = next(row for row in log if row["changed_object_id"] == 1 and "S1-new" in str(row))
    assert edit["prechange_data"]["serial"] == "S1"
    assert edit["postchange_data"]["serial"] == "S1-new"


def test_a_seed_may_be_loaded_again_and_added_to(seeded: NetBox) -> None:
    more = copy.deepcopy(SEED)
    more["devices"][0] |= {"serial": "S1-again", "primary_ip4": None}
    more["devices"].append({**more["devices"][1], "id": 41, "name": "c-0041", "asset_tag": "A41"})
    more["devices"][-1] |= {"primary_ip4": "10.0.0.41/32", "position": 41, "interfaces": []}
    more["devices"][-1]["interfaces"] = [{"id": 1041, "name": "eth0"}]
    assert seeded.load(more)["new_devices"] == 1
    assert seeded.get("dcim/devices/", limit=1)["count"] == DEVICES + 3
    assert seeded.get("core/object-changes/", limit=1)["count"] == DEVICES + 3
    assert seeded.get("dcim/interfaces/", limit=1)["count"] == 2 * DEVICES + 1
    first = seeded.get("dcim/devices/1/")
    assert first["serial"] == "S1-again"
    assert first["primary_ip4"] is None


def test_a_kept_state_is_returned_to(seeded: NetBox) -> None:
    seeded.keep("seeded")
    seeded.delete("dcim/devices/1/")
    seeded.reset("seeded")
    assert seeded.get("dcim/devices/1/")["name"] == "c-0001"
    seeded.reset()
    assert seeded.get("dcim/devices/")["count"] == 0


def test_a_wrong_seed_is_refused_whole(netbox: NetBox) -> None:
    netbox.reset()
    wrong = {**SEED, "cables": [{"id": 1, "a": ["c-0001", "eth0"], "b": ["nobody", "eth0"]}]}
    with pytest.raises(PeerFailed, match="nobody"):
        netbox.load(wrong)
    assert netbox.get("dcim/devices/")["count"] == 0
    with pytest.raises(PeerFailed, match="404"):
        netbox.get("dcim/devices/1/")


def test_each_database_is_fresh(postgres: Postgres) -> None:
    import psycopg

    first, second = postgres.create_database(), postgres.create_database()
    assert first != second
    for url in (first, second):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE only_once (n integer)")


def test_a_failed_boot_shows_the_log(tmp_path: Path) -> None:
    with pytest.raises(PeerFailed, match="no such thing"):
        Process(
            "a server", ["sh", "-c", "echo no such thing; exit 3"], log=tmp_path / "log"
        ).wait_until(lambda: False, seconds=10)


@pytest.fixture
def exporter() -> Iterator[str]:
    """The address of a small exporter on loopback."""

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"# HELP crates Crates in store.\n# TYPE crates gauge\ncrates 7\n"
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer((LOOPBACK, 0), Metrics) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"{LOOPBACK}:{server.server_port}"
        server.shutdown()
        thread.join()


def test_prometheus_has_history_and_scrapes(
    prometheus_server: Callable[..., Prometheus], exporter: str
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)
    samples = [f"cargo {hour} {start.timestamp() + 3600 * hour:.0f}" for hour in range(200)]
    history = "\n".join(["# TYPE cargo gauge", *samples, "# EOF", ""])
    server = prometheus_server(
        [{"job_name": "crates", "static_configs": [{"targets": [exporter]}]}], history=history
    )
    result = server.query("cargo", at=start + timedelta(hours=42, minutes=1))
    assert [row["value"][1] for row in result] == ["42"]
    server.wait_until_scraped()
    assert server.wait_for("crates")[0]["value"][1] == "7"


def test_a_target_that_is_down_is_named(prometheus_server: Callable[..., Prometheus]) -> None:
    # Port 9 of loopback: nobody runs a discard server there.
    down = [{"job_name": "gone", "static_configs": [{"targets": [f"{LOOPBACK}:9"]}]}]
    with pytest.raises(PeerFailed, match="connection refused"):
        prometheus_server(down).wait_until_scraped(seconds=10)


def test_promtool_judges_an_exposition() -> None:
    assert promtool_check_metrics("# HELP a_total A.\n# TYPE a_total counter\na_total 1\n") == []
    assert promtool_check_metrics("# TYPE a counter\na 1\n") != []
    assert promtool_check_metrics("a{ 1\n") != []
