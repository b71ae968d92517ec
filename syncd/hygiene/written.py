"""A catalogue together with where it is written: what the rules look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from syncd.mapping import Place, Subject, SubjectKind
from syncd.model import Catalogue, Indicator, KeyResult, parts_of


@dataclass(frozen=True)
class Written:
    """The catalogue of one period and the places of all that it holds; `periods`: the catalogues
    that were loaded with it, by period.
    """

    catalogue: Catalogue
    places: Mapping[Subject, Place]
    periods: Mapping[str, Catalogue]

    @cached_property
    def running(self) -> tuple[KeyResult, ...]:
        """The key results and roll-ups that were not given up or carried over."""
        return tuple(it for it in self.catalogue.key_results.values() if it.ending is None)

    @cached_property
    def originals(self) -> tuple[KeyResult, ...]:
        """Those of `running` that are not the duplicate of another. What a duplicate takes from the
        other is judged there, once.
        """
        return tuple(it for it in self.running if it.duplicate_of is None)

    @cached_property
    def waiting(self) -> Mapping[str, tuple[KeyResult, ...]]:
        """Who waits for what: for an id or ``external:NAME``, the originals that need it. Who needs
        a duplicate waits for the other.
        """
        found: dict[str, list[KeyResult]] = {}
        for key_result in self.originals:
            for need in key_result.needs:
                needed = self.catalogue.key_results.get(need)
                origin = None if needed is None else needed.duplicate_of
                found.setdefault(origin or need, []).append(key_result)
        return {need: tuple(them) for need, them in found.items()}

    def key_result(self, key: str) -> Subject:
        """The key result of this id, to speak of."""
        return self._subject(SubjectKind.KEY_RESULT, key)

    def objective(self, key: str) -> Subject:
        """The objective of this id, to speak of."""
        return self._subject(SubjectKind.OBJECTIVE, key)

    def indicator(self, name: str) -> Subject:
        """The indicator of this name, to speak of."""
        return self._subject(SubjectKind.INDICATOR, name)

    def external(self, name: str) -> Subject:
        """The dependency of this name, to speak of."""
        return self._subject(SubjectKind.EXTERNAL, name)

    def _subject(self, kind: SubjectKind, name: str) -> Subject:
        return Subject(kind, self.catalogue.period, name)

    def read_by(self, key_result: KeyResult) -> Indicator:
        """The indicator that the key result reads."""
        return self.catalogue.indicators[key_result.indicator]

    def made_of(self, fingerprint: str) -> Iterator[Indicator]:
        """The indicator and all that it is made of, however deep."""
        indicator = self.catalogue.indicators[fingerprint]
        yield indicator
        for part in parts_of(indicator.plan):
            yield from self.made_of(part)


def day(moment: datetime, timezone: str) -> str:
    """The day that the moment is in, there: ``2026-03-31``."""
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def is_rollup(key_result: KeyResult) -> bool:
    """Whether it is the organisation's: made of what others own, and no team's."""
    return not key_result.team
