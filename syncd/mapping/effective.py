"""A key result as it is in force: every default filled in, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.base import Dimension, Measure
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.origin import SHIPPED, Origin, Sheet, Value
from syncd.mapping.plausible import counts_objects
from syncd.mapping.quantity import written
from syncd.mapping.references import Spot
from syncd.mapping.shape import DuplicateShape
from syncd.mapping.units import base_unit
from syncd.model import Catalogue, Indicator, Judgement, KeyResult, Manual, TargetType
from syncd.model.plausible import CONFIRM_RUNS, CONFIRM_TIME, SHRINK_FROM, SHRINK_RATIO

Json = Any

_OWN_OF_A_DUPLICATE: Final = tuple(
    it.alias or name for name, it in DuplicateShape.model_fields.items()
)
_THRESHOLDS: Final = {
    "on_track": "on_track_ratio",
    "at_risk": "at_risk_ratio",
    "hysteresis": "hysteresis_ratio",
    "early": "early_ratio",
    "hold": "hold_seconds",
    "history": "history_seconds",
    "pace_step": "pace_step",
    "forecast_step": "forecast_step",
}
_DEFAULTS: Final[Mapping[str, Json]] = {
    "owner": None,
    "target": None,
    "checkpoints": None,
    "needs": [],
    "weight": 1,
    "stale_after": "three intervals, at least 1 h",
    "page": False,
    "beside": [],
    "note": None,
}


_PLAUSIBLE: Final = {
    "shrink": f"{written(SHRINK_RATIO, Dimension.RATIO)} of {SHRINK_FROM} or more",
    "confirm": f"{CONFIRM_RUNS}, over at least "
    f"{written(CONFIRM_TIME.total_seconds(), Dimension.DURATION)}",
}


@dataclass(frozen=True)
class WrittenPeriod:
    """A catalogue and the files that it was made of, which know their lines. `given` has who gives
    each variable its value.
    """

    catalogue: Catalogue
    organisation: Document
    key_results: Mapping[str, Spot]
    indicators: Mapping[str, Spot]
    measures: Mapping[str, type[Measure]]
    given: Mapping[str, str] = field(default_factory=dict)

    def sheet(self, document: Document) -> Sheet:
        """The file as something to take values from."""
        return Sheet(document, self.given)

    def around(self, document: Document) -> Sequence[Sheet]:
        """The file and the organisation's, the nearer first."""
        organisation = self.organisation
        nearest = [] if document is organisation else [self.sheet(document)]
        return [*nearest, self.sheet(organisation)]


def effective(written: WrittenPeriod, name: str) -> Sequence[Value]:
    """All that holds for the key result of this id, in the order in which authors write it. Raises
    KeyError where there is none.
    """
    spot, kr = written.key_results[name], written.catalogue.key_results[name]
    if kr.duplicate_of is None:
        return list(_KeyResult(written, spot, kr, "key result").values())
    sheet = written.sheet(spot.document)
    own = [
        value
        for key in _OWN_OF_A_DUPLICATE
        for value in (
            list(sheet.values((*spot.where, key), key, "key result")) or _unsaid_of_duplicate(key)
        )
    ]
    other = written.key_results[kr.duplicate_of]
    original = written.catalogue.key_results[kr.duplicate_of]
    said = {value.key for value in own} | {"weight"}
    taken = _KeyResult(written, other, original, kr.duplicate_of).values()
    return [*own, *(value for value in taken if value.key not in said), _shipped("weight", 1)]


def _unsaid_of_duplicate(key: str) -> list[Value]:
    """What a duplicate has of its own though it does not say it; a title it takes."""
    return [] if key == "title" else [_shipped(key, _DEFAULTS[key])]


def _shipped(key: str, value: Json) -> Value:
    return Value(key, value, Origin(SHIPPED))


