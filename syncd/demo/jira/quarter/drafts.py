"""Issues as the story writes them down, and the keys that they get."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from syncd.demo.jira.seed import KEY
from syncd.demo.quarter.days import END, FIRST_DAY, ZONE, at, theme

OUTAGE = (datetime(2026, 2, 17, 6, tzinfo=ZONE), datetime(2026, 2, 19, 6, tzinfo=ZONE))
"""Jira is down from the first moment to the second."""

_CATCHING_UP = timedelta(hours=8)

ENGINEERS = ("u-amara", "u-bjorn", "u-chen", "u-dana", "u-eitan", "u-farah")
BUYERS = ("u-greta", "u-hugo")
ROUTER = "svc-oncall-router"


@dataclass
class Draft:
    """An issue that may have no key yet. A change of the field ``project`` is a move."""

    project: str
    created: datetime
    reporter: str
    fields: dict[str, Any]
    key: str | None = None
    changes: list[tuple[datetime, str, str, Any]] = field(default_factory=list)
    agreements: list[dict[str, Any]] = field(default_factory=list)

    def then(self, moment: datetime, author: str, **fields: Any) -> datetime:
        """Adds changes, unless the quarter is over by then; the moment at which Jira took them."""
        moment = when_up(moment)
        if moment < END:
            self.changes += [(moment, author, _named(name), to) for name, to in fields.items()]
        return moment


class Book:
    """Where one theme of the story writes its issues down, with chance of its own."""

    def __init__(self, drafts: list[Draft], rng_seed: int, name: str) -> None:
        self.rng: random.Random = theme(rng_seed, f"jira/{name}")
        self.rng_seed = rng_seed
        self._drafts = drafts

    def issue(
        self,
        project: str,
        created: datetime,
        reporter: str,
        kind: str,
        summary: str,
        *,
        key: str | None = None,
        **fields: Any,
    ) -> Draft:
        """A new issue; in the names of fields ``_`` stands for a space."""
        named = {_named(name): value for name, value in fields.items()}
        usual = {"issuetype": kind, "summary": summary, "status": "To Do", "priority": "P2"}
        draft = Draft(project, when_up(created), reporter, usual | named, key)
        self._drafts.append(draft)
        return draft

    def on(self, day: float | date, first_hour: float = 8, last_hour: float = 18) -> datetime:
        """A moment on a day of the quarter (0 is its first), at work."""
        if not isinstance(day, date):
            day = FIRST_DAY + timedelta(days=int(day // 1))
        return at(day, self.rng.uniform(first_hour, last_hour))

    def days(self, least: float, most: float) -> timedelta:
        """So many days, or parts of one."""
        return timedelta(seconds=int(self.rng.uniform(least, most) * 86_400))

    def engineer(self) -> str:
        """One of the engineers."""
        return self.rng.choice(ENGINEERS)


def when_up(moment: datetime) -> datetime:
    """The moment, or, when Jira is down then, one soon after it is up again. What comes first
    stays first: the hours of catching up are drawn together as well.
    """
    start, end = OUTAGE
    if not start <= moment < end + _CATCHING_UP:
        return moment
    return end + (moment - start) * (_CATCHING_UP / (end + _CATCHING_UP - start))


def _named(name: str) -> str:
    return name.replace("_", " ")


def numbered(drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """The issues as a seed has them: keys in the order in which they came into their projects,
    after a chosen one on from there. ValueError when a chosen key is taken by then.
    """
    ordered = sorted(drafts, key=lambda draft: (draft.created, draft.key or ""))
    arrivals = [
        (draft.created, index, draft.project, draft.key) for index, draft in enumerate(ordered)
    ]
    arrivals += [
        (moment, index, to, None)
        for index, draft in enumerate(ordered)
        for moment, _, name, to in draft.changes
        if name == "project"
    ]
    keys = _keys(sorted(arrivals, key=lambda each: each[:2]))
    return [
        {
            "key": keys[index, draft.project],
            "created": _text(draft.created),
            "reporter": draft.reporter,
            "fields": draft.fields,
            "agreements": draft.agreements,
            "changes": [
                {"at": _text(moment), "author": author, "field": "key", "to": keys[index, to]}
                if name == "project"
                else {"at": _text(moment), "author": author, "field": name, "to": to}
                for moment, author, name, to in sorted(draft.changes, key=lambda each: each[0])
            ],
        }
        for index, draft in enumerate(ordered)
    ]


def _keys(arrivals: Sequence[tuple[datetime, int, str, str | None]]) -> dict[tuple[int, str], str]:
    """The key of each draft (by its place in the order) in each project it came into."""
    numbers: Counter[str] = Counter()
    keys: dict[tuple[int, str], str] = {}
    for _, index, project, chosen in arrivals:
        number = numbers[project] + 1
        if chosen is not None:
            matched = KEY.fullmatch(chosen)
            if matched is None or matched[1] != project or int(matched[2]) < number:
                raise ValueError(
                    f"got the chosen key {chosen}; expected one of project {project} from "
                    f"{project}-{number} on, because the numbers before are taken; "
                    "fix: create the issue earlier, or choose another number"
                )
            number = int(matched[2])
        numbers[project] = number
        keys[index, project] = f"{project}-{number}"
    return keys


def _text(moment: datetime) -> str:
    return moment.isoformat()
