"""Organisation and team files to a catalogue: every reference followed, every default filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from syncd.mapping.checking import check
from syncd.mapping.checkpoints import read_checkpoints
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt
from syncd.mapping.frame import Frame, read_day, read_frame, read_judgement
from syncd.mapping.named import Indicators
from syncd.mapping.period import begins, ends
from syncd.mapping.references import Names, Need, Place, check_needs
from syncd.mapping.shape import (
    ExternalShape,
    KeyResultShape,
    ObjectiveShape,
    OrganisationFile,
    TeamFile,
)
from syncd.mapping.spelling import keys_at, length_at, respelt
from syncd.mapping.targets import read_target
from syncd.mapping.values import read_duration
from syncd.mapping.variables import Variables
from syncd.model import Catalogue, Checkpoint, External, Indicator, KeyResult, Manual, Target

Json = Any

_EXTERNAL_NAME = re.compile("[a-z0-9]+([-_][a-z0-9]+)*")


@dataclass(frozen=True)
class _Objective:
    """Where an objective stands and whose it is."""

    document: Document
    where: Location
    frame: Frame
    team: str
    id: str
    title: str


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
    externals: dict[str, External] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)
    objectives: set[str] = field(default_factory=set)

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
        framed = [(document, read_frame(document, above, self.variables)) for document in teams]
        # ids first: a composed indicator that names a key result is told so
        objectives = list(self._objectives(framed))
        self.indicators.read([*documents, *framed])
        if organisation is not None:
            self._read_externals(organisation, above)
        for objective in objectives:
            self._read_objective(objective)
        check_needs(
            self.needs,
            self.indicators.reads,
            self._declared_externals(organisation),
            self.objectives,
            whole=self.whole,
        )
        if organisation is None or above.period is None or above.timezone is None:
            return None
        return Catalogue(
            organisation=name,
            period_title=above.period.title,
            timezone=above.timezone.key,
            teams=self.teams,
            indicators=self.indicators.by_fingerprint,
            key_results=self.key_results,
            externals=self.externals,
        )

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

    def _declared_externals(self, organisation: Document | None) -> list[str]:
        return [] if organisation is None else keys_at(organisation, ("external",))

    # ------------------------------------------------------------------------------ key results

    def _objectives(self, framed: Sequence[tuple[Document, Frame]]) -> Iterator[_Objective]:
        """The objectives of all teams, ids declared, before any of them is looked into."""
        teams = Names("the id of a team")
        found: list[_Objective] = []
        for document, frame in framed:
            good = check(document, (), TeamFile, noun="a team file").good
            team = str(good.get("team", ""))
            if "team" in good and teams.declare(team, document, ("team",)):
                self.teams[team] = str(good.get("title") or team)
            for i in range(length_at(document, ("objectives",))):
                where = ("objectives", i)
                shape = check(document, where, ObjectiveShape, noun="an objective").good
                key = str(shape.get("id", ""))
                if "id" in shape and self.ids.declare(key, document, (*where, "id")):
                    self.objectives.add(key)
                for j in range(length_at(document, (*where, "key_results"))):
                    self._declare_key_result(document, (*where, "key_results", j))
                found.append(
                    _Objective(document, where, frame, team, key, str(shape.get("title", "")))
                )
        yield from found

    def _declare_key_result(self, document: Document, where: Location) -> None:
        key = document.text((*where, "id"))
        if key is not None and not document.refused((*where, "id")):
            self.ids.declare(key, document, (*where, "id"))
            self.indicators.reads.setdefault(key, document.text((*where, "indicator")))

    def _read_objective(self, objective: _Objective) -> None:
        for j in range(length_at(objective.document, (*objective.where, "key_results"))):
            key_result = self._key_result(objective, (*objective.where, "key_results", j))
            if key_result is not None:
                self.key_results.setdefault(key_result.id, key_result)

    def _key_result(self, objective: _Objective, where: Location) -> KeyResult | None:
        document, frame = objective.document, objective.frame
        checked = check(document, where, KeyResultShape, noun="a key result")
        good = checked.good
        if "id" in good or document.text((*where, "id")) in self.indicators.reads:
            self._note_needs(document, where, str(document.text((*where, "id"))), good)
        indicator = self.indicators.read_by(
            document, (*where, "indicator"), frame, good.get("evidence")
        )
        days = self._days(document, where, frame)
        target = None
        if document.node((*where, "target")) is not None:
            target = read_target(document, (*where, "target"), indicator, days, frame.timezone)
            if target is not None and target.start_period is not None:
                target = self.indicators.with_baseline(
                    document, where, indicator, target, frame, self.variables
                )
        checkpoints = _checkpoints(document, where, indicator, target, days)
        judgement = frame.judgement
        if document.node((*where, "judgement")) is not None:
            judgement = read_judgement(document, (*where, "judgement"), judgement)
        stale_after = None
        if document.node((*where, "stale_after")) is not None:
            stale_after = read_duration(document, (*where, "stale_after"))
        if good.get("page") and indicator is not None and self.indicators.by_hand(indicator):
            document.fault(
                (*where, "page"),
                "page: true for a number that a person gives"
                if isinstance(indicator.plan, Manual)
                else "page: true for what is made of a number that a person gives",
                "pages only for what is measured, because nobody is woken to type a number",
                "take page out",
            )
        if good.get("page") and document.node((*where, "owner")) is None:
            document.fault(
                (*where, "page"),
                "page: true without an owner",
                "an owner, who is paged",
                "owner: ..., or take page out",
            )
        model, zone = checked.model, frame.timezone
        if model is None or not document.sound(where) or days is None or zone is None:
            return None
        if indicator is None:
            return None
        owner = model.owner
        return KeyResult(
            id=model.id,
            title=model.title,
            team=objective.team,
            objective=objective.id,
            objective_title=objective.title,
            owner=() if owner is None else (owner,) if isinstance(owner, str) else tuple(owner),
            indicator=indicator.fingerprint,
            target=target,
            start=begins(days[0], zone),
            due=ends(days[1], zone),
            timezone=zone.key,
            checkpoints=tuple(Checkpoint(ends(on, zone), value) for on, value in checkpoints),
            needs=tuple(model.needs),
            weight=model.weight,
            judgement=judgement,
            stale_after_seconds=stale_after,
            page=model.page,
            note=model.note,
        )

    def _note_needs(
        self, document: Document, where: Location, dependant: str, good: Mapping[str, Any]
    ) -> None:
        seen: set[str] = set()
        for i, needed in enumerate(good.get("needs") or ()):
            place = (*where, "needs", i)
            if needed in seen:
                document.fault(
                    place, f'"{excerpt(needed)}" a second time', "each need once", "take it out"
                )
                continue
            seen.add(needed)
            self.needs.append(Need(dependant, needed, Place(document, place)))

    def _days(self, document: Document, where: Location, frame: Frame) -> tuple[date, date] | None:
        start = read_day(document, (*where, "start"))
        due = read_day(document, (*where, "due"))
        if not document.sound((*where, "start")) or not document.sound((*where, "due")):
            return None
        if frame.period is not None:
            start, due = start or frame.period.first, due or frame.period.last
        if start is None or due is None:
            return None
        if start > due:
            key = "due" if document.node((*where, "due")) is not None else "start"
            document.fault(
                (*where, key),
                document.got((*where, key)),
                f"a due day from the start on ({start} to {due} is no time)",
                "correct start or due",
            )
            return None
        return start, due


def _checkpoints(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    target: Target | None,
    days: tuple[date, date] | None,
) -> Sequence[tuple[date, float]]:
    place = (*where, "checkpoints")
    if document.node(place) is None:
        return ()
    if document.node((*where, "target")) is None:
        document.fault(
            place,
            "checkpoints without a target",
            "a target that they lead to",
            "target: {at_least: 100 %}",
        )
        return ()
    return read_checkpoints(document, place, indicator, target, days)
