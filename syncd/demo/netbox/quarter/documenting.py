"""How devices become complete, are checked and validated, and how some are taken out of service."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from syncd.demo.netbox.quarter.drafts import CABLES, PEOPLE, SITES, TRACKERS, Draft, fields_of, text
from syncd.demo.quarter.days import FIRST_DAY, Curve, at, days, value
from syncd.demo.quarter.shipments import CB3, STREAM

_COMPLETE: Curve = (
    (date(2026, 1, 1), 0.40), (date(2026, 1, 31), 0.63), (date(2026, 2, 15), 0.785),
    (date(2026, 2, 21), 0.797), (date(2026, 2, 28), 0.9), (date(2026, 3, 11), 1.0),
)  # fmt: skip
"""The share of documented devices at the end of these days."""

_CABLING_CHECKED: Curve = (
    (date(2026, 1, 1), 0.18), (date(2026, 2, 20), 0.6), (date(2026, 3, 31), 0.92),
)  # fmt: skip
_RETIRED, _RETIRED_FROM = 12, date(2026, 3, 2)
_CHECKER, _VALIDATOR = "svc-drift", "svc-validate"
_FAILED, _NEVER_PASSED, _DRIFTED = 0.06, 0.015, 0.06


class Documenting:
    """Tells of one fleet of devices, those of `SITES` only."""

    def __init__(self, rng: random.Random, devices: Iterable[Draft]) -> None:
        self._rng = rng
        self._devices = [device for device in devices if device.site in SITES]

    # ------------------------------------------------------------------------------ completing

    def begin(self) -> None:
        """Completes some of the devices that are there when the quarter begins."""
        start = at(FIRST_DAY)
        there = [device for device in self._devices if device.counts_at(start)]
        ready = sum(1 for device in there if not device.missing)
        waiting = [device for device in there if device.missing]
        self._rng.shuffle(waiting)
        while waiting and ready < round(value(_COMPLETE, FIRST_DAY) * len(there)):
            waiting.pop().missing = []
            ready += 1

    def retire(self) -> None:
        """Takes some devices that nobody documented out of service in March, then deletes them."""
        old = [d for d in self._devices if d.site == CB3 and d.missing and d.active < at(FIRST_DAY)]
        for number, device in enumerate(old[:_RETIRED]):
            out = at(_RETIRED_FROM + timedelta(days=number // 2), 11)
            device.never, device.retired = True, out
            device.then(out, "bob", status="decommissioning")

    def document(self) -> None:
        """Completes devices at work hours, as many as the curve wants by each evening."""
        for day in days()[1:]:
            evening = at(day, 20)
            there = [device for device in self._devices if device.counts_at(evening)]
            open_ = [device for device in there if device.is_open_at(evening)]
            want = round(value(_COMPLETE, day) * len(there)) - (len(there) - len(open_))
            ripe = [d for d in open_ if not d.never and d.counts_at(at(day, 12))]
            ripe.sort(key=lambda d: d.active + timedelta(days=self._rng.uniform(0, 12)))
            for device in ripe[: max(want, 0)]:
                self._complete(device, day)

    def _complete(self, device: Draft, day: date) -> None:
        rng = self._rng
        last = at(day, rng.uniform(13, 18))
        who = rng.choice((*TRACKERS, *PEOPLE))
        if CABLES in device.missing:
            for interface in device.interfaces:
                if interface.get("mgmt_only"):
                    device.cabled[interface["name"]] = (last, who)
        values: dict[str, Any] = {}
        for name in device.missing:
            if name != CABLES:
                values |= fields_of(name, device.whole)
        if values:
            device.then(last, who, **values)
        device.documented = last

    # -------------------------------------------------------------------------------- checking

    def validate(self) -> None:
        """Validates what becomes active at Stream, within days; a few fail at first, some never
        pass.
        """
        for device in self._devices:
            if device.site != STREAM:
                continue
            moment = device.active + timedelta(days=self._rng.uniform(0.1, 2.5))
            luck = self._rng.random()
            if luck < _FAILED:
                device.then(moment, _VALIDATOR, custom_fields={"validation": "failed"})
                moment += timedelta(days=self._rng.uniform(3, 9))
            if luck >= _NEVER_PASSED:
                if moment < at(FIRST_DAY):
                    device.custom["validation"] = "passed"
                else:
                    device.then(moment, _VALIDATOR, custom_fields={"validation": "passed"})

    def check_cabling(self) -> None:
        """Compares the cabling with what NetBox says, a batch each night; some has drifted, and
        is put right within days.
        """
        checked: set[str] = set()
        for day in days():
            night = at(day, 3)
            there = [device for device in self._devices if device.counts_at(night)]
            waiting = [device for device in there if device.name not in checked]
            wanted = round(value(_CABLING_CHECKED, day) * len(there)) - (len(there) - len(waiting))
            for device in self._rng.sample(waiting, min(max(wanted, 0), len(waiting))):
                checked.add(device.name)
                self._checked(device, night + timedelta(minutes=self._rng.randint(0, 90)))

    def _checked(self, device: Draft, moment: datetime) -> None:
        fields = {"custom_fields": {"cabling_checked_at": text(moment)}}
        if self._rng.random() >= _DRIFTED:
            device.then(moment, _CHECKER, **fields)
            return
        device.then(moment, _CHECKER, tags=[*device.tags, "drifted"], **fields)
        right = moment + timedelta(days=self._rng.uniform(2, 20))
        device.then(right, self._rng.choice(PEOPLE), tags=list(device.tags))
