"""Who may read, behind a proxy and without one."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from connectors.addresses import address_of, is_loopback
from syncd.intake.access import Caller, Scope
from syncd.intake.reading import Proxy, client_of, from_another_site

PROXY = Proxy(
    (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
    groups_header="X-Forwarded-Groups",
    writers=frozenset({"leads", "sre"}),
    admins=frozenset({"sre"}),
)
OTHERS = ["0.0.0.0", "[::]", "10.0.0.1", "example.org", "localhost.org", ""]  # noqa: S104
ADA = {"x-forwarded-user": "ada@example.org"}


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "fd00::1%eth0"])
def test_whom_a_trusted_proxy_names_is_signed_in_and_reads(peer: str) -> None:
    caller = PROXY.signed_in(peer, ADA)

    assert caller == Caller("ada@example.org", Scope.READ)


@pytest.mark.parametrize("peer", ["11.1.2.3", "127.0.0.1", "", "fe80::1", "::ffff:11.1.2.3", "x"])
def test_nobody_else_is_believed(peer: str) -> None:
    assert PROXY.signed_in(peer, ADA) is None


@pytest.mark.parametrize("said", [{}, {"x-forwarded-user": " "}, {"x-forwarded-email": "ada"}])
def test_a_proxy_that_names_nobody_signs_nobody_in(said: dict[str, str]) -> None:
    assert PROXY.signed_in("10.0.0.1", said) is None


@pytest.mark.parametrize(
    ("groups", "scope"),
    [
        ("", Scope.READ),
        ("guests", Scope.READ),
        ("guests, leads", Scope.WRITE),
        ("sre", Scope.ADMIN),
        ("leads,sre", Scope.ADMIN),
        ("sre leads", Scope.READ),
        (",", Scope.READ),
    ],
)
def test_groups_say_what_somebody_may(groups: str, scope: Scope) -> None:
    caller = PROXY.signed_in("10.0.0.1", {**ADA, "x-forwarded-groups": groups})

    assert caller is not None
    assert caller.scope is scope


def test_groups_mean_nothing_where_no_header_is_named() -> None:
    plain = Proxy(PROXY.trusted, writers=frozenset({"leads"}))

    caller = plain.signed_in("10.0.0.1", {**ADA, "x-forwarded-groups": "leads", "": "leads"})

    assert caller is not None
    assert caller.scope is Scope.READ


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # anybody may write the header
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_a_client_is_the_last_address_before_the_trusted_proxies(
    peer: str, forwarded: str, client: str
) -> None:
    assert client_of(PROXY, peer, {"x-forwarded-for": forwarded}) == client


def test_without_a_proxy_a_client_is_who_connects() -> None:
    assert client_of(None, "10.0.0.1", {"x-forwarded-for": "192.0.2.1"}) == "10.0.0.1"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "[::1]", "::1", "localhost", "LOCALHOST"]
)
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", OTHERS)
def test_other_machines_reach_anything_else(host: str) -> None:
    assert not is_loopback(host)


HERE = {"host": "syncd.internal:9464"}
OWN = "https://okr.example.org/syncd"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://elsewhere.example"},
        {"sec-fetch-site": "none"},
        {"origin": "http://syncd.internal:9464"},
        {"origin": "https://okr.example.org"},
        {"sec-fetch-site": "cross-site", "origin": "https://okr.example.org"},
    ],
)
def test_what_this_page_and_programs_send_is_taken(headers: dict[str, str]) -> None:
    assert not from_another_site("POST", {**HERE, **headers}, OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://syncd.internal:80"},
        {"origin": "http://okr.example.org"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://syncd.internal:9464"},
        {"sec-fetch-site": "cross-site", "origin": "https://okr.example.org.evil.example"},
    ],
)
def test_what_a_page_of_another_site_sends_is_not(headers: dict[str, str]) -> None:
    assert from_another_site("POST", {**HERE, **headers}, OWN)
    assert from_another_site("DELETE", {**HERE, **headers}, OWN)


def test_what_changes_nothing_may_come_from_anywhere() -> None:
    assert not from_another_site("GET", {**HERE, "sec-fetch-site": "cross-site"}, None)


def test_an_address_that_is_none_is_told_apart() -> None:
    assert address_of("not an address") is None
