"""Jira's fields: from what authors call them to the ids that rows carry."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from connectors.base import BadAnswer, Json, QueryRefused, Row

ALWAYS_THERE = frozenset(
    {"summary", "status", "assignee", "creator", "comment", "created", "updated"}
    | {"resolution", "resolutiondate", "statuscategorychangedate"}
    | {"timeoriginalestimate", "timeestimate", "timespent"}
)
"""Fields that are Jira's own under these ids, so that nothing has to be looked up. Jira leaves out
without a word those that it does not have (Data Center keeps no ``statuscategorychangedate``, and
times are there only where they are tracked).
"""

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
"""The type of the field that names an issue's epic on Data Center, whatever it is called there."""


class FieldCatalogue:
    """The fields of one Jira, as ``GET /rest/api/{2,3}/field`` lists them."""

    def __init__(self, rows: Iterable[Json], source: str) -> None:
        self._source = source
        self._by_id: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        self._epic_links: list[str] = []
        self._schemas: dict[str, Mapping[str, Json]] = {}
        self._clauses: dict[str, set[str]] = {}
        for row in rows:
            if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
                raise BadAnswer(f"{source}: the list of fields holds something that is not a field")
            name = str(row.get("name") or row["id"])
            self._by_id[row["id"]] = name
            self._by_name.setdefault(name.casefold(), set()).add(row["id"])
            schema = row.get("schema")
            if isinstance(schema, Mapping) and schema.get("custom") == EPIC_LINK:
                self._epic_links.append(row["id"])
            self._schemas[row["id"]] = schema if isinstance(schema, Mapping) else {}
            clauses = row.get("clauseNames")
            for clause in clauses if isinstance(clauses, list) else ():
                self._clauses.setdefault(str(clause).casefold(), set()).add(row["id"])

    def id_of(self, word: str) -> str:
        """The id of the field that has this id, else of the one that has this name (case does
        not matter). QueryRefused when there is none, or when several bear the name: then it
        names them, and the author writes the id.
        """
        if word in self._by_id:
            return word
        ids = sorted(self._by_name.get(word.casefold(), ()))
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise QueryRefused(
                f'{self._source}: {len(ids)} fields are called "{word}": {", ".join(ids)}; write '
                "the id of the one that is meant"
            )
        names = [*self._by_id.values(), *self._by_id]
        near = difflib.get_close_matches(word, names, n=1)
        hint = f'; the nearest is "{near[0]}"' if near else ""
        raise QueryRefused(
            f'{self._source}: Jira has no field "{word}" that this account may see{hint}; write a '
            "name as Jira shows it, or an id such as customfield_10042"
        )

    def epic_link(self) -> str:
        """The id of the field that names an issue's epic. QueryRefused when there is not exactly
        one.
        """
        if len(self._epic_links) == 1:
            return self._epic_links[0]
        found = ", ".join(sorted(self._epic_links)) or "none"
        raise QueryRefused(
            f"{self._source}: got {found} as the fields that link an issue to its epic; expected "
            'one of Jira Software; fix: write the scope as jql, such as "Epic Link" = CE-1'
        )

    def name_of(self, identifier: str) -> str:
        """The name of the field of this id; the id, when there is no such field."""
        return self._by_id.get(identifier, identifier)

    @property
    def namesakes(self) -> frozenset[str]:
        """The folded names that several fields bear."""
        return frozenset(name for name, ids in self._by_name.items() if len(ids) > 1)

    def kind_of(self, identifier: str) -> tuple[str, str | None]:
        """The type of a field's value and, where that is an array, of its items (`string`,
        `option`, `user`, …), as its schema tells; an empty type when it tells nothing.
        """
        schema = self._schemas.get(identifier, {})
        items = schema.get("items")
        return str(schema.get("type") or ""), None if items is None else str(items)

    def in_jql(self, name: str) -> frozenset[str]:
        """The ids of the fields that a query means by this name: several may share it."""
        return frozenset(self._clauses.get(name.casefold(), ()))

    def ids_of(self, words: Iterable[str]) -> dict[str, str]:
        """The id of each word."""
        return {word: self.id_of(word) for word in words}


class Wanted:
    """The fields of one scan: which ids to ask for, and each row's values by the author's words.

    `ids` are the ids of the author's words. Remembers whether some page held a field in none of its
    rows: Jira leaves out a field that an issue cannot have, but also one that was deleted
    meanwhile, and only asking for the fields again tells the two apart.
    """

    def __init__(self, ids: Mapping[str, str], source: str) -> None:
        self._source = source
        self.ids = dict(ids)
        self.absent: set[str] = set()

    @property
    def asked(self) -> list[str]:
        """The ids to name in a search: the wanted ones and `updated`, with which the key comes."""
        return sorted({*self.ids.values(), "updated"})

    def agrees_with(self, before: Mapping[str, str]) -> bool:
        """False when a word meant another field before: what was judged by that one is judged
        wrong, though no issue was edited.
        """
        return all(before.get(word, found) == found for word, found in self.ids.items())

    def values(self, issue: Row) -> dict[str, Json]:
        """One issue's values by word; a field the issue does not have is None."""
        fields = issue.get("fields")
        if not isinstance(fields, dict):  # as JSON is decoded
            raise BadAnswer(f"{self._source}: issue {issue.get('id')} came without its fields")
        return {word: fields.get(identifier) for word, identifier in self.ids.items()}

    def note(self, issues: Sequence[Row]) -> None:
        """Remembers which fields none of a page's issues carries."""
        missing = set(self.ids.values()) if issues else set[str]()
        for issue in issues:
            if not missing:
                return
            if isinstance(fields := issue.get("fields"), dict):
                missing -= fields.keys()
        self.absent |= {word for word, identifier in self.ids.items() if identifier in missing}

    def confirm(self, catalogue: FieldCatalogue, words: Iterable[str]) -> None:
        """Raises QueryRefused when one of these fields no longer means what it did when the scan
        began.
        """
        for word in sorted((self.absent & set(words)) - ALWAYS_THERE):
            if catalogue.id_of(word) != self.ids[word]:
                raise QueryRefused(
                    f'{self._source}: the field "{word}" was replaced while it was being read'
                )
