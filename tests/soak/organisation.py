"""The organisation of a soak: its mapping files, its sources, and what its simple numbers truly are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from syncd.settings import Every, Installation, LimitsSetting, Secret, Settings, SourceSetting
from tests.soak.history import State
from tests.soak.jira_world import JiraWorld
from tests.soak.netbox_world import NetBoxWorld
from tests.soak.prometheus_world import PrometheusWorld

SOURCES = ("jira", "tracker", "netbox", "prometheus")
"""Jira Cloud, Jira Data Center, NetBox, Prometheus."""

USER = "reader@example.org"
TOKEN = "nbt_abcdefghijkl.s3cr3t4750s3cr3t4750s3cr3t4750s3cr3t4750"

_ORGANISATION = """\
organisation: Soak
period: 2026-Q1
timezone: UTC
judgement: {hold: 10 min, hysteresis: 0, early: 0}
defaults: {plausible: {shrink: 100 %}}  # a full re-read at the end has seen nothing shrink
"""

_TEAM = """\
team: soak
indicators:
  cloud_tracked: {measure: jira.completeness, source: jira, jql: project = PROC, required: [{fields: [PO number]}]}
  cloud_urgent: {measure: jira.ratio, source: jira, jql: project = OPS, passing: priority = P0}
  cloud_done: {measure: jira.done, source: jira, jql: project = CE}
  cloud_open: {measure: jira.count, source: jira, jql: project = OPS AND statusCategory != Done}
  cloud_fast:
    {measure: jira.duration, source: jira, jql: project = PROC, from: created, to: {status_category: done}, within: 3 d}
  cloud_made: {measure: jira.rate, source: jira, jql: project = OPS, at: created, per: d, window: 7 d}
  own_tracked: {measure: jira.completeness, source: tracker, jql: project = PROC, required: [{fields: [PO number]}]}
  own_urgent: {measure: jira.ratio, source: tracker, jql: project = OPS, passing: priority = P0}
  documented:
    measure: netbox.completeness
    endpoint: dcim.devices
    filter: {status: active}
    required:
      - fields: [serial, primary_ip4, {every: interfaces, where: {mgmt_only: true}, has: cable}]
  in_use: {measure: netbox.ratio, endpoint: dcim.devices, filter: {site: s-1}, passing: {status: active}}
  devices: {measure: netbox.count, endpoint: dcim.devices, filter: {site: s-1}}
  seen_in_time:
    {measure: netbox.latency, endpoint: dcim.devices, filter: {status: active}, from: cf.delivered_at, to: first_seen,
     within: 24 h}
  numbered: {measure: netbox.keys, endpoint: dcim.devices, filter: {status: active}, key: serial}
  known: {measure: netbox.keys, endpoint: dcim.devices, filter: {site: s-2}, key: serial}
  numbered_known: {measure: coverage, of: numbered, in: known, shrink_limit: 100 %}
  ready: {measure: prometheus.query, source: prometheus, query: sum(ready)}
  good: {measure: prometheus.good_over_total, source: prometheus, good: good_total, total: all_total, window: 6 h}
  clusters: {measure: prometheus.labels, source: prometheus, query: ready == 1, key: cluster, window: 1 h}
  open_by_device: {measure: combine, ratio: {of: cloud_open, over: devices}}
objectives:
  - id: soak-o1
    title: All of it is true
    key_results:
