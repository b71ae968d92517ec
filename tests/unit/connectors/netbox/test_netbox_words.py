"""Paths, filters, object types and packed ids: the pure words under the judges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import QueryRefused
from connectors.netbox.api import authorisation, classify
from connectors.netbox.fields import checked_path, filled, matches, path_of, value_at, words_of
from connectors.netbox.filters import checked_filter, chunks, narrowed, parameters
from connectors.netbox.idset import packed, unpacked
from connectors.netbox.relations import object_type

DEVICE: dict[str, Any] = {
    "id": 12,
    "serial": "",
    "role": {"id": 3, "name": "Compute node", "slug": "compute"},
    "rack": {"id": 9, "name": "R1", "display": "R1"},
    "status": {"value": "active", "label": "Active"},
    "position": 1.0,
    "parent_device": None,
    "tags": [{"slug": "gpu"}, {"slug": "lab"}],
    "custom_fields": {"kind": {"value": "x", "label": "X"}, "spare": False, "empty": None},
}


@pytest.mark.parametrize("value", ["", "  ", None, [], {}, [None, ""], {"value": "", "label": ""}])
def test_empty_text_null_and_empty_lists_are_missing(value: Any) -> None:
    assert not filled(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", [0], {"id": 1}, {"value": 0}])
def test_zero_and_false_are_filled(value: Any) -> None:
    assert filled(value)


@pytest.mark.parametrize(
    ("path", "wanted", "holds"),
    [
        ("role", "compute", True),
        ("role", "Compute node", False),
        ("role", ["server", "compute"], True),
        ("rack", "R1", True),
        ("status", "active", True),
        ("status", "Active", False),
        ("parent_device", None, True),
        ("rack", None, False),
        ("serial", None, True),
        ("rack", [None, "R1"], True),
        ("position", 1, True),
        ("position", True, False),
        ("tags", "lab", True),
        ("tags", "prod", False),
        ("cf.kind", "x", True),
        ("cf.spare", False, True),
        ("cf.spare", 0, False),
        ("cf.empty", None, True),
        ("id", "12", True),
    ],
)
def test_a_condition_compares_references_by_slug_choices_by_value_and_null_with_empty(
    path: str, wanted: Any, holds: bool
) -> None:
    assert matches(value_at(DEVICE, path_of(path)), wanted) is holds


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("seriall", "no field seriall on devices; did you mean serial?"),
        ("cf.knd", "no custom field knd on devices; did you mean cf.kind?"),
        ("cf.delivered_at", "no custom field delivered_at on devices"),
        ("role.colour", "no field role.colour on devices"),
    ],
)
def test_a_field_that_does_not_exist_is_another_thing_than_an_empty_one(
    path: str, words: str
) -> None:
    with pytest.raises(QueryRefused, match=words.replace("?", r"\?")):
        value_at(DEVICE, path_of(path), "devices")


def test_the_way_through_an_empty_reference_is_empty() -> None:
    assert value_at(DEVICE, path_of("parent_device.site.region")) is None


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("custom_fields.x", "cf.x"),
        ("Serial", "serial"),
        ("a b", "such as serial"),
        ("cf", "cf.NAME"),
        ("a..b", "such as serial"),
        ("", "such as serial"),
    ],
)
def test_what_is_no_path_is_refused_with_the_fix(text: str, fix: str) -> None:
    with pytest.raises(ValueError, match=fix):
        checked_path(text)


@pytest.mark.parametrize("text", ["serial", "site.region", "cf.delivered_at", "site.cf.x"])
def test_a_path_is_told_as_it_was_written(text: str) -> None:
    assert words_of(path_of(checked_path(text))) == text


# ------------------------------------------------------------------------------------- filters


def test_a_filter_goes_on_the_wire_in_netboxes_words() -> None:
    filter_: dict[str, Any] = {
        "site": ["b", "a"],
        "rack_id": None,
        "has_primary_ip": True,
        "u__gte": 4,
    }

    assert parameters(checked_filter(filter_)) == [
        ("has_primary_ip", "true"),
        ("rack_id", "null"),
        ("site", "b"),
        ("site", "a"),
        ("u__gte", "4"),
    ]


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ({"limit": 5}, "limit is no filter: it pages"),
        ({"filter_id": 5}, "saved filter"),
        ({"id__gt": 5}, "paged by id"),
        ({"site": []}, "empty list"),
        ({"site": ""}, "write null"),
        ({"tag": ["a", "b"]}, "tag__any"),
    ],
)
def test_what_netbox_would_misread_is_refused(filter_: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked_filter(filter_)


def test_passing_narrows_a_filter_instead_of_widening_it() -> None:
    both = narrowed({"site": "s", "status": ["active", "staged"]}, {"status": "active"})

    assert both == {"site": "s", "status": "active"}


@pytest.mark.parametrize(
    ("scope", "passing", "words"),
    [
        ({"status": "active"}, {"status": "staged"}, "already leaves out"),
        ({"name__ic": "a"}, {"name__ic": "b"}, "any of"),
        ({"tag": "a"}, {"tag": "b"}, "any of"),
    ],
)
def test_passing_that_netbox_would_take_as_either_is_refused(
    scope: dict[str, Any], passing: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        narrowed(scope, passing)


@given(st.sets(st.integers(1, 10**7), max_size=400), st.integers(40, 500))
def test_chunks_hold_every_id_once_and_fit_the_request_line(ids: set[int], budget: int) -> None:
    parts = list(chunks("device_id", ids, budget))

    assert [int(text) for part in parts for _, text in part] == sorted(ids)
    for part in parts:
        assert sum(len(name) + len(text) + 2 for name, text in part) <= budget


@given(st.sets(st.integers(1, 50_000), max_size=300))
def test_packed_ids_come_back(ids: set[int]) -> None:
    assert unpacked(packed(ids)) == ids


def test_a_hundred_thousand_ids_take_little_room() -> None:
    assert len(packed(set(range(1, 200_000, 2)))) < 1_000
    assert len(packed({number * 37 % 100_003 for number in range(1, 60_000)})) < 20_000


# ------------------------------------------------------------------------- tokens, object types


@pytest.mark.parametrize(
    ("token", "header"),
    [("nbt_abc.def", "Bearer nbt_abc.def"), ("0123456789abcdef", "Token 0123456789abcdef")],
)
def test_a_token_goes_in_its_own_form(token: str, header: str) -> None:
    assert authorisation(token) == header


@pytest.mark.parametrize(
    "detail",
    [
        "Invalid v2 token",
        "Invalid v1 token",
        "Token expired",
        "Token disabled",
        "User inactive",
        "Source IP 10.0.0.1 is not permitted to authenticate using this token.",
        "Authentication credentials were not provided.",
    ],
)
def test_a_403_about_the_token_is_unauthorised(detail: str) -> None:
    refused = classify(403, {"detail": detail})

    assert refused is not None
    assert refused.error_type == "unauthorised"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"detail": "You do not have permission to perform this action."}),
        (403, None),
        (403, ["Invalid v2 token"]),
        (400, {"detail": "Invalid v2 token"}),
    ],
)
def test_other_answers_mean_what_their_status_says(status: int, body: Any) -> None:
    assert classify(status, body) is None


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("dcim.devices", "dcim.device"),
        ("dcim.device-roles", "dcim.devicerole"),
        ("dcim.interfaces", "dcim.interface"),
        ("dcim.virtual-chassis", "dcim.virtualchassis"),
        ("dcim.inventory-items", "dcim.inventoryitem"),
        ("ipam.ip-addresses", "ipam.ipaddress"),
        ("ipam.prefixes", "ipam.prefix"),
        ("virtualization.interfaces", "virtualization.vminterface"),
        ("virtualization.virtual-machines", "virtualization.virtualmachine"),
        ("vpn.ike-policies", "vpn.ikepolicy"),
        ("extras.journal-entries", "extras.journalentry"),
        ("plugins.bgp.sessions", "bgp.session"),
    ],
)
def test_an_endpoints_objects_have_their_name_in_the_change_log(endpoint: str, name: str) -> None:
    assert object_type(endpoint) == name
