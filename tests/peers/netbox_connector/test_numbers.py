"""The numbers of the NetBox connector, against a real NetBox: they are exact."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import (
    FilterIgnored,
    NotFound,
    NumberPlan,
    Outcome,
    QueryRefused,
    ServerFailed,
    Session,
    Unauthorised,
)
from connectors.netbox import connector
from tests.peers.netbox.server import LIVE
from tests.peers.netbox.watching import Recorder, Upstream, World, new_world, opened, soon
from tests.peers.netbox_connector.world import PLACED, WIRED, completeness
from tests.peers.postgres import Postgres


@pytest.fixture(scope="module")
def still(upstream: Upstream) -> Iterator[World]:
    """One device, and nothing changes: for who only asks."""
    with new_world(upstream) as made:
        made.device()
        yield made


def counted(session: Session, **measure: Any) -> float | None:
    plan = connector.measures["netbox.count"].model_validate({"measure": "netbox.count", **measure})
    number = plan.plan("netbox")
    assert isinstance(number, NumberPlan)
    return session.read(number, datetime.now(UTC), soon()).value


def test_the_session_says_who_it_is_and_which_version(session: Session) -> None:
    identity = session.identify(soon())

    assert identity.version.startswith("4.")
    assert identity.account


def test_a_wrong_token_is_unauthorised_and_not_merely_forbidden(upstream: Upstream) -> None:
    session = opened(upstream.url, "nbt_aaaaaaaaaaaa." + "x" * 40, Recorder())
    try:
        with pytest.raises(Unauthorised):
            session.identify(soon())
        with pytest.raises(Unauthorised):
            counted(session, endpoint="dcim.devices")
    finally:
        session.close()


def test_a_count_is_the_servers_own(world: World, session: Session) -> None:
    world.device(), world.device(), world.device(status="planned")

    assert counted(session, **world.scope) == 2


@pytest.mark.parametrize(
    "ignored",
    [
        {"primary_ip4__empty": True},
        {"rack__empty": False},
        {"colour": "red"},
        {"cf_no_such_field": "x"},
        {"cf_no_such_field__empty": False},
    ],
)
def test_an_ignored_filter_is_refused_by_name(
    still: World, session: Session, ignored: dict[str, Any]
) -> None:
    with pytest.raises(FilterIgnored, match=next(iter(ignored))):
        counted(session, endpoint="dcim.devices", filter={"site": still.tag, **ignored})


@pytest.mark.parametrize(
    "honoured",
    [
        {"created__gte": "2000-01-01T00:00:00Z"},
        {"has_primary_ip": False},
        {"primary_ip4_id": None},
        {"name__n": "syncd-nobody"},
        {"status__n": "inventory"},
        {"virtual_chassis_id": None},
        {"name__empty": False},
    ],
)
def test_a_filter_that_everything_matches_is_believed(
    still: World, session: Session, honoured: dict[str, Any]
) -> None:
    count = counted(session, endpoint="dcim.devices", filter={"site": still.tag, **honoured})

    assert count == 1


def test_a_custom_field_that_goes_away_is_noticed_by_the_next_count(
    world: World, session: Session
) -> None:
    world.device(custom_fields={world.field: "2026-01-05T09:00:00Z"}), world.device()
    scope = {"site": world.tag, f"cf_{world.field}__empty": False}
    assert counted(session, endpoint="dcim.devices", filter=scope) == 1

    fields = world.upstream.call("GET", f"extras/custom-fields/?name={world.field}")
    world.upstream.delete("extras/custom-fields/", fields["results"][0]["id"])

    with pytest.raises(FilterIgnored, match=world.field):
        counted(session, endpoint="dcim.devices", filter=scope)


def test_a_value_that_the_server_refuses_is_told_in_its_words(session: Session) -> None:
    with pytest.raises(QueryRefused, match="no-such-site"):
        counted(session, endpoint="dcim.devices", filter={"site": "no-such-site"})


@pytest.mark.parametrize("endpoint", ["dcim.devicez", "nowhere.devices", "plugins.no.things"])
def test_an_unknown_endpoint_is_not_found_by_name(session: Session, endpoint: str) -> None:
    with pytest.raises(NotFound, match=endpoint):
        counted(session, endpoint=endpoint)


def test_completeness_is_exact_and_names_what_is_missing(world: World, watch: Any) -> None:
    whole, bare, blade = world.complete_device(), world.device(serial=" "), world.device()
    for device in (whole, bare):
        world.interface(device, "mgmt0", mgmt_only=True)
    switch = world.device(status="planned")
    managed = world.upstream.call("GET", f"dcim/interfaces/?device_id={whole}")["results"][0]["id"]
    world.cable(managed, world.interface(switch, "p1"))

    seen = watch(completeness(world, PLACED, WIRED)).cycle()

    assert seen.outcome(whole) is Outcome.PASS
    cable = "{every: interfaces, where: {mgmt_only: true}, has: cable}"
    assert seen.missing(bare) == ("serial", "asset_tag", "rack", cable)
    assert seen.missing(blade) == ("serial", "asset_tag", "rack")
    assert str(switch) not in seen.held


def test_a_condition_on_a_role_and_on_a_bay_chooses_who_needs_what(
    world: World, watch: Any
) -> None:
    add = world.upstream.add
    kinds = [
        add(
            "dcim/device-types/",
            manufacturer=world.maker,
            model=f"{world.tag}-{role}",
            slug=f"{world.tag}-{role}",
            subdevice_role=role,
            u_height=height,
        )
        for role, height in (("parent", 2), ("child", 0))
    ]
    chassis = world.device(device_type=kinds[0])
    blade = world.device(device_type=kinds[1])
    add("dcim/device-bays/", device=chassis, name="bay-1", installed_device=blade)
    required = (
        {"when": {"parent_device": None}, "fields": ["position"]},
        {"when": {"role": ["other", world.tag]}, "fields": [f"cf.{world.field}"]},
    )

    seen = watch(completeness(world, *required)).cycle()

    assert seen.missing(chassis) == ("position", f"cf.{world.field}")
    assert seen.missing(blade) == (f"cf.{world.field}",)


def test_a_path_through_a_reference_reads_the_object_it_points_to(world: World, watch: Any) -> None:
    device = world.device()
    seen = watch(completeness(world, {"fields": ["site.region"]})).cycle()
    assert seen.missing(device) == ("site.region",)

    region = world.upstream.add("dcim/regions/", name=world.tag, slug=world.tag)
    world.upstream.edit("dcim/sites/", world.site, region=region)

    assert seen.cycle().outcome(device) is Outcome.PASS


@pytest.mark.parametrize("field", ["seriall", "cf.no_such_field", "site.colour"])
def test_a_field_that_does_not_exist_is_refused_by_name(
    still: World, watch: Any, field: str
) -> None:
    with pytest.raises(QueryRefused, match=field.rpartition(".")[2]):
        watch(completeness(still, {"fields": [field]})).cycle()


def test_a_ratio_passes_what_also_matches(world: World, watch: Any) -> None:
    good, bad = world.device(serial="S-1"), world.device()
    measure = {"measure": "netbox.ratio", **world.scope, "passing": {"serial__empty": False}}

    seen = watch(measure).cycle()
    assert (seen.outcome(good), seen.outcome(bad)) == (Outcome.PASS, Outcome.FAIL)
    seen.cycle()
    assert (seen.read, seen.requests) == ([], 4)

    world.upstream.edit("dcim/devices/", bad, serial="S-2")
    assert seen.cycle().outcome(bad) is Outcome.PASS


def test_a_ratio_notices_what_passes_without_being_saved(world: World, watch: Any) -> None:
    device = world.device()
    world.upstream.add("dcim/locations/", name=world.tag, slug=world.tag, site=world.site)
    region = world.upstream.add("dcim/regions/", name=world.tag, slug=world.tag)
    measure = {"measure": "netbox.ratio", **world.scope, "passing": {"region": world.tag}}
    seen = watch(measure).cycle()
    assert seen.outcome(device) is Outcome.FAIL

    world.upstream.edit("dcim/sites/", world.site, region=region)

    assert seen.cycle().outcome(device) is Outcome.PASS


def test_latency_knows_when_and_by_whom_each_device_was_first_seen(
    world: World, watch: Any
) -> None:
    world.upstream.account(world.tag, ["dcim.device"])
    now = datetime.now(UTC).replace(microsecond=0)

    def delivered(hours_ago: float) -> dict[str, Any]:
        return {"custom_fields": {world.field: (now - timedelta(hours=hours_ago)).isoformat()}}

    in_time = world.device(world.tag, **delivered(2))
    late = world.device(world.tag, **delivered(30))
    by_hand = world.device("admin", **delivered(2))
    undelivered = world.device(world.tag)
    early = world.device(world.tag, **delivered(-1))
    measure = {
        "measure": "netbox.latency",
        **world.scope,
        "from": f"cf.{world.field}",
        "to": "first_seen",
        "to_by": [world.tag],
        "within": "24 h",
    }

    seen = watch(measure).cycle()

    assert seen.outcome(in_time) is Outcome.PASS
    number = seen.held[str(in_time)][-1].number
    assert number is not None
    assert 7200 <= number < 7800
    assert [v.outcome for v in seen.held[str(late)]] == [
        Outcome.PENDING,
        Outcome.FAIL,
        Outcome.FAIL,
    ]
    assert seen.outcome(by_hand) is Outcome.FAIL
    assert "to_by" in seen.missing(by_hand)[0]
    assert seen.held[str(undelivered)] == ()
    assert seen.held[str(early)][-1].number == 0
    assert (seen.cycle().read, seen.requests) == ([], 3)

    world.upstream.edit("dcim/devices/", undelivered, **delivered(3))
    assert seen.cycle().outcome(undelivered) is Outcome.PASS
    assert seen.cycle().read == []


def test_the_link_leads_to_the_same_list_in_netbox(session: Session) -> None:
    measure = {"measure": "netbox.count", "endpoint": "dcim.devices", "filter": {"serial": "a b"}}
    plan = connector.measures["netbox.count"].model_validate(measure).plan("netbox")

    link = session.link(plan)

    assert link is not None
    assert link.endswith("/dcim/devices/?serial=a+b")


def test_a_server_that_lost_its_database_has_failed_and_then_counts_as_before(
    session: Session, postgres: Postgres
) -> None:
    before = counted(session, endpoint="dcim.devices")
    postgres.execute(f"ALTER DATABASE {LIVE} ALLOW_CONNECTIONS false")
    postgres.disconnect(LIVE)
    try:
        with pytest.raises(ServerFailed, match=r"the server failed \(500\)"):
            counted(session, endpoint="dcim.devices")
    finally:
        postgres.execute(f"ALTER DATABASE {LIVE} ALLOW_CONNECTIONS true")
    # each of its eight threads may still hold a connection that is no more, and says 500 once
    after = None
    for _ in range(9):
        with contextlib.suppress(ServerFailed):
            after = counted(session, endpoint="dcim.devices")
            break

    assert after == before
