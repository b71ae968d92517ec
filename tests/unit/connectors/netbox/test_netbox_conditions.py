"""Filters tested on what an object was, from its own data alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from connectors.base import Row
from connectors.netbox.api import Api
from connectors.netbox.conditions import CannotTell, condition, paths_of
from connectors.netbox.fields import Path
from connectors.netbox.filters import Filter
from connectors.netbox.lookup import Shapes

KNOWN = (
    *("name", "serial", "status", "position", "asset_tag", "site", "role", "location", "tags"),
    *("custom_fields", "airflow", "primary_ip4", "primary_ip6", "oob_ip", "created", "thing"),
    "comments",
)


class Listed:
    """What else the NetBox lists, by endpoint."""

    LISTS: Mapping[str, Sequence[Row]] = {
        "extras.tags": [
            {"id": 1, "name": "Import", "slug": "import"},
            {"id": 2, "name": "A spare", "slug": "spare"},
        ],
        "dcim.sites": [
            {"id": 3, "slug": "s3", "parent": None},
            {"id": 4, "slug": "s4", "parent": None},
        ],
        "dcim.locations": [
            {"id": 7, "slug": "hall", "parent": None},
            {"id": 8, "slug": "cage", "parent": {"id": 7}},
        ],
        "extras.custom-fields": [
            {"name": name, "type": {"value": kind}, "filter_logic": {"value": logic}}
            for name, kind, logic in (
                ("exact", "text", "exact"),
                ("loose", "text", "loose"),
                ("long", "longtext", "loose"),
                ("link", "url", "loose"),
                ("pick", "select", "loose"),
                ("off", "text", "disabled"),
                ("one", "object", "exact"),
                ("many", "multiobject", "exact"),
                ("json", "json", "exact"),
            )
        ],
    }

    def pages(self, endpoint: str, _: object, fields: object) -> Iterator[Sequence[Row]]:
        yield from ([row] for row in self.LISTS[endpoint])


def data(**said: Any) -> dict[Path, Any]:
    """What the log says of an object: `cf_x` is its custom field x."""
    return {
        ("custom_fields", name.removeprefix("cf_")) if name.startswith("cf_") else (name,): value
        for name, value in said.items()
    }


def holds(filter_: Filter, **said: Any) -> bool:
    shapes = Shapes(cast("Api", Listed()), "dcim.devices")
    return condition("dcim.devices", filter_, KNOWN, shapes)(data(**said))


@pytest.mark.parametrize(
    ("filter_", "matching", "others"),
    [
        # texts: names and serials in any case, everything else as it is written
        ({"name": "c-1"}, ["c-1", "C-1"], ["c-11", None]),
        ({"serial": "A1"}, ["a1"], ["a"]),
        ({"name__n": "c-1"}, ["C-1", "x", None], ["c-1"]),
        ({"status": "active"}, ["active"], ["Active", "", None]),
        ({"status": ["active", "staged"]}, ["active", "staged"], ["offline"]),
        ({"status__n": ["active", "staged"]}, ["offline", None], ["active", "staged"]),
        ({"status__ie": "ACTIVE"}, ["active", "Active"], ["inactive"]),
        ({"status__nie": "ACTIVE"}, ["inactive", None], ["active"]),
        ({"name__ic": "Pute"}, ["compute-1", "COMPUTE"], ["switch", None]),
        ({"name__nic": "Pute"}, ["switch", None], ["compute-1"]),
        ({"name__isw": "Com"}, ["compute"], ["telecom"]),
        ({"name__nisw": "Com"}, ["telecom"], ["compute"]),
        ({"name__iew": "Com"}, ["TELECOM"], ["compute"]),
        ({"name__niew": "Com"}, ["compute"], ["TELECOM"]),
        ({"name__regex": ["^c-[0-9]$", "^x"]}, ["c-1", "x2"], ["C-1", "c-11", None]),
        ({"name__iregex": "^c-[0-9]$"}, ["C-1"], ["c-11"]),
        ({"name__nregex": "^c-[0-9]$"}, ["C-1", None], ["c-1"]),
        ({"name__niregex": "^c-[0-9]$"}, ["c-11"], ["C-1"]),
        # nothing, and what is nothing
        ({"asset_tag": None}, [None, []], ["null", "", 0, False]),
        ({"asset_tag": [None, "T1"]}, [None, "T1"], ["T2"]),
        ({"asset_tag__n": None}, ["T1", ""], [None]),
        ({"serial__empty": True}, [None, "", []], ["A1", 0]),
        ({"serial__empty": False}, ["A1"], [None, ""]),
        ({"serial__empty": ["true", "FALSE"]}, ["A1"], [None]),
        # numbers and flags by what they are
        ({"position": 4}, [4, 4.0], [5, None]),
        ({"position": "high"}, ["high"], [4]),
        ({"airflow": True}, [True, "true"], [False, 1, None]),
        ({"airflow": ["TRUE"]}, [True], [False]),
        ({"airflow": 1}, [1], [True]),
        # many values at once: any of them
        ({"comments": "a"}, [["b", "a"]], [["b"], []]),
        ({"comments__n": "a"}, [["b"], []], [["b", "a"]]),
        # orders, of numbers and of moments
        ({"position__lt": 4}, [3.5], [4, 5, None]),
        ({"position__lte": 4}, [3, 4], [4.5]),
        ({"position__gt": "4"}, [4.5], [4, 3]),
        ({"position__gte": 4}, [4, 5, [1, 9]], [3, [1, 2], [None]]),
        ({"position__gt": [9, 2]}, [3], [2]),
        ({"created__gte": "2026-01-05T09:00:00Z"}, ["2026-01-05T10:00:00+01:00"], ["2026-01-05"]),
        ({"created__lt": "2026-01-05"}, ["2026-01-04T23:59:00Z"], ["2026-01-05T00:00:00Z", "x"]),
    ],
)
def test_a_field_is_compared_as_netbox_compares_it(
    filter_: dict[str, Any], matching: list[Any], others: list[Any]
) -> None:
    field = next(iter(filter_)).partition("__")[0]

    assert [value for value in matching if not holds(filter_, **{field: value})] == []
    assert [value for value in others if holds(filter_, **{field: value})] == []


@pytest.mark.parametrize(
    ("filter_", "matching", "others"),
    [
        ({"site": "s3"}, [3], [4, None]),
        ({"site": ["s3", "s4"]}, [3, 4], [5]),
        ({"site_id": 3}, [3], [4]),
        ({"site__n": "s3"}, [4, None], [3]),
        ({"site_id__n": 3}, [4], [3]),
        ({"site": None}, [None], [3]),
        ({"site": ["s3", None]}, [3, None], [4]),
        ({"site__n": None}, [3], [None]),
        ({"location": "hall"}, [7, 8], [9]),  # and all that is in it
        ({"location_id": 8}, [8], [7]),
    ],
)
def test_another_object_is_meant_by_its_slug_or_its_id(
    filter_: dict[str, Any], matching: list[Any], others: list[Any]
) -> None:
    field = next(iter(filter_)).partition("__")[0].removesuffix("_id")

    assert [value for value in matching if not holds(filter_, **{field: value})] == []
    assert [value for value in others if holds(filter_, **{field: value})] == []


@pytest.mark.parametrize(
    ("filter_", "matching", "others"),
    [
        ({"tag": "import"}, [["Import"], ["A spare", "Import"]], [["A spare"], [], None]),
        ({"tag_id": 2}, [["A spare"]], [["Import"]]),
        ({"tag__any": ["import", "spare"]}, [["Import"], ["A spare"]], [["Other"]]),
        ({"tag__n": "import"}, [["A spare"], [], None], [["Import", "A spare"]]),
        ({"tag_id__n": 2}, [["Import"]], [["A spare"]]),
        ({"tag": "no-more"}, [], [["no-more"], []]),
    ],
)
def test_a_tag_is_meant_by_its_slug_or_its_id_and_kept_by_its_name(
    filter_: dict[str, Any], matching: list[Any], others: list[Any]
) -> None:
    assert [value for value in matching if not holds(filter_, tags=value)] == []
    assert [value for value in others if holds(filter_, tags=value)] == []


@pytest.mark.parametrize(
    ("filter_", "matching", "others"),
    [
        ({"cf_exact": "New"}, ["New"], ["new", "Newer", None]),
        ({"cf_exact__ic": "new"}, ["Newer"], ["old"]),
        ({"cf_exact__n": "New"}, ["new", None], ["New"]),
        ({"cf_exact__empty": True}, [None, ""], ["New"]),
        ({"cf_loose": "new"}, ["Newer"], ["old", None]),
        ({"cf_long": "new"}, ["Newer"], ["old"]),
        ({"cf_link": "new"}, ["Newer"], ["old"]),
        ({"cf_pick": "new"}, ["new"], ["Newer"]),
    ],
)
def test_a_custom_field_is_compared_as_it_is_defined(
    filter_: dict[str, Any], matching: list[Any], others: list[Any]
) -> None:
    field = next(iter(filter_)).partition("__")[0]

    assert [value for value in matching if not holds(filter_, **{field: value})] == []
    assert [value for value in others if holds(filter_, **{field: value})] == []


@pytest.mark.parametrize(
    ("filter_", "said", "expected"),
    [
        ({"has_primary_ip": True}, {"primary_ip4": 1, "primary_ip6": None}, True),
        ({"has_primary_ip": True}, {"primary_ip4": None, "primary_ip6": 2}, True),
        ({"has_primary_ip": True}, {"primary_ip4": None, "primary_ip6": None}, False),
        ({"has_primary_ip": False}, {"primary_ip4": None, "primary_ip6": None}, True),
        ({"has_primary_ip": False}, {"primary_ip4": 1, "primary_ip6": None}, False),
        ({"has_oob_ip": True}, {"oob_ip": 1, "primary_ip4": None}, True),
        ({"has_oob_ip": True}, {"oob_ip": None, "primary_ip4": 1}, False),
    ],
)
def test_an_object_has_an_address_when_one_of_its_fields_holds_one(
    filter_: dict[str, Any], said: dict[str, Any], expected: bool
) -> None:
    assert holds(filter_, **said) is expected


def test_the_whole_filter_has_to_match() -> None:
    both = {"status": "active", "name": "c-1"}

    assert holds(both, status="active", name="c-1")
    assert not holds(both, status="active", name="c-2")
    assert not holds(both, status="offline", name="c-1")
    assert holds({}, status="offline")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("manufacturer", "acme"),
        ("manufacturer_id", 1),
        ("custom_fields", "x"),
        ("has_primary_ip", "maybe"),
        ("serial__empty", "maybe"),
        ("tag", None),
        ("tag__ic", "import"),
        ("cf_undefined", "x"),
        ("cf_one", 1),
        ("cf_many", 1),
        ("cf_json", "x"),
        ("cf_off", "x"),
        ("cf_loose__ie", "x"),
        ("site__ic", "s"),
        ("site", "no-such"),
        ("site", ["no-such", None]),
        ("thing_id", 1),
        ("position__lt", "high"),
        ("position__lt", [4, "high"]),
        ("name__like", "x"),
        ("name__regex", r"\bx"),
    ],
)
def test_a_filter_that_the_objects_own_data_cannot_answer_is_named(key: str, value: Any) -> None:
    with pytest.raises(CannotTell) as caught:
        holds({key: value})

    assert caught.value.args == (key,)


def test_what_a_filter_looks_at_is_said_before_anything_is_read() -> None:
    asked: Filter = {"name__ic": "c", "tag": "a", "tag_id": 1, "cf_kind__n": "x", "site_id": 3}

    assert paths_of(asked, KNOWN) == {("name",), ("tags",), ("custom_fields", "kind"), ("site",)}
    assert paths_of({"has_oob_ip": True}, ["oob_ip"]) == {("oob_ip",)}
    assert paths_of({"has_primary_ip": True}, KNOWN) == {("primary_ip4",), ("primary_ip6",)}
    with pytest.raises(CannotTell):
        paths_of({"has_primary_ip": True}, ["primary_ip4"])