"""

_TARGETS: Mapping[str, str] = {
    "cloud_tracked": "at_least: 60 %",
    "cloud_urgent": "at_least: 50 %",
    "cloud_done": "at_least: 70 %",
    "cloud_open": "at_most: 15",
    "cloud_fast": "at_least: 80 %",
    "cloud_made": "at_most: 1",
    "own_tracked": "at_least: 60 %",
    "own_urgent": "increase_to: 80 %, from: 0 %",
    "documented": "at_least: 50 %",
    "in_use": "at_least: 40 %",
    "devices": "at_least: 20",
    "seen_in_time": "at_least: 80 %",
    "numbered_known": "at_least: 50 %",
    "ready": "at_least: 5",
    "good": "at_least: 95 %",
    "open_by_device": "at_most: 100 %",
}
"""By indicator: what is wanted of it."""

_NEEDS = {"open_by_device": "cloud_tracked", "good": "ready"}


def write_mappings(folder: Path) -> Path:
    """The folder with the files of one period."""
    place = folder / "soak"
    place.mkdir(parents=True, exist_ok=True)
    (place / "organisation.yaml").write_text(_ORGANISATION)
    lines = [_TEAM]
    for indicator, target in _TARGETS.items():
        needs = f", needs: [{key_result(_NEEDS[indicator])}]" if indicator in _NEEDS else ""
        lines.append(
            f"      - {{id: {key_result(indicator)}, title: {indicator}, owner: Lead, "
            f"indicator: {indicator}, target: {{{target}}}{needs}}}\n"
        )
    (place / "soak.yaml").write_text("".join(lines))
    return place


def key_result(indicator: str) -> str:
    """The id of the key result that reads an indicator."""
    return f"soak-o1-kr{list(_TARGETS).index(indicator) + 1}"


@dataclass(frozen=True)
class Asking:
    """How hard sources are asked, and how long a run may take, in seconds."""

    attempts: int = 1
    read_seconds: float = 3.0
    run_seconds: float = 10.0


PATIENT = Asking(read_seconds=60.0, run_seconds=240.0)
"""Who reads what nothing breaks has no reason to give up, however busy the machine is."""


def installation(
    mappings: Path, database_url: str, urls: Mapping[str, str], asking: Asking
) -> Installation:
    """One that asks these addresses, by source. Everything is read in full once, at first: what a
    turn misses is never made good by the daily reading of everything.
    """
    os.environ |= {"SYNCD_SOAK_USER": USER, "SYNCD_SOAK_TOKEN": TOKEN}
    token, user = Secret(env="SYNCD_SOAK_TOKEN"), Secret(env="SYNCD_SOAK_USER")
    limits = LimitsSetting(
        attempts=asking.attempts, connect="2 s", read=f"{asking.read_seconds:g} s"
    )
    return Installation(
        settings=Settings(
            mappings=mappings,
            database_url=database_url,  # type: ignore[arg-type]
            full_every="400 d",
            run=f"{asking.run_seconds:g} s",
        ),
        sources={
            "jira": SourceSetting(
                kind="jira",
                url=urls["jira"],
                user=user,
                token=token,
                limits=limits,
                default=True,
                flavour="cloud",  # type: ignore[call-arg]
            ),
            "tracker": SourceSetting(
                kind="jira",
                url=urls["tracker"],
                token=token,
                limits=limits,
                flavour="datacenter",  # type: ignore[call-arg]
            ),
            "netbox": SourceSetting(kind="netbox", url=urls["netbox"], token=token, limits=limits),
            "prometheus": SourceSetting(kind="prometheus", url=urls["prometheus"], limits=limits),
        },
        every=Every(default="5 min"),
    )


@dataclass(frozen=True)
class Worlds:
    """The four upstreams as they are meant."""

    jira: JiraWorld
    tracker: JiraWorld
    netbox: NetBoxWorld
    prometheus: PrometheusWorld

    def truth(self, moment: datetime) -> dict[str, float | None]:
        """What the simple indicators are at a moment, counted without syncd; None: of an empty set
        nothing is said.
        """
        found: dict[str, float | None] = {"ready": self.prometheus.ready_at(moment)}
        for name, world in (("cloud", self.jira), ("own", self.tracker)):
            issues = world.lived.at(moment)
            proc = [one for one in issues if one["project"] == "PROC"]
            ops = [one for one in issues if one["project"] == "OPS"]
            found[f"{name}_tracked"] = _share(proc, lambda one: one["PO number"] is not None)
            found[f"{name}_urgent"] = _share(ops, lambda one: one["priority"] == "P0")
            if name == "cloud":
                ce = [one for one in issues if one["project"] == "CE"]
                found["cloud_done"] = _share(ce, lambda one: one["status"] == "Done")
                found["cloud_open"] = float(sum(one["status"] != "Done" for one in ops))
        devices = self.netbox.lived.at(moment)
        active = [one for one in devices if one["status"] == "active"]
        here = [one for one in devices if one["site"] == "s-1"]
        found["documented"] = _share(active, _is_documented)
        found["in_use"] = _share(here, lambda one: one["status"] == "active")
        found["devices"] = float(len(here))
        return found


def _is_documented(device: State) -> bool:
    return bool(device["serial"] and device["primary_ip4"] and device["cabled"])


def _share(states: Sequence[State], passes: Callable[[State], bool]) -> float | None:
    return sum(map(passes, states)) / len(states) if states else None
