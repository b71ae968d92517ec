"""The sandbox describes cables as the real NetBox does: objects, rows in the change log, filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from syncd.demo.netbox import NetBoxSandbox
from tests.peers.world import netbox_seed
from tests.plain import NO_TLS

if TYPE_CHECKING:
    from tests.peers.netbox import NetBox

pytestmark = pytest.mark.peers

TOKEN = "nbt_cablescables." + "c" * 40
NOW = datetime(2026, 3, 1, tzinfo=UTC)
EDIT = {"type": "cat6a", "length": 2.5, "length_unit": "m", "label": "c-0002:mgmt0"}
CABLE = 2
UNTOLD = {"created", "last_updated", "time", "user", "user_name", "request_id", "id"}
FOUND = {
    "type=cat6a": 1,
    "type=aoc": 0,
    "type__empty=true": 5,
    "label=c-0002:mgmt0": 1,
    "label__empty=true": 5,
    "label__ic=MGMT": 1,
    "length=2.5": 1,
    "length__gt=2": 1,
    "length__lt=2": 0,
    "length__empty=true": 5,
}
"""How many of the six cables each query finds."""


@pytest.fixture(scope="module")
def real(netbox: NetBox) -> NetBox:
    netbox.reset()
    netbox.load(netbox_seed())
    netbox.patch(f"dcim/cables/{CABLE}/", EDIT)
    return netbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[httpx.Client]:
    seed = netbox_seed()
    for cable in seed["cables"]:
        cable["changes"] = []
        if cable["id"] == CABLE:
            cable["changes"] = [{"at": "2026-02-20T12:00:00Z", "by": "alice", "set": EDIT}]
    with (
        NetBoxSandbox(seed, lambda: NOW, token=TOKEN) as running,
        httpx.Client(
            base_url=f"{running.url}/api/",
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
            verify=NO_TLS,
        ) as client,
    ):
        yield client


def scrubbed(value: Any) -> Any:
    """Without what differs between two servers: times, users, ids of rows, addresses."""
    if isinstance(value, dict):
        return {
            key: scrubbed(each)
            for key, each in value.items()
            if key not in UNTOLD and not key.endswith("url")
        }
    if isinstance(value, list):
        return [scrubbed(each) for each in value]
    return value


@pytest.mark.parametrize("number", [CABLE, CABLE + 1])
def test_a_cable_is_shown_alike(number: int, real: NetBox, sandbox: httpx.Client) -> None:
    theirs = real.get(f"dcim/cables/{number}/")
    ours = sandbox.get(f"dcim/cables/{number}/").json()

    assert scrubbed(ours) == scrubbed(theirs)
    assert set(ours) == set(theirs)


def test_an_edit_leaves_the_same_row_in_the_change_log(real: NetBox, sandbox: httpx.Client) -> None:
    asked: dict[str, str | int] = {
        "changed_object_type": "dcim.cable",
        "changed_object_id": CABLE,
    }
    theirs = real.get("core/object-changes/", **asked)["results"]
    ours = sandbox.get("core/object-changes/", params=asked).json()["results"]

    shown = [scrubbed({**row, "display": None}) for row in ours]
    assert shown == [scrubbed({**row, "display": None}) for row in theirs]
    assert len(ours) == 1


def test_an_interface_names_its_cable_alike(real: NetBox, sandbox: httpx.Client) -> None:
    theirs = real.get(f"dcim/interfaces/{2 * CABLE - 1}/")
    ours = sandbox.get(f"dcim/interfaces/{2 * CABLE - 1}/").json()

    assert scrubbed(ours["cable"]) == scrubbed(theirs["cable"])


@pytest.mark.parametrize(("query", "amount"), FOUND.items())
def test_a_filter_finds_the_same_cables(
    query: str, amount: int, real: NetBox, sandbox: httpx.Client
) -> None:
    name, _, wanted = query.partition("=")
    theirs = real.get("dcim/cables/", **{name: wanted})["results"]
    ours = sandbox.get(f"dcim/cables/?{query}").json()["results"]

    assert [each["id"] for each in ours] == [each["id"] for each in theirs]
    assert len(ours) == amount
