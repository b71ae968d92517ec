"""The demo's quarter of NetBox: what no key result promises, and what it shares with Jira."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from syncd.demo.netbox.quarter import SITES, quarter_seed
from syncd.demo.netbox.seed import Seed
from syncd.demo.quarter.days import END
from syncd.demo.quarter.network import switches
from syncd.demo.quarter.shipments import shipments

SEED_NUMBER = 2026


@cache
def seed() -> dict[str, Any]:
    return quarter_seed(SEED_NUMBER)


def ours() -> list[dict[str, Any]]:
    return [each for each in seed()["devices"] if each["site"] in SITES]


def test_the_same_number_tells_the_same_story_and_another_one_another() -> None:
    assert quarter_seed(SEED_NUMBER) == seed()
    assert quarter_seed(7) != seed()


def test_it_is_a_seed_whose_references_lead_somewhere() -> None:
    assert len(Seed.model_validate(seed()).devices) == len(seed()["devices"])


def test_nothing_happens_to_a_device_before_it_is_created_nor_after_the_quarter() -> None:
    for device in seed()["devices"]:
        times = [device["created"], *(change["at"] for change in device["changes"])]
        assert times == sorted(times)
        assert datetime.fromisoformat(times[-1]) < END


def test_some_are_entered_by_hand_and_some_are_taken_out_of_service() -> None:
    assert sum(each["created_by"] == "alice" for each in ours()) > 5
    assert sum("deleted_at" in each for each in ours()) == 12


def test_every_unit_of_a_shipment_but_a_few_is_a_device_with_its_serial_number() -> None:
    known = {
        serial
        for device in ours()
        for serial in (device["serial"], *(c["set"].get("serial") for c in device["changes"]))
        if serial
    }
    units = [unit for shipment in shipments(SEED_NUMBER) for unit in shipment.units]

    missing = [unit for unit in units if unit.serial not in known]

    assert 0 < len(missing) < 0.02 * len(units)
    assert all(unit.entry == "never" for unit in missing)


def test_the_switches_are_those_that_prometheus_gets_telemetry_from() -> None:
    named = {each["name"] for each in ours() if each["role"].endswith("switch")}

    assert {switch.name for switch in switches(SEED_NUMBER)} == named


def test_an_interface_has_one_cable_at_most() -> None:
    ends = [tuple(cable[end]) for cable in seed()["cables"] for end in ("a", "b")]

    assert len(set(ends)) == len(ends)


def test_no_two_devices_share_a_place_in_a_rack() -> None:
    places = [
        (device["site"], said["rack"], said["position"])
        for device in seed()["devices"]
        if not device["parent_bay"]
        for said in (device, *(change["set"] for change in device["changes"]))
        if said.get("rack")
    ]

    assert len(set(places)) == len(places)
