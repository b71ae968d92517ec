"""Jira's webhooks: how they are signed, and whom they concern.

Cloud and Data Center sign as WebSub does: ``X-Hub-Signature: sha256=<hex HMAC of the body>``. A
notice of an issue is ``{"webhookEvent": "jira:issue_updated", "issue": {"key": …, "fields":
{"project": {"id", "key", "name"}}}, "changelog": {"items": […]}}``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from connectors.base import Json
from connectors.jira.jql_tree import (
    Both,
    Clause,
    Either,
    Function,
    JqlError,
    Node,
    Operand,
    Value,
    Values,
    parse,
)

_HEADER = "x-hub-signature"
_METHOD = "sha256="
_OF_ISSUES = ("jira:issue_", "comment_")
_MOVES = frozenset({"project", "key"})
_WORDS = ("id", "key", "name")


class JiraHook:
    """Reads the notices of one Jira. They are hints: nothing they say is believed."""

    def authentic(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the notice was signed with the secret; without a secret none is."""
        given = headers.get(_HEADER, "").strip()
        if not secret or not given.startswith(_METHOD):
            return False
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(given.removeprefix(_METHOD).lower().encode(), expected.encode())

    def touches(
        self,
        scope: Mapping[str, Json],
        judges: Sequence[Json],  # noqa: ARG002  an issue's verdict follows from the issue itself
        notice: Json,
    ) -> bool:
        """False only when the query is bounded to projects, asks for nothing that another issue
        can change (no function), and the notice is of an issue of another project that was not
        moved. The project must be told whole (id, key and name), because a query may use any.
        """
        wanted = _projects(scope.get("jql"))
        found = _project(notice)
        if wanted is None or found is None:
            return True
        return not wanted.isdisjoint(found)


def _project(notice: Json) -> set[str] | None:
    """What the project of the notice's issue is called; None when that is not certain."""
    event, issue = _of(notice, "webhookEvent"), _of(notice, "issue")
    if not isinstance(event, str) or not event.startswith(_OF_ISSUES):
        return None
    items = _of(_of(notice, "changelog"), "items")
    for item in items if isinstance(items, list) else ():
        if str(_of(item, "field")).casefold() in _MOVES:
            return None
    project = _of(_of(issue, "fields"), "project")
    words = [_of(project, word) for word in _WORDS]
    if not all(isinstance(word, str) and word for word in words):
        return None
    return {word.casefold() for word in words}


def _of(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, Mapping) else None


def _projects(jql: Json) -> frozenset[str] | None:
    """The projects outside of which the query finds nothing; None when that is not certain."""
    if not isinstance(jql, str):
        return None
    try:
        where = parse(jql).where
    except JqlError:
        return None
    return None if where is None or _calls(where) else _bounds(where)


def _bounds(node: Node) -> frozenset[str] | None:
    match node:
        case Clause():
            if node.field.text.casefold() != "project" or node.operator not in ("=", "in"):
                return None
            operands = node.operand.members if isinstance(node.operand, Values) else (node.operand,)
            if not all(isinstance(each, Value) for each in operands):
                return None
            return frozenset(e.text.casefold() for e in operands if isinstance(e, Value))
        case Both():
            known = [found for part in node.parts if (found := _bounds(part)) is not None]
            return frozenset.intersection(*known) if known else None
        case Either():
            every = [_bounds(part) for part in node.parts]
            if any(found is None for found in every):
                return None
            return frozenset().union(*(found for found in every if found is not None))


def _calls(node: Node) -> bool:
    match node:
        case Clause():
            operands = (node.operand, *(each.operand for each in node.predicates))
            return any(_is_called(each) for each in operands)
        case Both() | Either():
            return any(_calls(part) for part in node.parts)


def _is_called(operand: Operand) -> bool:
    if isinstance(operand, Values):
        return any(_is_called(member) for member in operand.members)
    return isinstance(operand, Function)
