"""Jira's fields: from what authors call them to the ids that rows carry."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from connectors.base import BadAnswer, Json, QueryRefused, Row

ALWAYS_THERE = frozenset({"updated", "summary", "status"})
"""Fields that every Jira has under these ids."""


class FieldCatalogue:
    """The fields of one Jira, as ``GET /rest/api/{2,3}/field`` lists them."""

    def __init__(self, rows: Iterable[Json], source: str) -> None:
        self._source = source
        self._by_id: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        for row in rows:
            if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
                raise BadAnswer(f"{source}: the list of fields holds something that is not a field")
            name = str(row.get("name") or row["id"])
            self._by_id[row["id"]] = name
            self._by_name.setdefault(name.casefold(), set()).add(row["id"])

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

    def ids_of(self, words: Iterable[str]) -> dict[str, str]:
        """The id of each word."""
        return {word: self.id_of(word) for word in words}


class Wanted:
    """The fields of one scan: which ids to ask for, and each row's values by the author's words.

    `ids` maps the author's words to ids. Remembers whether some page held a field in none of its
    rows: Jira leaves out a field that an issue cannot have, but also one that was deleted
    meanwhile, and only asking for the fields again tells the two apart.
    """

    def __init__(self, ids: Mapping[str, str], source: str) -> None:
        self._source = source
        self._ids = dict(ids)
        self.absent: set[str] = set()

    @property
    def asked(self) -> list[str]:
        """The ids to name in a search: the wanted ones and `updated`, with which the key comes."""
        return sorted({*self._ids.values(), "updated"})

    def values(self, issue: Row) -> dict[str, Json]:
        """One issue's values by word; a field the issue does not have is None."""
        fields = issue.get("fields")
        if not isinstance(fields, Mapping):
            raise BadAnswer(f"{self._source}: issue {issue.get('id')} came without its fields")
        return {word: fields.get(identifier) for word, identifier in self._ids.items()}

    def note(self, issues: Iterable[Row]) -> None:
        """Remembers which fields none of a page's issues carries."""
        carried = [set(issue.get("fields") or ()) for issue in issues]
        if carried:
            missing = set(self._ids.values()) - set().union(*carried)
            self.absent |= {word for word, identifier in self._ids.items() if identifier in missing}

    def confirm(self, catalogue: FieldCatalogue) -> None:
        """Raises QueryRefused when a field no longer means what it did when the scan began."""
        for word in sorted(self.absent):
            if catalogue.id_of(word) != self._ids[word]:
                raise QueryRefused(
                    f'{self._source}: the field "{word}" was replaced while it was being read'
                )
