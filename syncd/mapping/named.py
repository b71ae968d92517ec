"""The indicators of a period: named ones and those that key results have to themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from syncd.mapping.baseline import Start, baseline
from syncd.mapping.composed import COMPOSED
from syncd.mapping.composing import circle
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt
from syncd.mapping.frame import Frame
from syncd.mapping.indicators import Installation, build, twins
from syncd.mapping.period import period
from syncd.mapping.plausible import read_plausible
from syncd.mapping.references import Names
from syncd.mapping.spelling import keys_at, respelt
from syncd.mapping.variables import Variables
from syncd.model import Indicator, Manual, Target, parts_of
from syncd.wording import nearest

_NAME = re.compile("[a-z][a-z0-9_]*")


@dataclass
class Indicators:
    """Finds and makes the indicators of one period. Faults go to the documents.

    `whole` False: some files could not be read, so nothing is said of names that only they could
    hold. `reads` has the indicator's name (None: one of its own) by id of a key result.
    """

    installation: Installation
    whole: bool
    reads: dict[str, str | None] = field(default_factory=dict)
    named: dict[str, Indicator | None] = field(default_factory=dict)
    by_fingerprint: dict[str, Indicator] = field(default_factory=dict)
    written: dict[str, tuple[Document, Location, Frame]] = field(default_factory=dict)
    """Where each name is declared."""
    composed: dict[str, tuple[Document, Location, Frame]] = field(default_factory=dict)
    """Named ones that are made of others and not resolved yet."""

    def read(self, documents: Sequence[tuple[Document, Frame]]) -> None:
        """Reads all named indicators; those made of others after what they are made of."""
        names = Names("the name of an indicator")
        for document, frame in documents:
            for name in keys_at(document, ("indicators",)):
                where = ("indicators", name)
                if not _NAME.fullmatch(name):
                    document.fault(
                        where,
                        f'"{excerpt(name)}"',
                        "a name of small letters, digits and _",
                        respelt(name, "_"),
                    )
                new = names.declare(name, document, where)
                self.written.setdefault(name, (document, where, frame))
                if new and document.text((*where, "measure")) in COMPOSED:
                    self.composed[name] = (document, where, frame)
                    continue
                indicator = self._build(document, where, name, frame)
                if new:
                    self.named[name] = indicator
                if new and indicator is not None:
                    self._add(indicator)
        while self.composed:
            self._compose(next(iter(self.composed)), ())

    def _build(
        self,
        document: Document,
        where: Location,
        name: str | None,
        frame: Frame,
        *,
        chain: tuple[str, ...] = (),
        evidence: str | None = None,
    ) -> Indicator | None:
        def find(place: Location, part: str) -> Indicator | None:
            return self._part(document, place, part, chain)

        made = build(document, where, name, self.installation, frame.around, find, evidence)
        if made is None:
            return None
        plausible = read_plausible(document, where, made, frame.plausible)
        return None if plausible is None else replace(made, plausible=plausible)

    def _compose(self, name: str, chain: tuple[str, ...]) -> None:
        """Resolves a composed indicator, its parts before it."""
        document, where, frame = self.composed.pop(name)
        indicator = self._build(document, where, name, frame, chain=(*chain, name))
        self.named[name] = indicator
        if indicator is not None:
            self._add(indicator)

    def _part(
        self, document: Document, place: Location, name: str, chain: tuple[str, ...]
    ) -> Indicator | None:
        if name in chain:
            document.fault(
                place,
                f"a circle: {circle(chain, name)}",
                "parts that end at what is measured",
                "take one of these parts out",
            )
            return None
        if name in self.composed:
            self._compose(name, chain)
        if name in self.named:
            if self.named[name] is None:
                document.silence(place)
            return self.named[name]
        if self.whole or name in self.reads:
            self._unknown_indicator(document, place, name)
        else:
            document.silence(place)
        return None

    def _add(self, indicator: Indicator) -> None:
        known = self.by_fingerprint.get(indicator.fingerprint)
        self.by_fingerprint[indicator.fingerprint] = (
            indicator if known is None else twins(known, indicator)
        )

    def read_by(
        self, document: Document, where: Location, frame: Frame, evidence: str | None
    ) -> Indicator | None:
        """The indicator that a key result names, or has written, at the location; None with a
        fault noted.
        """
        if document.node(where) is None or document.refused(where):
            return None
        name = document.text(where)
        if name is None:
            return self._own_indicator(document, where, frame, evidence)
        if evidence is not None:
            document.fault(
                (*where[:-1], "evidence"),
                f"evidence beside {name}, an indicator with a name",
                "evidence where the indicator is written, because others may read it too",
                f"move evidence: {evidence} to {name}",
            )
        if name in self.named:
            return self.named[name]
        if self.whole or name in self.reads:
            self._unknown_indicator(document, where, name)
        else:
            document.silence(where)
        return None

    def _own_indicator(
        self, document: Document, where: Location, frame: Frame, evidence: str | None
    ) -> Indicator | None:
        indicator = self._build(document, where, None, frame, evidence=evidence)
        if indicator is not None:
            self._add(indicator)
        return indicator

    def _unknown_indicator(self, document: Document, where: Location, name: str) -> None:
        if name in self.reads:
            read = self.reads[name]
            expected = f"{read} is the one it reads" if read else "it reads one of its own"
            part = where[-1] != "indicator"
            fix = f"{'' if part else 'indicator: '}{read}"
            if not read:
                fix = "give that one a name under indicators:"
            whole_result = where[0] == "objectives" and "beside" not in where and not part
            document.fault(
                where,
                f'"{name}", a key result',
                f"the name of an indicator ({expected})",
                f"{fix}, or duplicate_of: {name} if it is the same result" if whole_result else fix,
            )
            return
        close = nearest(name, [*self.named, *self.composed])
        if where[-1] == "indicator":
            expected = "the name of an indicator under indicators:, or a mapping with measure"
            fix = f"indicator: {close}"
        else:
            expected, fix = "the name of an indicator under indicators:", str(close)
        document.fault(
            where,
            f'"{excerpt(name)}", an unknown indicator',
            expected,
            fix if close else f"declare {excerpt(name)} under indicators:",
        )

    def by_hand(self, indicator: Indicator) -> bool:
        """Whether a person gives the number, or one that it is made of."""
        return isinstance(indicator.plan, Manual) or any(
            self.by_hand(self.by_fingerprint[part]) for part in parts_of(indicator.plan)
        )

    def with_baseline(
        self,
        document: Document,
        where: Location,
        indicator: Indicator | None,
        target: Target,
        frame: Frame,
        variables: Variables,
    ) -> Target | None:
        """The target with the indicator that its start is read from, which joins the others."""
        past = period(target.start_period or "")
        place = (*where, "target", "from")
        if indicator is None or past is None or frame.timezone is None:
            return None
        own = (document, (*where, "indicator"), frame)
        source = self.written.get(document.text((*where, "indicator")) or "", own)
        # the dates of the period in its text are those of the past one
        there = replace(source[2], period=past).variables(variables)
        definition = there.value_in(source[0], source[1])
        start = Start(past, definition, source[2], frame)
        made = baseline(document, place, indicator, start, self.installation)
        if made is None:
            return None
        self._add(made)
        return replace(target, start_from=made.fingerprint)
