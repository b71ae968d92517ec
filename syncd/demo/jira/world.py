"""All issues of a sandbox Jira over time. Safe to read and to edit from several threads."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

from syncd.demo.jira.past import Entry, Past, Span, State
from syncd.demo.jira.seed import AgreementSeed, ChangeSeed, CommentSeed, IssueSeed, Seed
from syncd.demo.jira.site import Site

_FIRST_ISSUE = 10001


class World:
    """The issues of one Jira. Every question names the moment it is about."""

    def __init__(self, site: Site, seed: Seed) -> None:
        self._site = site
        self._lock = threading.RLock()
        self._entry_ids = count(100001)
        self._pasts: dict[int, Past] = {}
        self._by_key: dict[str, int] = {}
        self._next_id = _FIRST_ISSUE
        self._last_number: dict[str, int] = {}
        self._moments: list[datetime] = []
        self._seen: tuple[int, tuple[State, ...]] | None = None
        for issue in seed.issues:
            self._add(issue)

    def states(self, moment: datetime) -> tuple[State, ...]:
        """Every issue that the account could see then, by id."""
        with self._lock:
            # Nothing differs between two moments with as many changes behind them.
            behind = bisect_right(self._moments, moment)
            if self._seen is None or self._seen[0] != behind:
                states = (past.at(moment) for past in self._pasts.values())
                there = (state for state in states if state is not None and state.there)
                self._seen = (behind, tuple(sorted(there, key=lambda state: state.id)))
            return self._seen[1]

    def find(self, word: str, moment: datetime) -> State | None:
        """The issue of this id, or of this key now or earlier, if the account could see it then."""
        with self._lock:
            try:
                _, past = self._known(word)
            except KeyError:
                return None
            if not word.isdecimal() and word.upper() not in past.keys_until(moment):
                return None
            state = past.at(moment)
            return state if state is not None and state.there else None

    def entries(self, identifier: int, moment: datetime) -> tuple[Entry, ...]:
        """The change log of an issue as of then, the oldest entry first."""
        with self._lock:
            return self._pasts[identifier].entries(moment)

    def spans(self, identifier: int, field: str, moment: datetime) -> list[Span]:
        """The values that a field of an issue had until then."""
        with self._lock:
            return self._pasts[identifier].spans(field, moment)

    def agreements(self, identifier: int) -> tuple[AgreementSeed, ...]:
        """The service level agreements an issue is under."""
        with self._lock:
            return self._pasts[identifier].agreements

    def create(
        self,
        project: str,
        fields: Mapping[str, Any],
        *,
        at: datetime,
        author: str,
        key: str | None = None,
    ) -> str:
        """The key of a new issue. ValueError when it makes no sense."""
        with self._lock:
            key = key or self._next_key(project)
            self._add(IssueSeed(key=key, created=at, reporter=author, fields=dict(fields)))
            return key

    def change(
        self,
        word: str,
        *,
        at: datetime,
        author: str,
        changes: Iterable[tuple[str, Any]] = (),
        comment: str | None = None,
    ) -> None:
        """Changes the issue of this id or key. KeyError without one, ValueError when the change
        makes no sense; then nothing has changed.
        """
        with self._lock:
            identifier, past = self._known(word)
            changes = tuple(changes)
            self._claim((to for field, to in changes if field == "key"), identifier)
            for moment in past.moments:
                del self._moments[bisect_left(self._moments, moment)]
            try:
                past.add(
                    [ChangeSeed(at=at, author=author, field=field, to=to) for field, to in changes],
                    [] if comment is None else [CommentSeed(at=at, author=author, body=comment)],
                )
            finally:
                self._note(identifier, past)

    def move(self, word: str, project: str, *, at: datetime, author: str) -> str:
        """The new key of an issue that moved to another project."""
        with self._lock:
            key = self._next_key(project)
            self.change(word, at=at, author=author, changes=[("key", key)])
            return key

    def _known(self, word: str) -> tuple[int, Past]:
        identifier = int(word) if word.isdecimal() else self._by_key.get(word.upper())
        if identifier is None or identifier not in self._pasts:
            raise KeyError(f"there is no issue {word}")
        return identifier, self._pasts[identifier]

    def _add(self, seed: IssueSeed) -> None:
        identifier = self._next_id if seed.id is None else seed.id
        if identifier in self._pasts:
            raise ValueError(f"issue {seed.key}: there is another issue with the id {identifier}")
        past = Past(self._site, seed, identifier, self._entry_ids)
        self._claim(past.keys, identifier)
        self._next_id = max(self._next_id, identifier + 1)
        self._note(identifier, past)

    def _claim(self, keys: Iterable[str], identifier: int) -> None:
        for key in keys:
            if self._by_key.get(key, identifier) != identifier:
                raise ValueError(f"the key {key} belongs to another issue")

    def _note(self, identifier: int, past: Past) -> None:
        self._seen = None
        self._pasts[identifier] = past
        for key in past.keys:
            self._by_key[key] = identifier
            project, _, number = key.rpartition("-")
            self._last_number[project] = max(self._last_number.get(project, 0), int(number))
        for moment in past.moments:
            insort(self._moments, moment)

    def _next_key(self, project: str) -> str:
        self._site.project(project)
        return f"{project}-{self._last_number.get(project, 0) + 1}"
