"""Teams and their objectives: ids declared, and what is shared between two teams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt, listed
from syncd.mapping.frame import Frame
from syncd.mapping.key_results import names
from syncd.mapping.references import Names
from syncd.mapping.shape import JointShape, ObjectiveShape, TeamFile
from syncd.mapping.spelling import length_at
from syncd.model import Objective
from syncd.wording import nearest


@dataclass(frozen=True)
class Written:
    """An objective where it stands; `key_results` are the locations of its key results."""

    document: Document
    where: Location
    frame: Frame
    team: str
    id: str
    title: str
    key_results: tuple[Location, ...]


@dataclass
class Objectives:
    """The teams and objectives of one period. `ids` are shared with the key results."""

    ids: Names
    teams: dict[str, str] = field(default_factory=dict)
    """Titles by id."""
    written: list[Written] = field(default_factory=list)
    by_id: dict[str, Objective] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    """What joint objectives are called by the teams in whose files they do not stand."""

    def declare(self, framed: Sequence[tuple[Document, Frame]]) -> Iterator[Written]:
        """The objectives of all teams, before any of their key results is looked into."""
        teams = Names("the id of a team")
        for document, frame in framed:
            good = check(document, (), TeamFile, noun="a team file").good
            team = str(good.get("team", ""))
            if "team" in good and teams.declare(team, document, ("team",)):
                self.teams[team] = str(good.get("title") or team)
            for i in range(length_at(document, ("objectives",))):
                found = self._declare(document, ("objectives", i), frame, team)
                self.written.append(found)
                yield found

    def _declare(self, document: Document, where: Location, frame: Frame, team: str) -> Written:
        good = check(document, where, ObjectiveShape, noun="an objective").good
        key, title = str(good.get("id", "")), str(good.get("title", ""))
        if "id" in good and self.ids.declare(key, document, (*where, "id")):
            self.by_id[key] = Objective(
                id=key,
                title=title,
                team=team,
                weight=float(good.get("weight", 1.0)),
                accountable=names(good.get("accountable")),
            )
        places = range(length_at(document, (*where, "key_results")))
        key_results = tuple((*where, "key_results", j) for j in places)
        return Written(document, where, frame, team, key, title, key_results)

    def share(self, *, whole: bool) -> None:
        """Reads what joint objectives say of the other team, once all ids are declared. `whole`
        False: some files could not be read, so a team that is not here may be theirs.
        """
        for written in self.written:
            document, where = written.document, (*written.where, "joint_with")
            if document.node(where) is not None:
                self._share(written, where, whole=whole)
            elif document.node((*written.where, "accountable")) is not None:
                document.fault(
                    (*written.where, "accountable"),
                    "accountable without joint_with",
                    "joint_with beside it; who sees to an objective of one team is said by the "
                    "owners of its key results",
                    "joint_with: {team: ce, as: ce-o5}, or take accountable out",
                )

    def _share(self, written: Written, where: Location, *, whole: bool) -> None:
        document = written.document
        good = check(document, where, JointShape, noun="the other team").good
        team, alias = good.get("team"), good.get("as")
        if team is not None and team == written.team:
            document.fault(
                (*where, "team"),
                f'"{team}", the team itself',
                "the other team",
                "another team, or take joint_with out",
            )
        elif team is not None and team not in self.teams and whole:
            close = nearest(team, self.teams)
            document.fault(
                (*where, "team"),
                f'"{excerpt(team)}", a team without a file',
                f"the id of a team: {listed(sorted(set(self.teams) - {written.team}))}",
                f"team: {close}" if close else f"a file that begins with team: {excerpt(team)}",
            )
        if alias is None:
            return
        first = self.ids.places.get(alias)
        if first is not None:
            document.fault(
                (*where, "as"),
                f'"{alias}", which is declared at {first}',
                "an id that stands nowhere else, because a joint objective is written once",
                "take it out there, or give another id here",
            )
            return
        self.ids.declare(alias, document, (*where, "as"))
        self.aliases.add(alias)
        objective = self.by_id.get(written.id)
        if objective is not None and document.sound(where):
            self.by_id[written.id] = replace(objective, joint_team=team, joint_id=alias)
