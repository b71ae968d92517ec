"""Where a process takes notices of changes."""

from __future__ import annotations

import pytest

from syncd.cli.ports import hook_ports
from syncd.settings import Installation, Secret, Settings, SettingsRefused, SourceSetting


def source(kind: str, secret: str | None = None, *, default: bool = False) -> SourceSetting:
    return SourceSetting(
        kind=kind,
        url="https://upstream.example.org",
        hook_secret=None if secret is None else Secret(env=secret),
        default=default,
    )


def installed(**sources: SourceSetting) -> Installation:
    return Installation(Settings(), sources)


def test_each_source_that_sends_notices_has_a_port_under_its_name_and_its_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK", "s3cret")

    ports = hook_ports(installed(dcim=source("netbox", "HOOK"), metrics=source("prometheus")))

    assert set(ports) == {"dcim", "netbox"}
    assert ports["netbox"] is ports["dcim"]
    assert (ports["dcim"].source, ports["dcim"].secret) == ("dcim", "s3cret")


def test_of_several_sources_of_a_kind_the_kind_is_the_default() -> None:
    one, other = source("netbox"), source("netbox", default=True)

    ports = hook_ports(installed(one=one, other=other))

    assert ports["netbox"] is ports["other"]
    assert ports["one"].secret is None


def test_without_a_default_a_kind_has_no_port() -> None:
    assert set(hook_ports(installed(one=source("netbox"), other=source("netbox")))) == {
        "one",
        "other",
    }


def test_a_sources_own_name_wins_over_a_kind() -> None:
    ports = hook_ports(installed(netbox=source("jira"), dcim=source("netbox")))

    assert (ports["netbox"].source, ports["dcim"].source) == ("netbox", "dcim")
    assert ports["netbox"] is not ports["dcim"]


def test_a_secret_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsRefused, match=r"sources\.dcim\.hook_secret"):
        hook_ports(installed(dcim=source("netbox", "NOT_SET")))
