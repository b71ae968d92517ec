"""Cycles after the first, against a real NetBox: they read what changed."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import FilterIgnored, Outcome
from tests.peers.netbox.watching import World
from tests.peers.netbox_connector.world import PLACED, WIRED, completeness


def test_a_second_cycle_without_changes_reads_no_object(world: World, watch: Any) -> None:
    for _ in range(5):
        world.device()
    seen = watch(completeness(world, PLACED, WIRED)).cycle()
    assert len(seen.read) == 5

    seen.cycle()

    assert (seen.read, seen.requests) == ([], 3)


def test_an_edit_reads_that_device_only(world: World, watch: Any) -> None:
    devices = [world.device() for _ in range(5)]
    seen = watch(completeness(world, {"fields": ["serial"]})).cycle()

    world.upstream.edit("dcim/devices/", devices[2], serial="S-1")
    seen.cycle()

    assert seen.read == [str(devices[2])]
    assert seen.outcome(devices[2]) is Outcome.PASS
    assert seen.cycle().read == []


def test_cabling_and_uncabling_flip_a_device_that_was_not_itself_saved(
    world: World, watch: Any
) -> None:
    device, switch = world.device(), world.device(status="planned")
    managed = world.interface(device, "mgmt0", mgmt_only=True)
    port = world.interface(switch, "p1")
    seen = watch(completeness(world, WIRED)).cycle()
    assert seen.outcome(device) is Outcome.FAIL
    stamp = world.upstream.call("GET", f"dcim/devices/{device}/")["last_updated"]

    cable = world.cable(managed, port)
    assert seen.cycle().outcome(device) is Outcome.PASS
    world.upstream.delete("dcim/cables/", cable)
    assert seen.cycle().outcome(device) is Outcome.FAIL

    assert world.upstream.call("GET", f"dcim/devices/{device}/")["last_updated"] == stamp


def test_moving_a_cable_to_another_port_flips_both_devices(world: World, watch: Any) -> None:
    one, other, switch = world.device(), world.device(), world.device(status="planned")
    ports = [world.interface(device, "mgmt0", mgmt_only=True) for device in (one, other)]
    cable = world.cable(ports[0], world.interface(switch, "p1"))
    seen = watch(completeness(world, WIRED)).cycle()
    assert (seen.outcome(one), seen.outcome(other)) == (Outcome.PASS, Outcome.FAIL)

    ends = [{"object_type": "dcim.interface", "object_id": ports[1]}]
    world.upstream.edit("dcim/cables/", cable, a_terminations=ends)
    seen.cycle()

    assert (seen.outcome(one), seen.outcome(other)) == (Outcome.FAIL, Outcome.PASS)


def test_an_interface_added_or_removed_flips_its_device(world: World, watch: Any) -> None:
    device = world.device()
    seen = watch(completeness(world, WIRED)).cycle()
    assert seen.outcome(device) is Outcome.PASS

    port = world.interface(device, "mgmt0", mgmt_only=True)
    assert seen.cycle().outcome(device) is Outcome.FAIL
    world.upstream.delete("dcim/interfaces/", port)
    assert seen.cycle().outcome(device) is Outcome.PASS


def test_installing_a_blade_tells_the_blade(world: World, watch: Any) -> None:
    kinds = [
        world.upstream.add(
            "dcim/device-types/",
            manufacturer=world.maker,
            model=f"{world.tag}-{role}",
            slug=f"{world.tag}-{role}",
            subdevice_role=role,
            u_height=height,
        )
        for role, height in (("parent", 2), ("child", 0))
    ]
    chassis, blade = world.device(device_type=kinds[0]), world.device(device_type=kinds[1])
    bay = world.upstream.add("dcim/device-bays/", device=chassis, name="bay-1")
    entry = {"when": {"parent_device": None}, "fields": ["position"]}
    seen = watch(completeness(world, entry)).cycle()
    assert seen.outcome(blade) is Outcome.FAIL

    world.upstream.edit("dcim/device-bays/", bay, installed_device=blade)

    assert seen.cycle().outcome(blade) is Outcome.PASS


def test_a_deleted_device_leaves_and_a_new_one_comes(world: World, watch: Any) -> None:
    stays, goes = world.device(), world.device()
    seen = watch(completeness(world, {"fields": ["serial"]})).cycle()

    world.upstream.delete("dcim/devices/", goes)
    comes = world.device()
    seen.cycle()

    assert set(seen.held) == {str(stays), str(comes)}


def test_a_device_that_no_longer_matches_the_filter_leaves(world: World, watch: Any) -> None:
    stays, goes = world.device(), world.device()
    seen = watch(completeness(world, {"fields": ["serial"]})).cycle()

    world.upstream.edit("dcim/devices/", goes, status="offline")

    assert set(seen.cycle().held) == {str(stays)}


def test_what_enters_without_being_saved_is_found_by_counting(world: World, watch: Any) -> None:
    region = world.upstream.add("dcim/regions/", name=world.tag, slug=world.tag)
    device = world.device()
    measure = completeness(world, {"fields": ["serial"]})
    measure["filter"] = {"region": world.tag}
    seen = watch(measure).cycle()
    assert seen.held == {}

    world.upstream.edit("dcim/sites/", world.site, region=region)
    assert set(seen.cycle().held) == {str(device)}
    world.upstream.edit("dcim/sites/", world.site, region=None)
    assert seen.cycle().held == {}


def test_a_custom_field_that_goes_away_cuts_the_run_instead_of_widening_the_scope(
    world: World, watch: Any
) -> None:
    world.device(custom_fields={world.field: "2026-01-05T09:00:00Z"}), world.device()
    measure = completeness(world, {"fields": ["serial"]})
    measure["filter"] = {"site": world.tag, f"cf_{world.field}__empty": False}
    seen = watch(measure).cycle()
    assert seen.count() == 1

    fields = world.upstream.call("GET", f"extras/custom-fields/?name={world.field}")
    world.upstream.delete("extras/custom-fields/", fields["results"][0]["id"])

    with pytest.raises(FilterIgnored, match=world.field):
        seen.cycle()


def test_without_sight_of_the_change_log_everything_is_read_again(world: World, watch: Any) -> None:
    devices = [world.device() for _ in range(3)]
    types = ["dcim.device", "dcim.interface", "dcim.cable"]
    world.upstream.account(world.tag, types)
    seen = watch(completeness(world, WIRED), account=world.tag).cycle()
    assert seen.count() == 3

    world.interface(devices[0], "mgmt0", mgmt_only=True)
    world.upstream.delete("dcim/devices/", devices[2])
    seen.cycle()

    assert seen.outcome(devices[0]) is Outcome.FAIL
    assert set(seen.held) == {str(one) for one in devices[:2]}


def test_a_full_read_that_was_cut_resumes_after_its_last_batch(
    world: World, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.netbox.reader.LIGHT_PAGE", 3)
    devices = [world.device() for _ in range(8)]
    seen = watch(completeness(world, {"fields": ["serial"]}))
    first = next(seen.batches())

    rest = list(seen.batches(resume=first.resume))

    read = [t.object_id for batch in (first, *rest) for t in batch.timelines[0]]
    assert read == [str(one) for one in devices]
    # how many there are depends on how far apart the ids are: it is read in strides over them
    *before, last = rest
    assert last.cursor is not None
    assert before
    assert not any(batch.cursor for batch in before)
