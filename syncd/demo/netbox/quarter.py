"""The demo's NetBox: the first quarter of 2026, devices delivered and documented day by day."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 3, 31)
SITES = ("stream-1", "cb3-1")
"""The sites of the key results; the others are noise."""

_ELSEWHERE = ("fra-1", "lon-2")
_CURVE = (
    (date(2026, 1, 1), 0.40),
    (date(2026, 1, 31), 0.62),
    (date(2026, 2, 15), 0.765),
    (date(2026, 2, 28), 0.85),
    (date(2026, 3, 15), 0.90),
    (date(2026, 3, 31), 0.93),
)
"""The share of documented devices at the end of these days."""

_TRACKERS = ("svc-asn", "svc-atlas")
_PEOPLE = ("alice", "bob", "carol")
_BEFORE, _DURING, _NOISE = 150, 450, 50
_RACK_UNITS, _RACKS, _PORTS, _SWITCHES = 42, 10, 48, 7
_ROLES = (("compute", 50), ("server", 30), ("leaf-switch", 12), ("pdu", 8))
_WITH_MANAGEMENT = frozenset(("compute", "server"))
_TYPES = {
    "compute": "gpu-8x",
    "server": "r760",
    "leaf-switch": "sn5600",
    "pdu": "pdu-3ph",
    "mgmt-switch": "sn2201",
    "chassis": "bladecenter",
}


@dataclass
class _Device:
    """A device of the story: what it will be once documented, and what of that is missing."""

    site: str
    role: str
    created: datetime
    creator: str
    whole: dict[str, Any]
    missing: list[str] = field(default_factory=list)
    interfaces: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    cabled: dict[str, tuple[datetime | None, str]] = field(default_factory=dict)
    active_from: datetime | None = None
    retired_at: datetime | None = None
    device_type: str | None = None
    bay: dict[str, str] | None = None
    name: str = ""
    never: bool = False

    @property
    def counts_from(self) -> datetime:
        """Since when the device is there and active."""
        return self.active_from or self.created

    def counts_at(self, moment: datetime) -> bool:
        """Whether the device is there and active."""
        return self.counts_from <= moment and not (self.retired_at and self.retired_at <= moment)


def quarter_seed(rng_seed: int = 2026) -> dict[str, Any]:
    """A NetBox seed for 2026-01-01 to 2026-03-31, America/Los_Angeles; the same for the same
    `rng_seed`.

    About 600 devices at `SITES`. Of those that are active, the share that is documented rises from
    40 % to 93 % and misses 80 % on 2026-02-15. About 93 % are tracked within 24 hours of their
    delivery by a tracking account; the rest late, or entered by hand.
    """
    story = _Story(random.Random(rng_seed))  # noqa: S311 - a story, not a secret
    story.arrive()
    story.begin()
    story.remove()
    story.document()
    return story.seed()


def _at(day: date, hour: float) -> datetime:
    """A local hour of a day, in UTC, to the second."""
    midnight = datetime.combine(day, time(), ZONE)
    return (midnight + timedelta(seconds=round(hour * 3600))).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _days() -> list[date]:
    return [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]


def _wanted(day: date) -> float:
    index = bisect_right([known for known, _ in _CURVE], day) - 1
    known, share = _CURVE[index]
    if index + 1 == len(_CURVE):
        return share
    following, higher = _CURVE[index + 1]
    return share + (higher - share) * ((day - known).days / (following - known).days)


class _Story:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._devices: list[_Device] = []
        self._units = dict.fromkeys((*SITES, *_ELSEWHERE), 0)
        self._serials = 0
        self._switches: dict[str, list[_Device]] = {}

    # ------------------------------------------------------------------------------- deliveries

    def arrive(self) -> None:
        """Lets every device appear, most of them incomplete."""
        for site in SITES:
            early = _at(date(2025, 11, 10), 9)
            self._switches[site] = [
                self._device(site, "mgmt-switch", early, "svc-asn", early) for _ in range(_SWITCHES)
            ]
            for switch in self._switches[site]:
                switch.missing = []
                switch.interfaces = [
                    {"name": f"p{port}", "type": "1000base-t"} for port in range(1, _PORTS + 1)
                ]
            self._chassis(site)
        for _ in range(_BEFORE):
            day = date(2025, 11, 12) + timedelta(days=self._rng.randrange(45))
            self._deliver(self._rng.choice(SITES), day)
        for _ in range(_NOISE):
            day = date(2025, 12, 1) + timedelta(days=self._rng.randrange(110))
            self._deliver(self._rng.choice(_ELSEWHERE), day)
        shipments = [day for day in _days()[4:-3] if day.weekday() in (1, 3)]
        for number in range(_DURING):
            self._deliver(self._rng.choice(SITES), shipments[number * len(shipments) // _DURING])

    def _deliver(self, site: str, day: date) -> None:
        rng = self._rng
        role = rng.choices([r for r, _ in _ROLES], [weight for _, weight in _ROLES])[0]
        delivered = _at(day, rng.uniform(7, 16))
        luck = rng.random()
        if luck < 0.94:
            creator, hours = rng.choice(_TRACKERS), rng.uniform(0.2, 21)
        elif luck < 0.97:
            creator, hours = rng.choice(_TRACKERS), rng.uniform(26, 90)
        else:
            creator, hours = "alice", rng.uniform(0.5, 8)
        created = delivered + timedelta(seconds=round(hours * 3600))
        device = self._device(site, role, created, creator, delivered)
        if rng.random() < 0.04:
            device.active_from = created + timedelta(days=rng.randrange(3, 12))

    def _device(
        self, site: str, role: str, created: datetime, creator: str, delivered: datetime
    ) -> _Device:
        rng = self._rng
        self._serials += 1
        number = self._serials
        unit = self._units[site]
        self._units[site] += 1
        whole: dict[str, Any] = {
            "serial": f"SN{26000000 + number * 37}",
            "asset_tag": f"A-{number:05d}",
            "rack": f"{site.upper()}-R{unit // _RACK_UNITS + 1:02d}",
            "position": unit % _RACK_UNITS + 1,
            "face": "front",
            "primary_ip4": f"10.{26 + SITES.index(site) if site in SITES else 40}."
            f"{number // 250}.{number % 250 + 1}/32",
            "delivered_at": _text(delivered),
        }
        fields = ["asset_tag", "rack", "primary_ip4", "primary_ip4"]
        missing = set(rng.sample(fields, rng.randint(1, 3)))
        if rng.random() < 0.06:
            missing.add("serial")
        device = _Device(site, role, created, creator, whole)
        device.interfaces = [{"name": "eth0", "type": "25gbase-x-sfp28"}]
        if role in _WITH_MANAGEMENT:
            ports = ["mgmt0", "mgmt1"] if rng.random() < 0.08 else ["mgmt0"]
            device.interfaces += [
                {"name": port, "type": "1000base-t", "mgmt_only": True} for port in ports
            ]
            if rng.random() < 0.6:
                missing.add("cables")
            if rng.random() < 0.03:
                missing.add("delivered_at")
        device.missing = sorted(missing)
        self._devices.append(device)
        return device

    def _chassis(self, site: str) -> None:
        early = _at(date(2025, 11, 11), 9)
        chassis = self._device(site, "chassis", early, "svc-atlas", early)
        chassis.missing = []
        chassis.name = f"chassis-{SITES.index(site) + 1}"
        for number in range(1, 9):
            late = early + timedelta(hours=2 * number)
            blade = self._device(site, "compute", late, "svc-atlas", early)
            blade.device_type = "blade"
            blade.bay = {"device": chassis.name, "bay": f"bay-{number}"}
            blade.whole |= {"rack": chassis.whole["rack"], "position": None, "face": None}
            blade.missing = ["asset_tag"] if number > 5 else []

    # ---------------------------------------------------------------------------- documentation

    def begin(self) -> None:
        """Completes some of the devices that are there when the quarter begins."""
        ours = [device for device in self._devices if device.site in SITES]
        start = _at(FIRST_DAY, 0)
        there = [device for device in ours if device.counts_at(start)]
        ready = sum(1 for device in there if not device.missing)
        waiting = [device for device in there if device.missing]
        self._rng.shuffle(waiting)
        while waiting and ready < round(_wanted(FIRST_DAY) * len(there)):
            waiting.pop().missing = []
            ready += 1
        for device in self._rng.sample(waiting, 16):
            device.never = True

    def document(self) -> None:
        """Completes devices at work hours, as many as the curve wants by each evening."""
        ours = [device for device in self._devices if device.site in SITES]
        for day in _days()[1:]:
            evening = _at(day, 20)
            there = [device for device in ours if device.counts_at(evening)]
            open_ = [d for d in there if self._is_open(d, evening)]
            want = round(_wanted(day) * len(there)) - (len(there) - len(open_))
            ripe = [d for d in open_ if not d.never and d.counts_at(_at(day, 8))]
            ripe.sort(key=lambda d: d.counts_from + timedelta(days=self._rng.uniform(0, 12)))
            for device in ripe[: max(want, 0)]:
                self._complete(device, day)

    def _is_open(self, device: _Device, moment: datetime) -> bool:
        ends = [each["at"] for each in device.changes if "status" not in each["set"]]
        ends += [at for at, _ in device.cabled.values() if at is not None]
        return bool(device.missing) and not (ends and max(ends) <= moment)

    def _complete(self, device: _Device, day: date) -> None:
        rng = self._rng
        last = _at(day, rng.uniform(10, 17))
        values = [name for name in device.missing if name != "cables"]
        who = rng.choice((*_TRACKERS, *_PEOPLE))
        first = last - timedelta(minutes=rng.randrange(5, 90))
        if "cables" in device.missing:
            for interface in device.interfaces:
                if interface.get("mgmt_only"):
                    device.cabled[interface["name"]] = (last, who)
        for index, name in enumerate(values):
            at = last if index + 1 == len(values) else first + timedelta(seconds=20 * index)
            device.changes.append({"at": at, "by": who, "set": _said(name, device.whole)})

    def remove(self) -> None:
        """Takes some devices that nobody documented out of service in March, then deletes them."""
        gone = [device for device in self._devices if device.never][:12]
        for number, device in enumerate(gone):
            day = date(2026, 3, 3) + timedelta(days=2 * number)
            out = _at(day, 11)
            device.changes.append({"at": out, "by": "bob", "set": {"status": "decommissioning"}})
            device.retired_at = out

    # ------------------------------------------------------------------------------------ the seed

    def seed(self) -> dict[str, Any]:
        """The story as a NetBox seed; ids grow with time."""
        devices = sorted(self._devices, key=lambda device: device.created)
        written = []
        interface_id = 0
        for number, device in enumerate(devices, 1):
            device.name = device.name or f"{device.role[:2]}-{device.site}-{number:04d}"
            row = self._row(number, device)
            for interface in row["interfaces"]:
                interface_id += 1
                interface["id"] = interface_id
            written.append(row)
        return {
            "custom_fields": [
                {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
            ],
            "users": [*_TRACKERS, *_PEOPLE],
            "sites": [
                {"id": 1, "name": "Stream 1", "slug": "stream-1"},
                {"id": 2, "name": "CB3", "slug": "cb3-1"},
                {"id": 3, "name": "Frankfurt 1", "slug": "fra-1"},
                {"id": 4, "name": "London 2", "slug": "lon-2"},
            ],
            "racks": self._racks(),
            "roles": [
                {"id": 1, "name": "Compute", "slug": "compute"},
                {"id": 2, "name": "Server", "slug": "server"},
                {"id": 3, "name": "Leaf switch", "slug": "leaf-switch"},
                {"id": 4, "name": "PDU", "slug": "pdu"},
                {"id": 5, "name": "Management switch", "slug": "mgmt-switch"},
                {"id": 6, "name": "Chassis", "slug": "chassis"},
            ],
            "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
            "device_types": [
                {
                    "id": number,
                    "model": slug.upper(),
                    "slug": slug,
                    "manufacturer": "acme",
                    "u_height": 0 if slug == "blade" else 1,
                }
                for number, slug in enumerate((*_TYPES.values(), "blade"), 1)
            ],
            "devices": written,
            "cables": self._cables(devices),
            "outages": [
                {
                    "from": _text(_at(date(2026, 2, 21), 22)),
                    "to": _text(_at(date(2026, 2, 22), 1)),
                    "status": 502,
                }
            ],
        }

    def _racks(self) -> list[dict[str, Any]]:
        numbers = range(1, _RACKS + 1)
        named = [(site, f"{site.upper()}-R{n:02d}") for site in self._units for n in numbers]
        return [
            {"id": number, "name": name, "site": site}
            for number, (site, name) in enumerate(named, 1)
        ]

    def _row(self, number: int, device: _Device) -> dict[str, Any]:
        said = {**device.whole}
        for name in device.missing:
            if name != "cables":
                said |= dict.fromkeys(_said(name, device.whole), None)
        delivered = None if "delivered_at" in device.missing else device.whole["delivered_at"]
        said.pop("delivered_at")
        said.pop("custom_fields", None)
        changes = sorted(device.changes, key=lambda change: change["at"])
        if device.active_from:
            turned_on = {"at": device.active_from, "by": "carol", "set": {"status": "active"}}
            changes = sorted([*changes, turned_on], key=lambda change: change["at"])
        row = {
            "id": number,
            "name": device.name,
            "site": device.site,
            "role": device.role,
            "device_type": device.device_type or _TYPES[device.role],
            "status": "planned" if device.active_from else "active",
            **said,
            "serial": said["serial"] or "",
            "custom_fields": {"delivered_at": delivered},
            "parent_bay": device.bay,
            "created": _text(device.created),
            "created_by": device.creator,
            "interfaces": [dict(interface) for interface in device.interfaces],
            "changes": [{**change, "at": _text(change["at"])} for change in changes],
        }
        if device.retired_at:
            gone = device.retired_at + timedelta(days=1, hours=3)
            row |= {"deleted_at": _text(gone), "deleted_by": "bob"}
        return row

    def _cables(self, devices: list[_Device]) -> list[dict[str, Any]]:
        free = {
            site: [(switch.name, port["name"]) for switch in switches for port in switch.interfaces]
            for site, switches in self._switches.items()
        }
        wanted = []
        for device in devices:
            if device.site not in SITES:
                continue
            for interface in device.interfaces:
                if not interface.get("mgmt_only"):
                    continue
                if "cables" in device.missing and interface["name"] not in device.cabled:
                    continue
                made = device.cabled.get(interface["name"])
                wanted.append((made[0] if made else None, device, interface["name"], made))
        wanted.sort(key=lambda each: each[0] or each[1].created)
        cables = []
        for number, (at, device, port, made) in enumerate(wanted, 1):
            cable: dict[str, Any] = {
                "id": number,
                "a": [device.name, port],
                "b": list(free[device.site].pop(0)),
            }
            if at is not None and made is not None:
                cable |= {"created": _text(at), "created_by": made[1]}
            cables.append(cable)
        return cables


def _said(name: str, whole: dict[str, Any]) -> dict[str, Any]:
    """The fields that are filled in together."""
    if name == "rack":
        return {key: whole[key] for key in ("rack", "position", "face")}
    if name == "delivered_at":
        return {"custom_fields": {"delivered_at": whole["delivered_at"]}}
    return {name: whole[name]}
