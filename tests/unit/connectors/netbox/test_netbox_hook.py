"""NetBox's webhooks: which are genuine, and which scopes they may concern."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.netbox import connector

BODY = b'{"event": "updated", "model": "device", "data": {"id": 7}}'
SECRET = "a webhook's secret"
DEVICES: dict[str, Any] = {"endpoint": "dcim.devices", "filter": {"site": "s1", "cf_x": "1"}}


def signed(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    # as extras/webhooks.py of NetBox 4.7.3 signs: HMAC-SHA512 of the body, in hexadecimal
    return {"x-hook-signature": hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()}


def authentic(headers: dict[str, str], body: bytes = BODY, secret: str = SECRET) -> bool:
    assert connector.hook is not None
    return connector.hook.authentic(secret, headers, body)


def touches(notice: Any, scope: dict[str, Any] = DEVICES, *judges: Any) -> bool:
    assert connector.hook is not None
    return connector.hook.touches(scope, judges, notice)


def test_a_notice_signed_with_the_secret_is_authentic() -> None:
    assert authentic(signed())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hook-signature": ""},
        {"x-hook-signature": "sha512=abc"},
        {"x-hook-signature": "Ω"},
        signed(secret="another"),
        signed(BODY + b" "),
    ],
)
def test_a_missing_broken_or_foreign_signature_is_not(headers: dict[str, str]) -> None:
    assert not authentic(headers)


def test_without_a_secret_nothing_is_authentic() -> None:
    assert not authentic(signed(secret=""), secret="")


@pytest.mark.parametrize(
    "notice",
    [
        {"model": "device"},
        {"object_type": "dcim.device"},
        {"model": "cable"},
        {"object_type": "dcim.interface"},
        {"object_type": "extras.journalentry"},
        {"model": "devicebay"},
        {"model": "site"},
        {"object_type": "extras.tag"},
    ],
)
def test_a_device_scope_is_touched_by_devices_and_what_they_are_read_with(notice: Any) -> None:
    assert touches(notice)


@pytest.mark.parametrize("notice", [{"model": "prefix"}, {"object_type": "circuits.circuit"}])
def test_a_device_scope_is_not_touched_by_what_no_device_is_read_with(notice: Any) -> None:
    assert not touches(notice)


def test_a_filter_that_may_lead_anywhere_is_touched_by_everything() -> None:
    assert touches({"model": "region"}, {**DEVICES, "filter": {"region": "r1"}})
    assert touches({"model": "region"}, DEVICES, {"passing": {"region": "r1"}})


def test_a_drift_from_other_objects_is_touched_by_everything() -> None:
    expected = {"endpoint": "plugins.planner.plans", "match": "name", "by": "name", "field": "x"}

    assert touches({"object_type": "planner.plan"}, DEVICES, {"expected": expected})
    assert not touches({"object_type": "planner.plan"}, DEVICES, {"expected": "active"})


def test_a_count_is_a_scope_too() -> None:
    assert touches({"model": "device"}, {"count": "dcim.devices", "filter": {}})
    assert not touches({"model": "prefix"}, {"count": "dcim.devices", "filter": {}})


def test_an_endpoint_without_known_relations_is_touched_by_everything() -> None:
    assert touches({"model": "prefix"}, {"endpoint": "plugins.planner.plans", "filter": {}})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_notice_of_an_unknown_shape_concerns_every_scope(notice: Any) -> None:
    assert touches(notice)
