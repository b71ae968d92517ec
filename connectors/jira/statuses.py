"""The statuses of one Jira, as ``GET /rest/api/{2,3}/status`` lists them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from connectors.base import BadAnswer, Json, QueryRefused

Test = Callable[[str | None, str | None], bool]
"""Whether a status of the change log is meant, by its id and its name there."""

_SHOWN_IN_ENGLISH = {"to do": "new", "in progress": "indeterminate", "done": "done"}


@dataclass(frozen=True, slots=True)
class Status:
    """A status; `category` is the key of its category (new, indeterminate, done, undefined)."""

    id: str
    name: str
    category: str
    category_name: str


class Statuses:
    """All statuses, looked up by id first: the change log keeps the name a status had then."""

    def __init__(self, rows: Iterable[Json], source: str) -> None:
        self._source = source
        self._by_id: dict[str, Status] = {}
        self._by_name: dict[str, set[str]] = {}
        self._tests: dict[str, Test] = {}
        self._categories: dict[str, str] = {}
        for row in rows:
            category = row.get("statusCategory") if isinstance(row, Mapping) else None
            if not isinstance(category, Mapping) or not isinstance(category.get("key"), str):
                raise BadAnswer(
                    f"{source}: the list of statuses holds one without id, name or category"
                )
            status = Status(
                str(row.get("id")),
                str(row.get("name")),
                category["key"],
                str(category.get("name") or category["key"]),
            )
            self._by_id[status.id] = status
            self._by_name.setdefault(status.name.casefold(), set()).add(status.id)

    def named(self, word: str) -> frozenset[str]:
        """The ids of the statuses of this name (projects may each have their own) or id.
        QueryRefused when there is none.
        """
        ids = self._by_name.get(word.casefold(), set())
        if word in self._by_id:
            ids = ids | {word}
        if ids:
            return frozenset(ids)
        names = {status.name for status in self._by_id.values()}
        near = difflib.get_close_matches(word, names, n=1)
        hint = f'; the nearest is "{near[0]}"' if near else ""
        raise QueryRefused(f'{self._source}: Jira has no status "{word}"{hint}')

    def category(self, word: str) -> str:
        """The key of the category of this key or shown name. QueryRefused when there is none."""
        if word not in self._categories:
            self._categories[word] = self._category(word)
        return self._categories[word]

    def _category(self, word: str) -> str:
        wanted = word.casefold()
        for status in self._by_id.values():
            if wanted in (status.category.casefold(), status.category_name.casefold()):
                return status.category
        if wanted in _SHOWN_IN_ENGLISH.values():
            return wanted
        if wanted in _SHOWN_IN_ENGLISH:
            return _SHOWN_IN_ENGLISH[wanted]
        raise QueryRefused(
            f'{self._source}: Jira has no status category "{word}"; expected new, indeterminate or '
            "done, or a name as Jira shows it"
        )

    def meant_by(self, word: str) -> Test:
        """Whether a status of the change log is the one that is meant; a status that was renamed
        is known by its id, one that was deleted by the name it had.
        """
        found = self._tests.get(word)
        if found is None:
            found = self._tests[word] = self._test(word)
        return found

    def _test(self, word: str) -> Test:
        known, folded = self._by_id, word.casefold()
        meant: frozenset[str] | None = None

        def is_meant(identifier: str | None, name: str | None) -> bool:
            nonlocal meant
            if identifier in known:
                if meant is None:
                    meant = self.named(word)
                return identifier in meant
            return name is not None and name.casefold() == folded

        return is_meant

    def found(self, identifier: str | None, name: str | None) -> Status | None:
        """The status of this id, else the one of this name; None when it was deleted since, or
        several bear the name.
        """
        if identifier is not None and identifier in self._by_id:
            return self._by_id[identifier]
        ids = self._by_name.get((name or "").casefold(), set())
        categories = {self._by_id[each].category for each in ids}
        return self._by_id[min(ids)] if len(categories) == 1 else None
