"""What is looked at in a Jira: its version, and the very boards, issues, fields and service desk
that are asked for.

Change logs have no retention in Jira: they live as long as their issues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from connectors.base import Json, NumberPlan, QueryRefused, UpstreamError
from connectors.checkup import Checkup, Finding, Version, Wanted, a_few, failed, version_of
from connectors.jira.client import JiraClient
from connectors.jira.fields import ALWAYS_THERE
from connectors.jira.judges import IssueJudge
from connectors.jira.needs import needs_of
from connectors.jira.walking import Flavour

OLDEST: Version = (8, 14)
"""The first Data Center that knows personal access tokens."""


def version_said(flavour: Flavour, told: str, zone: str | None) -> Iterator[Finding]:
    """What a Jira says of itself, and in which timezone it reads the dates of our queries. Pure."""
    if flavour == "cloud":
        yield Finding.ok("version", f"Jira Cloud ({told})")
    else:
        found = version_of(told)
        if found is not None and found < OLDEST:
            yield Finding.problem(
                "version",
                f"Jira Data Center {told} is older than 8.14, the first with personal "
                "access tokens",
                "upgrade Jira",
            )
        else:
            yield Finding.unknown(
                "version",
                f"Jira Data Center {told}: syncd follows the published API and was tested with no "
                "server of this version",
                "`syncd check --live` tries every query on it",
            )
    if zone is None:
        yield Finding.unknown(
            "timezone",
            "Jira does not say in which timezone it reads our dates, so more is read than need be",
            "set the timezone in the account's profile",
        )
    else:
        yield Finding.ok("timezone", f"dates in queries are read in {zone}")


def examine(client: JiraClient, checkup: Checkup) -> Iterator[Finding]:
    """What is found; asks some requests for each scope. Raises an UpstreamError."""
    deadline = checkup.deadline
    flavour = client.flavour(deadline)
    yield from version_said(flavour, checkup.identity.version, checkup.identity.timezone)
    yield from _scopes(client, checkup)
    yield from _fields(client, checkup)
    desk = [one.name for one in checkup.wanted if needs_of(_judge(one)).slas]
    if desk:
        try:
            client.related.must_have_a_desk(deadline)
        except UpstreamError as error:
            yield failed(
                "service desk", error, "give the account an agent's access to Service Management"
            )
        else:
            yield Finding.ok("service desk", f"there is one, for {a_few(desk)}")


def _scopes(client: JiraClient, checkup: Checkup) -> Iterator[Finding]:
    askers: dict[str, list[str]] = {}
    definitions: dict[str, Mapping[str, Json]] = {}
    for one in checkup.wanted:
        if isinstance(one.plan, NumberPlan):  # nothing of Jira is
            continue
        scope = one.plan.scope
        definitions[scope.fingerprint] = scope.definition
        askers.setdefault(scope.fingerprint, []).append(one.name)
    seen, issues = 0, 0
    for key, definition in definitions.items():
        names = a_few(askers[key])
        try:
            found = _found(client, definition, checkup)
        except UpstreamError as error:
            if error.of_source:
                raise
            yield _refused(definition, names, error)
            continue
        if found:
            seen, issues = seen + 1, issues + found
        else:
            yield Finding.unknown(
                "issues",
                f"{_called(definition)}, for {names}: no issue is found. There is none, or the "
                "account may not see its project",
                "look at the query as this account; it needs Browse Projects",
            )
    if seen:
        yield Finding.ok(
            "issues", f"{seen} of {len(definitions)} queries and boards find {issues} issues"
        )


def _found(client: JiraClient, definition: Mapping[str, Json], checkup: Checkup) -> int:
    deadline = checkup.deadline
    if "issues" in definition:
        keys = sorted(set(definition["issues"].values()))
        return sum(bool(client.issue(key, ("id",), deadline)) for key in keys)
    if "board" in definition:
        jql = client.board_jql(definition["board"], deadline)
    elif "epic" in definition:
        jql = client.epic_jql(definition["epic"], deadline, checkup.now)
    else:
        jql = str(definition["jql"])
    return client.count(jql, deadline)


def _refused(definition: Mapping[str, Json], names: str, error: UpstreamError) -> Finding:
    says = f"{_called(definition)}, for {names}: {error}"
    if "board" in definition:
        fix = (
            "let the account see the board and the filter behind it, and give a token with scopes "
            "read:board-scope.admin:jira-software; or write the filter's jql instead of the board"
        )
    elif isinstance(error, QueryRefused):
        fix = "mend the query, or give the account Browse Projects on the projects that it names"
    else:
        fix = "give the account Browse Projects on what is asked for, and check the key"
    return Finding.problem("issues", says, fix)


def _called(definition: Mapping[str, Json]) -> str:
    if "board" in definition:
        return f"board {definition['board']}"
    if "epic" in definition:
        return f"epic {definition['epic']}"
    if "issues" in definition:
        return f"issues {a_few(list(definition['issues'].values()))}"
    return f"query {definition['jql']}"


def _fields(client: JiraClient, checkup: Checkup) -> Iterator[Finding]:
    all_words: set[str] = set()
    for one in checkup.wanted:
        judge = _judge(one)
        if judge is None:
            continue
        words = judge.fields - ALWAYS_THERE
        try:
            client.looked_up(words, checkup.deadline, checkup.now)
        except QueryRefused as error:
            yield Finding.problem(
                "fields",
                f"{one.name}: {error}",
                "name a field that this Jira has, and that this account may see",
            )
        else:
            all_words |= words
    if all_words:
        yield Finding.ok("fields", f"known: {a_few(sorted(all_words), 6)}")


def _judge(wanted: Wanted) -> IssueJudge | None:
    if isinstance(wanted.plan, NumberPlan):
        return None
    return cast("IssueJudge", wanted.plan.judge)
