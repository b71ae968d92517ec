"""Organisation and team files to a catalogue: every reference followed, every default filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncd.mapping.calendar import check_freeze_teams
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.duplicates import Duplicates, Known, is_duplicate, refuse_rollup
from syncd.mapping.fault import Location, excerpt
from syncd.mapping.frame import Frame, read_frame
from syncd.mapping.key_results import Above, read_key_result
from syncd.mapping.named import Indicators
from syncd.mapping.objectives import Objectives
from syncd.mapping.period import begins, ends
from syncd.mapping.place import Place, Subject, SubjectKind, place_at
from syncd.mapping.references import Names, Need, Spot, check_needs
from syncd.mapping.shape import ExternalShape, OrganisationFile
from syncd.mapping.spelling import keys_at, length_at, respelt
from syncd.mapping.values import read_day
from syncd.mapping.variables import Variables
from syncd.model import Catalogue, External, KeyResult

Json = Any

_EXTERNAL_NAME = re.compile("[a-z0-9]+([-_][a-z0-9]+)*")


@dataclass
class Resolver:
    """Resolves the files of one period. Faults go to the documents.

    `whole` False: some files could not be read, so nothing is said of references that only they
    could hold.
    """

    indicators: Indicators
    variables: Variables
    whole: bool
    ids: Names = field(default_factory=lambda: Names("an id"))
    key_results: dict[str, KeyResult] = field(default_factory=dict)
    written: dict[str, Spot] = field(default_factory=dict)
    """Where each key result stands, in the order of the files, roll-ups last."""
    originals: list[tuple[Above, Location]] = field(default_factory=list)
    """The key results that are no duplicates, as they stand."""
    rollups: set[str] = field(default_factory=set)
    externals: dict[str, External] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)
    objectives: Objectives = field(init=False)
    duplicates: Duplicates = field(default_factory=Duplicates)
    period: str = ""

    def __post_init__(self) -> None:
        self.objectives = Objectives(self.ids)

    def catalogue(
        self, organisation: Document | None, teams: Sequence[Document]
    ) -> Catalogue | None:
        """What the files say together; None without an organisation file that is sound."""
        above = Frame()
        documents: list[tuple[Document, Frame]] = []
        name = ""
        if organisation is not None:
            above = read_frame(organisation, above, self.variables)
            good = check(organisation, (), OrganisationFile, noun="an organisation file").good
            name = str(good.get("organisation", ""))
            documents.append((organisation, above))
        self.period = "" if above.period is None else above.period.title
        framed = [(document, read_frame(document, above, self.variables)) for document in teams]
        # ids first: a composed indicator that names a key result is told so
        for it in self.objectives.declare(framed):
            team = Above(it.document, it.frame, self.period, it.team, it.id, it.title)
            self._declare(team, it.key_results)
        if organisation is not None:
            rollups = range(length_at(organisation, ("rollups",)))
            nobody = Above(organisation, above, self.period, rollup=True)
            self._declare(nobody, (("rollups", i) for i in rollups))
        self.objectives.share(whole=self.whole)
        if organisation is not None and self.whole:
            check_freeze_teams(organisation, self.objectives.teams)
        self._follow_duplicates()
        self.indicators.read([*documents, *framed])
        if organisation is not None:
            self._read_externals(organisation, above)
        self._read_originals()
        self._read_duplicates()
        self._check_needs(organisation)
        if organisation is None or above.period is None or above.timezone is None:
            return None
        return Catalogue(
            organisation=name,
            period_title=above.period.title,
            timezone=above.timezone.key,
            teams=self.objectives.teams,
            indicators=self.indicators.by_fingerprint,
            key_results={
                key: self.key_results[key] for key in self.written if key in self.key_results
            },
            externals=self.externals,
            objectives=self.objectives.by_id,
            period=self.period,
            starts=begins(above.period.first, above.timezone),
            ends=ends(above.period.last, above.timezone),
        )

    def places(self, organisation: Document, teams: Sequence[Document]) -> Mapping[Subject, Place]:
        """Where everything of the period is written, once `catalogue` has been called."""
        found: dict[tuple[SubjectKind, str], Place] = {
            (SubjectKind.PERIOD, self.period): place_at(organisation, ())
        }
        for document in teams:
            found[SubjectKind.TEAM, str(document.text(("team",)))] = place_at(document, ())
        for it in self.objectives.written:
            found[SubjectKind.OBJECTIVE, it.id] = place_at(it.document, it.where)
        for key, spot in self.written.items():
            found[SubjectKind.KEY_RESULT, key] = place_at(spot.document, spot.where)
        for name, (document, where, _) in self.indicators.written.items():
            found[SubjectKind.INDICATOR, name] = place_at(document, where)
        for name in self.externals:
            found[SubjectKind.EXTERNAL, name] = place_at(organisation, ("external", name))
        return {Subject(kind, self.period, name): place for (kind, name), place in found.items()}

    # ------------------------------------------------------------------------------- externals

    def _read_externals(self, document: Document, frame: Frame) -> None:
        for name in keys_at(document, ("external",)):
            where = ("external", name)
            if not _EXTERNAL_NAME.fullmatch(name):
                document.fault(
                    where,
                    f'"{excerpt(name)}"',
                    "a name of small letters, digits and -",
                    respelt(name, "-"),
                )
            model = check(document, where, ExternalShape, noun="a dependency").model
            due = read_day(document, (*where, "due"))
            if model is not None:
                self.externals[name] = External(
                    name=name,
                    title=model.title,
                    owner=model.owner,
                    due=ends(due, frame.timezone) if due and frame.timezone else None,
                    plan=model.plan,
                )

    # ------------------------------------------------------------------------------ key results

    def _declare(self, above: Above, places: Iterable[Location]) -> None:
        """Takes note of key results and their ids, before any of them is looked into."""
        document = above.document
        for where in places:
            key = None
            if not document.refused((*where, "id")):
                key = document.text((*where, "id"))
            if not is_duplicate(document, where):
                self.originals.append((above, where))
            elif above.rollup:
                refuse_rollup(document, where)
            else:
                self.duplicates.declare(key, above, where)
            if key is None:
                continue
            if self.ids.declare(key, document, (*where, "id")):
                self.written[key] = Spot(document, where)
            if above.rollup:
                self.rollups.add(key)
            self.indicators.reads.setdefault(key, document.text((*where, "indicator")))

    def _follow_duplicates(self) -> None:
        """A duplicate reads what the other one reads."""
        reads = self.indicators.reads
        for key in self.duplicates.by_id:
            reads[key] = reads.get(self.duplicates.origin(key) or "")

    def _read_originals(self) -> None:
        for above, where in self.originals:
            found = read_key_result(above, where, self.indicators, self.variables)
            self._note_needs(above.document, where)
            if found is not None:
                self.key_results.setdefault(found.id, found)

    def _read_duplicates(self) -> None:
        originals = dict(self.key_results)
        known = Known(
            key_results=self.indicators.reads,
            rollups=self.rollups,
            objectives={*self.objectives.by_id, *self.objectives.aliases},
            indicators=self.indicators.written,
            whole=self.whole,
        )
        for duplicate in self.duplicates.every:
            found = self.duplicates.resolve(duplicate, originals, known, self.indicators)
            if found is not None:
                self.key_results[found.id] = found

    # ------------------------------------------------------------------------------------ needs

    def _note_needs(self, document: Document, where: Location) -> None:
        key = document.text((*where, "id"))
        if key is None or key not in self.indicators.reads:
            return
        seen: set[str] = set()
        for i in range(length_at(document, (*where, "needs"))):
            place = (*where, "needs", i)
            needed = document.text(place)
            if needed is None or document.refused(place):
                continue
            if needed in seen:
                document.fault(
                    place, f'"{excerpt(needed)}" a second time', "each need once", "take it out"
                )
                continue
            seen.add(needed)
            self.needs.append(Need(key, needed, Spot(document, place)))

    def _check_needs(self, organisation: Document | None) -> None:
        externals = [] if organisation is None else keys_at(organisation, ("external",))
        inherited = [
            Need(it.id, need.needed, Spot(it.above.document, it.place))
            for it in self.duplicates.by_id.values()
            for need in self.needs
            if need.dependant == it.other
        ]
        check_needs(
            self.needs,
            self.indicators.reads,
            externals,
            {*self.objectives.by_id, *self.objectives.aliases},
            whole=self.whole,
            inherited=inherited,
        )
