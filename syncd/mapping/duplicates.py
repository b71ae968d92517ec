"""Key results that another team has too: written once, told twice, counted once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt
from syncd.mapping.key_results import Above, check_page, names
from syncd.mapping.named import Indicators
from syncd.mapping.shape import DuplicateShape, KeyResultShape
from syncd.mapping.spelling import keys_at
from syncd.model import KeyResult
from syncd.wording import nearest

_KEY = "duplicate_of"
_WANTED = "the id of the key result that has the indicator and the target"
_OWN = frozenset(it.alias or name for name, it in DuplicateShape.model_fields.items())
_KNOWN = tuple(it.alias or name for name, it in KeyResultShape.model_fields.items())


@dataclass(frozen=True)
class Duplicate:
    """A key result with `duplicate_of`: where it stands, and what it names (None: nothing that
    can be read).
    """

    id: str
    other: str | None
    above: Above
    where: Location

    @property
    def place(self) -> Location:
        """Where the other is named."""
        return (*self.where, _KEY)


def is_duplicate(document: Document, where: Location) -> bool:
    """Whether the key result at the location says, if with a slip of the pen, that it is another
    one's duplicate.
    """
    return any(
        key == _KEY or (key not in _KNOWN and nearest(key, [_KEY, *_KNOWN]) == _KEY)
        for key in keys_at(document, where)
    )


def refuse_rollup(document: Document, where: Location) -> None:
    """Notes that a roll-up cannot be a duplicate."""
    document.fault(
        where,
        f"a roll-up with {_KEY}",
        "a title, an indicator and a target, because what counts in no mean is no duplicate",
        f"take {_KEY} out and write the roll-up out",
    )


@dataclass
class Duplicates:
    """The duplicates of one period; `by_id` has the first of each id."""

    every: list[Duplicate] = field(default_factory=list)
    by_id: dict[str, Duplicate] = field(default_factory=dict)

    def declare(self, key: str | None, above: Above, where: Location) -> None:
        """Remembers the duplicate at the location; `key` is its id where it has one."""
        document = above.document
        other = None if document.refused((*where, _KEY)) else document.text((*where, _KEY))
        duplicate = Duplicate(key or "", other, above, where)
        self.every.append(duplicate)
        if key is not None:
            self.by_id.setdefault(key, duplicate)

    def origin(self, key: str) -> str | None:
        """The key result at the end of the chain that begins here: the one with the target. None
        where the chain is a circle, or breaks.
        """
        seen: set[str] = set()
        while key in self.by_id:
            other = self.by_id[key].other
            if other is None or key in seen:
                return None
            seen.add(key)
            key = other
        return key

    def resolve(
        self,
        duplicate: Duplicate,
        originals: Mapping[str, KeyResult],
        known: Known,
        indicators: Indicators,
    ) -> KeyResult | None:
        """The key result with what it takes from the other; None with faults noted, or where the
        other has some.
        """
        document, where = duplicate.above.document, duplicate.where
        for key in keys_at(document, where):
            if key in _KNOWN and key not in _OWN:
                document.fault(
                    (*where, key),
                    f"{key} beside {_KEY}",
                    f"only id, title, owner, page and note beside it; the rest is that of "
                    f"{excerpt(duplicate.other or 'the other')}",
                    f"take {key} out, or take {_KEY} out if it is a result of its own",
                )
        checked = check(document, where, DuplicateShape, noun="a duplicate")
        self._refuse(duplicate, known)
        original = originals.get(duplicate.other or "")
        if original is not None:
            indicator = indicators.by_fingerprint[original.indicator]
            check_page(document, where, checked.good, indicator, indicators)
        model = checked.model
        if model is None or original is None or not document.sound(where):
            return None
        above = duplicate.above
        return replace(
            original,
            id=model.id,
            title=model.title or original.title,
            team=above.team,
            objective=above.objective,
            objective_title=above.objective_title,
            owner=names(model.owner),
            weight=1.0,
            page=model.page,
            note=model.note,
            duplicate_of=original.id,
        )

    def _refuse(self, duplicate: Duplicate, known: Known) -> None:
        document, place, other = duplicate.above.document, duplicate.place, duplicate.other
        if other is None or document.refused(place):
            return
        if other in self.by_id:
            self._refuse_chain(duplicate, other)
            return
        if other in known.rollups:
            document.fault(
                place,
                f'"{other}", a roll-up',
                f"{_WANTED}, and that counts for a team",
                "the indicator of the roll-up and a target, if the team answers for the number",
            )
            return
        if other in known.key_results or not known.whole:
            return
        if other in known.indicators:
            document.fault(
                place,
                f'"{excerpt(other)}", an indicator',
                _WANTED,
                f"indicator: {other}, if only the number is the same",
            )
            return
        if other in known.objectives:
            document.fault(
                place, f'"{other}", an objective', _WANTED, "the id of one of its key results"
            )
            return
        close = nearest(other, known.key_results)
        document.fault(
            place,
            f'"{excerpt(other)}", which is no key result',
            _WANTED,
            f"{_KEY}: {close}" if close else "correct the id, or write the key result out here",
        )

    def _refuse_chain(self, duplicate: Duplicate, other: str) -> None:
        document, place = duplicate.above.document, duplicate.place
        circle = self._circle(duplicate.id)
        origin = self.origin(other)
        if other == duplicate.id:
            document.fault(
                place,
                f'"{other}", its own id',
                _WANTED,
                f"the id of that one, or take {_KEY} out and write the key result out here",
            )
        elif circle and circle[0] == duplicate.id:
            document.fault(
                place,
                f"a circle: {' -> '.join((*circle, circle[0]))}",
                "one of them with an indicator and a target",
                f"write the key result out in one place and take its {_KEY} out",
            )
        elif origin is not None:
            document.fault(
                place,
                f'"{excerpt(other)}", itself a duplicate of {self.by_id[other].other}',
                _WANTED,
                f"{_KEY}: {origin}",
            )

    def _circle(self, key: str) -> list[str]:
        """The ids of the circle that the chain from here ends in, the least first; or none."""
        chain: list[str] = []
        while key in self.by_id and key not in chain:
            chain.append(key)
            key = self.by_id[key].other or ""
        if key not in chain:
            return []
        circle = chain[chain.index(key) :]
        least = circle.index(min(circle))
        return circle[least:] + circle[:least]


@dataclass(frozen=True)
class Known:
    """What else has a name in the period. `whole` False: some files could not be read, so a name
    that is not here may be theirs.
    """

    key_results: Collection[str]
    rollups: Collection[str]
    objectives: Collection[str]
    indicators: Collection[str]
    whole: bool
