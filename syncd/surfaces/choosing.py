"""Which lines of the company page are shown, and in which order: asked for in its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from syncd.model import Status
from syncd.surfaces.parameters import text, word
from syncd.surfaces.rows import Still, Team
from syncd.wording import status_words

WORST_FIRST = (
    Status.OFF_TRACK,
    Status.MISSED,
    Status.AT_RISK,
    Status.STALE,
    Status.NO_DATA,
    Status.NO_TARGET,
    Status.ON_TRACK,
    Status.ACHIEVED,
    Status.CARRIED,
    Status.ABANDONED,
)
"""What is bad comes first, then what is not known, then what is good, then what is over."""

MOST_WORDS = 200
"""The longest search, in characters."""

PARAMETERS = frozenset({"team", "status", "q", "sort", "offset"})

LINES = 500
"""Key results on one page: more are megabytes that nobody looks through."""


@dataclass(frozen=True)
class Choice:
    """What is asked for; empty: everything, in the order of the mapping files."""

    team: str = ""
    status: str = ""
    q: str = ""
    sort: str = ""

    @property
    def asks(self) -> bool:
        """Whether it leaves anything out, or in another order."""
        return self != EVERYTHING

    def address(self) -> str:
        """The same as a query string, without what is not asked for."""
        return urlencode({name: value for name, value in vars(self).items() if value})


EVERYTHING = Choice()

SORTS: dict[str, tuple[str, Callable[[Still], tuple[bool, float | str]]]] = {
    "status": ("worst status first", lambda row: (False, WORST_FIRST.index(Status(row.status)))),
    "pace": ("furthest behind first", lambda row: _known_first(row.pace_points)),
    "due": ("due first", lambda row: (False, row.due_at)),
    "age": ("oldest data first", lambda row: (False, row.observed)),
    "title": ("by title", lambda row: (False, row.title.casefold())),
}
"""The orders there are, each with its words and what it goes by."""


def _known_first(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0


def choice_of(request: Request, teams: Sequence[str]) -> Choice:
    """What an address asks for. Raises BadParameter."""
    return Choice(
        # An empty word is what a form sends for everything.
        team=word(request, "team", ("", *teams), ""),
        status=word(request, "status", ("", *Status), ""),
        q=text(request, "q", MOST_WORDS),
        sort=word(request, "sort", ("", *SORTS), ""),
    )


def chosen(teams: Sequence[Team], choice: Choice) -> list[Team]:
    """The lines that are asked for, under their teams; in another order than that of the files all
    together, without the teams' own lines, and each once.
    """
    found = [
        replace(team, rows=[row for row in team.rows if _matches(row, choice)])
        for team in teams
        if not choice.team or team.id == choice.team
    ]
    found = [team for team in found if team.rows]
    if not choice.sort:
        return found
    words, by = SORTS[choice.sort]
    rows = {row.key: replace(row, whose="") for team in found for row in team.rows}
    together = Team(title=words.capitalize(), words="", rows=sorted(rows.values(), key=by))
    return [together] if rows else []


@dataclass(frozen=True)
class Part:
    """Some of the lines under their teams, how many there are in all, from which on these are, and
    where the pages beside it begin (None: there is none).
    """

    teams: Sequence[Team]
    total: int
    offset: int
    earlier: int | None
    later: int | None

    @property
    def last(self) -> int:
        """Up to which line it goes."""
        return self.offset + sum(len(team.rows) for team in self.teams)


def part(teams: Sequence[Team], offset: int) -> Part:
    """The lines of one page, from `offset` on."""
    total = sum(len(team.rows) for team in teams)
    found, before = [], 0
    for team in teams:
        rows = team.rows[max(offset - before, 0) : max(offset + LINES - before, 0)]
        before += len(team.rows)
        if rows:
            found.append(replace(team, rows=rows))
    return Part(
        found,
        total,
        offset,
        earlier=max(offset - LINES, 0) if offset else None,
        later=offset + LINES if offset + LINES < total else None,
    )


def choices(teams: Sequence[Team]) -> dict[str, list[tuple[str, str]]]:
    """What the form offers, each with its words: the teams and statuses that there are."""
    there = {row.status for team in teams for row in team.rows}
    return {
        "team": list(dict.fromkeys((team.id, team.title) for team in teams if team.id)),
        "status": [(one.value, status_words(one)) for one in WORST_FIRST if one.value in there],
        "sort": [(name, words) for name, (words, _) in SORTS.items()],
    }


def _matches(row: Still, choice: Choice) -> bool:
    if choice.status and row.status != choice.status:
        return False
    if not choice.q:
        return True
    said = " ".join((row.id, row.title, row.objective_title, row.owner, row.reason)).casefold()
    return all(each in said for each in choice.q.casefold().split())
