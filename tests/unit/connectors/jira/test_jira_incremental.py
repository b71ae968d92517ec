"""Turns that read only changes end where a fresh reading of everything would, whatever happened.

A history of edits is played on the sandbox: issues come, change, move between projects, leave the
scope, are deleted, go out of sight and come back, turns are cut by faults, the index is late. Once
the faults are gone, the overlap has passed and a census was made, what a store holds of the scope is
what it would hold had it read everything anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Cursor, ScanPlan, Timeline, UpstreamError, Verdict
from syncd.store.timelines import ended, merged
from tests.examples import examples
from tests.unit.connectors.jira.sandboxes import SEED, Served, serving
from tests.unit.connectors.jira.stand_in import job, planned

Flavour = Literal["cloud", "datacenter"]
OPEN = "project = PROC AND status != Done"


@dataclass
class Kept:
    """What a store holds of one scope and one judge. A run is published whole or not at all."""

    plan: ScanPlan
    history: dict[str, list[Verdict]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    cursor: Cursor | None = None

    def count(self) -> int:
        return len(self.present)

    def ids(self) -> Iterator[str]:
        return iter(tuple(self.present))

    def turn(self, served: Served) -> None:
        now, full = served.clock.now, self.cursor is None
        asked = replace(
            job(self.plan.scope, self.plan.judge, now=now, cursor=self.cursor), known=self
        )
        staged: dict[str, Timeline] = {}
        cursor: Cursor | None = None
        for batch in served.session.scan(asked):
            staged |= {each.object_id: each for each in batch.timelines[0]}
            cursor = batch.cursor
        assert cursor is not None
        self.cursor = json.loads(json.dumps(cursor))
        for identifier in [*self.history] if full else []:
            if identifier not in staged:
                self.history[identifier] = ended(self.history[identifier], now)
                self.present.discard(identifier)
        for identifier, timeline in staged.items():
            before = self.history.get(identifier, [])
            self.history[identifier] = merged(before, timeline)
            (self.present.discard if timeline.left else self.present.add)(identifier)

    def holding(self, at: datetime) -> dict[str, tuple[Any, ...]]:
        """What each issue's verdict says at the moment, whenever it began."""
        return {
            identifier: (verdict.outcome, verdict.number, verdict.missing, verdict.keys)
            for identifier, verdicts in self.history.items()
            for verdict in verdicts
            if verdict.valid_from <= at and (verdict.valid_to is None or verdict.valid_to > at)
        }


PLANS: dict[str, ScanPlan] = {
    "count": planned("jira.count", jql=OPEN),
    "ratio": planned("jira.ratio", jql="project = PROC", passing="status = Delivered"),
    "ratio of recent": planned("jira.ratio", jql="project = PROC", passing="updated >= -40m"),
    "recent": planned("jira.count", jql="project = PROC AND created >= -50m"),
    "sum": planned("jira.sum", jql=OPEN, field="Racks"),
    "value": planned("jira.value", jql=OPEN, field="Racks"),
    "done": planned("jira.done", board=7, by={"weight": "Racks"}),
    "keys": planned(
        "jira.keys",
        jql="project = PROC",
        key="Cluster",
        passing='"Region" = EU',
        required=[{"fields": ["Racks"]}],
    ),
    "rate": planned("jira.rate", jql=OPEN, at="created", per="w", window="1 w"),
    "duration": planned(
        "jira.duration",
        jql="project = PROC",
        **{"from": "created", "to": {"status": "Delivered"}, "within": "1 h"},
    ),
    "first answer": planned(
        "jira.duration",
        jql=OPEN,
        **{"from": {"field": "Region"}, "to": {"comment": "first"}, "percentile": 90},
    ),
    "keys since": planned(
        "jira.keys",
        jql="project = PROC",
        key="Cluster",
        at={"status": "Delivered"},
        required=[{"fields": ["Racks"]}],
    ),
}


# ---------------------------------------------------------------------------------- what happens

Step = tuple[int, tuple[str, int, Any]]
"""Seconds that pass first, and what happens: its name, a number and a value."""

