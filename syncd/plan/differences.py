"""What edited mapping files add, remove and change, field by field. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from syncd.model import KeyResult
from syncd.plan.definitions import Declared, Definitions
from syncd.plan.words import (
    Fields,
    external_fields,
    indicator_fields,
    key_result_fields,
    objective_fields,
    usual_fields,
)
from syncd.wording import NOTHING

T = TypeVar("T")

PARTS = "what it is made of"
"""Where only the indicators below a composed one changed, its own words stay as they were."""


class How(StrEnum):
    """What becomes of something that is declared."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Kind(StrEnum):
    """What is declared."""

    ORGANISATION = "organisation"
    TEAM = "team"
    OBJECTIVE = "objective"
    EXTERNAL = "external"
    INDICATOR = "indicator"
    KEY_RESULT = "key result"


@dataclass(frozen=True)
class FieldChange:
    """A field and its words before and after; None: it was not there, or is not any more."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """Something that is added, removed or changed, and how in each field that matters."""

    kind: Kind
    key: str
    title: str
    how: How
    fields: tuple[FieldChange, ...]


def differences(before: Definitions, after: Definitions) -> list[Difference]:
    """Everything that is otherwise, from the whole to the single key result."""
    zone = after.organisation.get("timezone", "UTC")
    found: list[Difference] = []
    if before.organisation != after.organisation and before.organisation:
        changed = _fields(dict(before.organisation), dict(after.organisation))
        title = after.organisation.get("organisation", "")
        found.append(Difference(Kind.ORGANISATION, "", title, How.CHANGED, changed))
    found += _compared(Kind.TEAM, before.teams, after.teams, lambda title: {"title": title})
    found += _compared(Kind.OBJECTIVE, before.objectives, after.objectives, objective_fields)
    found += _compared(
        Kind.EXTERNAL,
        before.externals,
        after.externals,
        lambda external: external_fields(external, zone),
    )
    found += _indicators(before, after)
    found += _key_results(before, after)
    return found


def _compared(
    kind: Kind,
    before: Mapping[str, T],
    after: Mapping[str, T],
    fields_of: Callable[[T], Fields],
) -> list[Difference]:
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        was = None if old is None else fields_of(old)
        now = None if new is None else fields_of(new)
        changed = _fields(was, now)
        if was is not None and now is not None and not changed:
            continue
        title = (now or was or {}).get("title", "")
        found.append(Difference(kind, key, title, _how(was, now), changed))
    return found


def _indicators(before: Definitions, after: Definitions) -> list[Difference]:
    """The named ones; a name that now stands for what another name, or none, stood for is no
    change. One without a name is told with the key result that it is written in.
    """
    was = {one.name: one for one in before.indicators.values() if one.name}
    now = {one.name: one for one in after.indicators.values() if one.name}
    found = []
    for name in [*now, *(name for name in was if name not in now)]:
        old, new = was.get(name), now.get(name)
        if old is None and new is not None and new.fingerprint in before.indicators:
            continue
        if new is None and old is not None and old.fingerprint in after.indicators:
            continue
        if old is not None and new is not None and old.fingerprint == new.fingerprint:
            continue
        changed = _definition(old, new)
        found.append(
            Difference(
                Kind.INDICATOR,
                name,
                "",
                _how(None if old is None else {}, None if new is None else {}),
                changed,
            )
        )
    return found


def _key_results(before: Definitions, after: Definitions) -> list[Difference]:
    found = []
    gone = [key for key in before.key_results if key not in after.key_results]
    for key in [*after.key_results, *gone]:
        old, new = before.key_results.get(key), after.key_results.get(key)
        was, now = _said(old, before), _said(new, after)
        if was is None and now is not None:
            usual = usual_fields(after.organisation.get("timezone", ""))
            now = {name: said for name, said in now.items() if said != usual.get(name)}
        changed = [*_fields(was, now), *_reads(old, new, before, after)]
        if was is not None and now is not None and not changed:
            continue
        title = new.title if new is not None else old.title if old is not None else ""
        found.append(Difference(Kind.KEY_RESULT, key, title, _how(was, now), tuple(changed)))
    return found


def _said(kr: KeyResult | None, where: Definitions) -> Fields | None:
    return None if kr is None else key_result_fields(kr, where.indicators[kr.indicator])


def _reads(
    old: KeyResult | None, new: KeyResult | None, before: Definitions, after: Definitions
) -> tuple[FieldChange, ...]:
    """How the indicator that it reads is another one; one that is only defined anew under its name
    is told where it is defined.
    """
    was = None if old is None else before.indicators.get(old.indicator)
    now = None if new is None else after.indicators.get(new.indicator)
    if was is None or now is None:
        only = was or now
        if only is None:
            return ()
        said = only.name or only.measure
        return (FieldChange("indicator", said if was else None, said if now else None),)
    if was.fingerprint == now.fingerprint or (was.name is not None and was.name == now.name):
        return ()
    if was.name is None and now.name is None:
        return tuple(
            FieldChange(f"indicator.{one.name}", one.before, one.after)
            for one in _definition(was, now)
        )
    return (FieldChange("indicator", was.name or was.measure, now.name or now.measure),)


def _definition(old: Declared | None, new: Declared | None) -> tuple[FieldChange, ...]:
    was = None if old is None else indicator_fields(old)
    now = None if new is None else indicator_fields(new)
    changed = _fields(was, now)
    if not changed and was is not None and now is not None:
        return (FieldChange(PARTS, "as it was defined", "as it is defined anew"),)
    return changed


def _fields(was: Fields | None, now: Fields | None) -> tuple[FieldChange, ...]:
    """The fields that differ; of what is added or removed those that say something."""
    names: Sequence[str] = [*(now or {}), *(name for name in was or {} if name not in (now or {}))]
    found = []
    for name in names:
        before = None if was is None else was.get(name)
        after = None if now is None else now.get(name)
        if before == after or ((was is None or now is None) and (before or after) == NOTHING):
            continue
        found.append(FieldChange(name, before, after))
    return tuple(found)


def _how(was: object, now: object) -> How:
    if was is None:
        return How.ADDED
    return How.REMOVED if now is None else How.CHANGED