@dataclass(frozen=True)
class _KeyResult:
    """A key result that is written out. `who` is what origins call it."""

    written: WrittenPeriod
    spot: Spot
    kr: KeyResult
    who: str

    def values(self) -> Iterator[Value]:
        yield from self._own("id")
        yield from self._own("title")
        yield from self._own("owner")
        yield from self._indicator()
        yield from self._target()
        yield from self._own("checkpoints")
        yield from self._days()
        yield from self._own("needs")
        if self.kr.team:
            yield from self._own("weight")
        yield from self._judgement()
        yield from self._stale_after()
        yield from self._own("page")
        yield from self._own("beside")
        yield from self._time_off()
        yield from self._own("abandoned", default=False)
        yield from self._own("carried", default=False)
        yield from self._own("note")

    @property
    def _sheet(self) -> Sheet:
        return self.written.sheet(self.spot.document)

    @property
    def _read(self) -> Indicator:
        return self.written.catalogue.indicators[self.kr.indicator]

    def _said(self, *keys: str) -> Iterator[Value]:
        """What the key result says itself."""
        yield from self._sheet.values((*self.spot.where, *keys), ".".join(keys), self.who)

    def _own(self, key: str, *, default: bool = True) -> Iterator[Value]:
        said = list(self._said(key))
        yield from said
        if not said and default:
            yield _shipped(key, _DEFAULTS[key])

    def _around(self, key: str, *where: str) -> Value | None:
        """What its file, or else the organisation's, says for all that is in it."""
        return _nearest(self.written.around(self.spot.document), key, where)

    # -------------------------------------------------------------------------------- indicator

    def _indicator(self) -> Iterator[Value]:
        place: Location = (*self.spot.where, "indicator")
        name = self.spot.document.text(place)
        if name is None:
            yield from _indicator(self.written, self._read, self.spot.document, place, self.who)
            return
        yield from self._said("indicator")
        home = self.written.indicators[name]
        yield from _indicator(self.written, self._read, home.document, home.where, name)

    def _target(self) -> Iterator[Value]:
        yield from self._own("target")
        target = self.kr.target
        if target is None:
            return
        starts = target.type in (TargetType.INCREASE, TargetType.DECREASE)
        if starts and target.start is None and target.start_period is None:
            yield _shipped("target.from", "the first reading")
        if target.type is not TargetType.GUARD and not target.empty_met:
            yield _shipped("target.empty", "no data")

    # ------------------------------------------------------------------------------------- days

    def _days(self) -> Iterator[Value]:
        zone = ZoneInfo(self.kr.timezone)
        for key, moment in (("start", self.kr.start), ("due", self.kr.due)):
            said = list(self._said(key))
            period = self._around("period", "period")
            if not said and period is not None:
                day = moment.astimezone(zone).date().isoformat()
                said = [Value(key, day, _of(period.origin, "period of the"))]
            yield from said
        timezone = self._around("timezone", "timezone")
        if timezone is not None:
            yield timezone

    def _time_off(self) -> Iterator[Value]:
        zone = ZoneInfo(self.kr.timezone)
        sheets = self.written.around(self.spot.document)
        holidays = self._around("holidays", "calendar", "holidays")
        for i, off in enumerate(self.kr.time_off):
            first, after = off.start.astimezone(zone), off.end.astimezone(zone)
            last = after.date() - timedelta(days=1)
            days = {"title": off.title, "from": f"{first.date()}", "to": f"{last}"}
            origin = _freeze(sheets, off.title, f"{first.date()}")
            if origin is None and holidays is not None:
                origin = _of(holidays.origin, "holidays of the")
            yield Value(f"time_off[{i}]", days, origin or Origin(SHIPPED))
        if not self.kr.time_off:
            yield _shipped("time_off", [])

    # -------------------------------------------------------------------------------- judgement

    def _judgement(self) -> Iterator[Value]:
        for key, name in _THRESHOLDS.items():
            said = list(self._said("judgement", key))
            around = self._around(f"judgement.{key}", "judgement", key)
            if said or around is not None:
                yield from said or [around] if around is not None else said
                continue
            default = getattr(Judgement(), name)
            words = _duration(default) if name.endswith("_seconds") else default
            yield _shipped(f"judgement.{key}", words)

    def _stale_after(self) -> Iterator[Value]:
        said = list(self._said("stale_after"))
        if not said and "stale_after" in self._read.definition:
            return  # the indicator says it
        yield from said or [_shipped("stale_after", _DEFAULTS["stale_after"])]