_issue = st.integers(0, 6)
_lapse = st.sampled_from([1, 70, 200])
_field = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(["To Do", "Delivered", "Done"])),
    st.tuples(st.just("Racks"), st.sampled_from([None, 0, 4, 12.5])),
    st.tuples(st.just("Cluster"), st.sampled_from([None, "c-1", "c-2"])),
    st.tuples(st.just("Region"), st.sampled_from([None, "EU", "US"])),
)
_step = st.one_of(
    st.tuples(st.just("create"), _issue, st.sampled_from(["PROC", "CE"])),
    st.tuples(st.just("edit"), _issue, _field),
    st.tuples(st.just("edit"), _issue, _field),
    st.tuples(st.just("move"), _issue, st.sampled_from(["PROC", "CE"])),
    st.tuples(st.just("comment"), _issue, st.none()),
    st.tuples(st.just("delete"), _issue, st.none()),
    st.tuples(st.just("hide"), _issue, st.none()),
    st.tuples(st.just("show"), _issue, st.none()),
    st.tuples(st.just("wait"), st.sampled_from([600, 1500]), st.none()),
    st.tuples(st.just("turn"), _issue, st.none()),
    st.tuples(st.just("turn"), _issue, st.none()),
    st.tuples(st.just("fault"), st.integers(0, 4), st.sampled_from([429, 500, 503, 401])),
    st.tuples(st.just("edited while read"), st.integers(0, 4), st.tuples(_issue, _field)),
)


class Player:
    """Plays steps on one Jira, with one store."""

    def __init__(self, served: Served, kept: Kept) -> None:
        self._served = served
        self._kept = kept
        # Before a store knows anything there is a past: one issue of it is out of sight.
        self._keys = [
            served.put(status="Delivered", Racks=4, Region="EU", Cluster="c-1"),
            served.put(Racks=2),
            served.put(status="Delivered", Racks=3, Region="EU", Cluster="c-2"),
            served.put("CE", status="Delivered", Racks=1),
            served.put(status="Done", Racks=8),
        ]
        served.jira.hide_issue(self._keys[2])
        served.later(minutes=30)
        self.turn()
        self._steps: dict[str, Callable[[int, Any], object]] = {
            "create": lambda _, project: self._keys.append(served.put(project)),
            "edit": self._edit,
            "move": self._move,
            "comment": lambda issue, _: self._to(issue, self._comment),
            "delete": lambda issue, _: self._to(issue, served.jira.delete_issue),
            "hide": lambda issue, _: self._to(issue, served.jira.hide_issue),
            "show": lambda issue, _: self._to(issue, served.jira.show_issue),
            "wait": lambda seconds, _: served.later(seconds=seconds),
            "turn": lambda *_: self.turn(),
            "fault": self._fault,
            "edited while read": self._edited_while_read,
        }

    def play(self, steps: Sequence[Step]) -> None:
        for seconds, (name, number, value) in steps:
            self._served.later(seconds=seconds)
            self._steps[name](number, value)

    def turn(self) -> None:
        self._kept.turn(self._served)

    def _to(self, issue: int, act: Callable[[str], object]) -> None:
        act(self._keys[issue % len(self._keys)])

    def _edit(self, issue: int, change: tuple[str, Any]) -> None:
        self._to(issue, lambda key: self._served.jira.edit_issue(key, dict([change])))

    def _comment(self, key: str) -> None:
        self._served.jira.comment_on_issue(key, "Seen")

    def _move(self, issue: int, project: str) -> None:
        at = issue % len(self._keys)
        self._keys[at] = self._served.jira.move_issue(self._keys[at], project)

    def _after(self, requests: int, act: Callable[[], object]) -> None:
        left = [requests]

        def count(_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                act()

        self._served.watcher.then.append(count)

    def _fault(self, after: int, status: int) -> None:
        """A turn that fails at some request says so, and nothing of it is kept."""
        served, jira = self._served, self._served.jira
        if after == 0:
            jira.fail_with(status)
        self._after(after, lambda: jira.fail_with(status))
        before = (dict(self._kept.history), set(self._kept.present), self._kept.cursor)
        try:
            self.turn()
        except UpstreamError:
            assert before == (self._kept.history, self._kept.present, self._kept.cursor)
        served.watcher.then.clear()
        jira.recover()

    def _edited_while_read(self, after: int, edit: tuple[int, tuple[str, Any]]) -> None:
        self._after(max(after, 1), lambda: self._edit(*edit))
        self.turn()
        self._served.watcher.then.clear()


def settle(served: Served, player: Player) -> None:
    """The index catches up, the overlap passes and a census is made."""
    served.later(hours=2)
    player.turn()


def fresh(served: Served, plan: ScanPlan) -> dict[str, tuple[Any, ...]]:
    anew = Kept(plan)
    anew.turn(served)
    return anew.holding(served.clock.now)


quickly = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
@given(steps=st.lists(st.tuples(_lapse, _step), max_size=25), lag=st.sampled_from([0, 90, 500]))
@quickly
def test_changes_end_where_everything_would(
    flavour: Flavour, name: str, steps: list[Step], lag: int
) -> None:
    with serving(flavour, SEED, page_size=2, timezone="Asia/Kathmandu") as served:
        served.jira.lag_index(timedelta(seconds=lag))
        kept = Kept(PLANS[name])
        player = Player(served, kept)

        player.play(steps)
        settle(served, player)

        assert kept.holding(served.clock.now) == fresh(served, PLANS[name])
