"""What a session finds in a real NetBox: rights that lack, tokens that may write, the change log."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.checkup import Checkup, Examinable, Finding, Level, Wanted
from connectors.netbox import connector
from tests.peers.netbox.watching import Recorder, Upstream, World, new_world, opened, soon


@pytest.fixture(scope="module")
def world(upstream: Upstream) -> Iterator[World]:
    with new_world(upstream) as made:
        made.complete_device()
        yield made


def wanted(world: World) -> Wanted:
    asked = {
        "measure": "netbox.completeness",
        **world.scope,
        "required": [{"fields": ["serial", {"every": "interfaces", "has": "cable"}]}],
    }
    plan = connector.measures["netbox.completeness"].model_validate(asked).plan("netbox")
    return Wanted("complete_devices", plan)


def examined(url: str, token: str, *each: Wanted) -> dict[str, list[Finding]]:
    """What is found, by what it is about."""
    session = opened(url, token, Recorder())
    try:
        assert isinstance(session, Examinable)
        checkup = Checkup(each, session.identify(soon()), datetime.now(UTC), soon())
        found: dict[str, list[Finding]] = {}
        for one in session.examine(checkup):
            found.setdefault(one.about, []).append(one)
        return found
    finally:
        session.close()


def levels(findings: list[Finding]) -> list[Level]:
    return [one.level for one in findings]


def test_an_account_that_may_see_all_and_write_is_told_that_it_may_write(
    upstream: Upstream, world: World
) -> None:
    found = examined(upstream.url, upstream.token(), wanted(world))

    assert levels(found["version"]) == [Level.OK]
    assert "dcim.devices" in found["objects"][0].says
    assert levels(found["objects"])[0] is Level.OK
    assert levels(found["read only"]) == [Level.WARNING]
    assert levels(found["change log"]) == [Level.OK]


def test_each_right_that_lacks_is_named_with_the_permission_that_gives_it(
    upstream: Upstream, world: World
) -> None:
    name = f"reader-{uuid.uuid4().hex[:8]}"
    upstream.account(name, ["dcim.device"])

    found = examined(upstream.url, upstream.token(name), wanted(world))

    lacking = {one.says: one.fix for one in found["objects"] if one.level is Level.PROBLEM}
    assert [
        "dcim.view_cable" in fix or "dcim.view_interface" in fix for fix in lacking.values()
    ] == [
        True,
        True,
    ]
    assert all("complete_devices" in says for says in lacking)
    assert "core.view_objectchange" in found["change log"][0].fix
    assert levels(found["change log"]) == [Level.WARNING]


def test_a_token_that_cannot_write_is_as_it_should_be(upstream: Upstream, world: World) -> None:
    made = upstream.call("POST", "users/tokens/", {"user": 1, "version": 2, "write_enabled": False})
    token = f"nbt_{made['key']}.{made['token']}"

    found = examined(upstream.url, token, wanted(world))

    assert levels(found["read only"]) == [Level.OK]
