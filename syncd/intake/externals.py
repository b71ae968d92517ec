"""The state of dependencies outside the key results, as people set it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.intake.moments import past_moment
from syncd.intake.texts import LONGEST_NAME, LONGEST_NOTE, Refused, Unknown, known, text
from syncd.model import ExternalState
from syncd.store.engine import Store
from syncd.store.externals import (
    PREFIX,
    ExternalView,
    NotDeclared,
    Said,
    external_views,
    record_state,
)
from syncd.store.read import mapping
from syncd.wording import did_you_mean


@dataclass(frozen=True)
class GivenState:
    """What a person says: the state in its word, why, who says it, and since when it is so (None:
    now).
    """

    state: str
    note: str
    by: str
    at: str | None = None


def set_state(store: Store, name: str, given: GivenState, *, now: datetime) -> Said:
    """Writes down what a person says of a dependency that mapping files declare, named with or
    without ``external:``. Raises Unknown and Refused.
    """
    with store.read() as connection:
        wanted = _declared(name.removeprefix(PREFIX), external_views(connection))
        load = mapping(connection)
    timezone = load.in_force["timezone"] if load is not None and load.in_force else "UTC"
    state = ExternalState(known("state", given.state, list(ExternalState)))
    note = text("note", given.note, LONGEST_NOTE)
    by = text("by", given.by, LONGEST_NAME)
    try:
        at = now if given.at is None else past_moment(given.at, timezone, now)
    except ValueError as error:
        raise Refused(f"at: {error}") from error
    try:
        return record_state(
            store, wanted, state, note=note, by=by, at=at, now=now, timezone=timezone
        )
    except NotDeclared as error:  # the mapping files changed this moment
        raise Unknown(str(error)) from error


def _declared(name: str, views: list[ExternalView]) -> str:
    names = [view.external.name for view in views]
    if name in names:
        return name
    declared = ", ".join(sorted(set(names))[:20])
    known = f"the mapping files declare {declared}"
    none = "no mapping file declares one (external: in the organisation file)"
    hint = did_you_mean(name, names, known if names else none)
    raise Unknown(f"there is no dependency {name[:80]!r}{hint}")