def _indicator(
    written: WrittenPeriod, read: Indicator, document: Document, where: Location, who: str
) -> Iterator[Value]:
    """How the number is measured: what is written, then what is filled in."""
    sheet, said = written.sheet(document), dict(document.value(where))
    yield from sheet.values(where, "indicator", who)
    measure = written.measures[read.measure]
    options = measure.model_validate_json(json.dumps(said), strict=True)
    filled = options.model_dump(mode="json", by_alias=True, exclude_none=True)
    for key, value in filled.items():
        if key not in said and key not in ("source", "unit", "evidence", "plausible"):
            yield _shipped(f"indicator.{key}", value)
    sheets = written.around(document)
    if read.source is not None and "source" not in said:
        kind = read.measure.partition(".")[0]
        found = _nearest(sheets, "indicator.source", ("defaults", "source", kind))
        default = Origin(f"settings, the default for {kind}")
        yield found or Value("indicator.source", read.source, default)
    if "unit" not in said:
        unit = base_unit(read) or "a bare number"
        yield Value("indicator.unit", unit, Origin(f"measure {read.measure}"))
    if read.source is not None and "evidence" not in said:
        yield _evidence(written, read, document, where, who)
    if not isinstance(read.plan, Manual):
        yield from _plausible(read, said.get("plausible", {}), sheets)


def _plausible(
    read: Indicator, said: Mapping[str, Json], sheets: Sequence[Sheet]
) -> Iterator[Value]:
    """What its numbers are held to although nothing is said where it is written."""
    for key, default in _PLAUSIBLE.items():
        if key in said or (key == "shrink" and not counts_objects(read)):
            continue
        found = _nearest(sheets, f"indicator.plausible.{key}", ("defaults", "plausible", key))
        yield found or _shipped(f"indicator.plausible.{key}", default)


def _evidence(
    written: WrittenPeriod, read: Indicator, document: Document, where: Location, who: str
) -> Value:
    beside = (*where[:-1], "evidence")
    found: Value | None = None
    if where[0] != "indicators" and document.node(beside) is not None:
        found = next(written.sheet(document).values(beside, "indicator.evidence", who))
    else:
        sheets = written.around(document)
        found = _nearest(sheets, "indicator.evidence", ("defaults", "evidence"))
    found = found or _shipped("indicator.evidence", "keys")
    if found.value == read.evidence:
        return found
    other = Origin("another indicator that reads the same")
    return Value("indicator.evidence", read.evidence, other)


def _nearest(sheets: Sequence[Sheet], key: str, where: Location) -> Value | None:
    """What the nearest file that says anything at the location says there."""
    for sheet in sheets:
        node = sheet.document.node(where)
        if node is not None:
            return Value(key, node.plain, sheet.origin(where))
    return None


def _freeze(sheets: Sequence[Sheet], title: str, day: str) -> Origin | None:
    for sheet in sheets:
        freezes = sheet.document.value(("calendar", "freezes")) or []
        for i, freeze in enumerate(freezes):
            if freeze["title"] == title and freeze["from"] <= day <= freeze["to"]:
                return sheet.origin(("calendar", "freezes", i))
    return None


def _duration(seconds: float) -> str:
    return f"{seconds / 86_400:g} d" if seconds >= 86_400 else f"{seconds:g} s"


def _of(origin: Origin, words: str) -> Origin:
    return Origin(f"{words} {origin.who}", origin.file, origin.line, origin.variables)
