"""The cables: who is connected to what, and which cables say enough to make a cutsheet of them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from syncd.demo.netbox.quarter.drafts import CABLES, SITES, Draft, text
from syncd.demo.quarter.days import FIRST_DAY, Curve, at, days, value

_DESCRIBED: Curve = (
    (date(2026, 1, 1), 0.32), (date(2026, 2, 20), 0.6), (date(2026, 3, 31), 0.95),
)  # fmt: skip
"""The share of cables with type, length and label."""

_LENGTHS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.5)


def cables(rng: random.Random, devices: Sequence[Draft]) -> list[dict[str, Any]]:
    """Every cable of `SITES`: management ports to management switches, leaves to spines."""
    wanted = [*_management(devices), *_uplinks(devices)]
    wanted.sort(key=lambda each: each[0])
    made = []
    for number, (moment, a, b, kind, by) in enumerate(wanted, 1):
        cable: dict[str, Any] = {"id": number, "a": list(a), "b": list(b), "changes": []}
        if by is not None:
            cable |= {"created": text(moment), "created_by": by}
        made.append((moment, kind, cable))
    _describe(rng, made)
    return [cable for _, _, cable in made]


_Wanted = tuple[datetime, tuple[str, str], tuple[str, str], str, str | None]
"""When, from where, to where, of which type, and by whom (None: with its devices)."""


def _management(devices: Sequence[Draft]) -> list[_Wanted]:
    free = {
        site: deque(
            (switch.name, port["name"])
            for switch in devices
            if switch.site == site and switch.role == "mgmt-switch"
            for port in switch.interfaces
        )
        for site in SITES
    }
    found: list[_Wanted] = []
    for device in sorted(devices, key=lambda each: each.created):
        if device.site not in SITES:
            continue
        for interface in device.interfaces:
            if not interface.get("mgmt_only"):
                continue
            name = interface["name"]
            if CABLES in device.missing and name not in device.cabled:
                continue
            moment, by = device.cabled.get(name, (None, None))
            end = free[device.site].popleft()
            found.append((moment or device.created, (device.name, name), end, "cat6a", by))
    return found


def _uplinks(devices: Sequence[Draft]) -> list[_Wanted]:
    found: list[_Wanted] = []
    for site in SITES:
        spines = [d for d in devices if d.site == site and d.role == "spine-switch"]
        ports = deque(
            (spine, port["name"])
            for spine in spines
            for port in spine.interfaces
            if port["name"].startswith("up")
        )
        for leaf in (d for d in devices if d.site == site and d.role == "leaf-switch"):
            for port in ("up1", "up2"):
                if not ports:
                    break
                spine, other = ports.popleft()
                moment = max(leaf.delivered, leaf.created, spine.delivered, spine.created)
                moment += timedelta(hours=30)
                found.append((moment, (leaf.name, port), (spine.name, other), "aoc", "carol"))
    return found


def _describe(rng: random.Random, made: Sequence[tuple[datetime, str, dict[str, Any]]]) -> None:
    """Gives cables type, length and label: some when they are made, the others day by day."""
    waiting: list[tuple[datetime, str, dict[str, Any]]] = []
    done = 0
    upcoming = deque(made)
    for day in days():
        evening = at(day, 19)
        while upcoming and upcoming[0][0] <= evening:
            waiting.append(upcoming.popleft())
        there = done + len(waiting)
        for _ in range(min(round(value(_DESCRIBED, day) * there) - done, len(waiting))):
            made_at, kind, cable = waiting.pop(rng.randrange(len(waiting)))
            done += 1
            said = {
                "type": kind,
                "length": rng.choice(_LENGTHS),
                "length_unit": "m",
                "label": f"{cable['a'][0]}:{cable['a'][1]}",
            }
            moment = max(at(day, rng.uniform(9, 18)), made_at + timedelta(minutes=5))
            if day == FIRST_DAY:
                cable |= said
            else:
                cable["changes"].append({"at": text(moment), "by": "svc-cutsheet", "set": said})
