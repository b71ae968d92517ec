"""Tags, journals, bays and the lists of plugins in the sandbox NetBox."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from syncd.demo.netbox import NetBoxSandbox
from tests.unit.demo.netbox.sandbox.world import V2, Moved, device, results, seed

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
