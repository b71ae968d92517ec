"""Issues that an author names by their keys, found whatever key they have now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.base import NotFound, QueryRefused
from connectors.jira.client import JiraClient
from connectors.jira.wire import Issue


def named_issues(
    client: JiraClient, keys: Mapping[str, str], fields: Sequence[str], deadline: float
) -> list[Issue]:
    """The issues, in the order of `keys` (name: key), each with its name as ``milestone``.

    NotFound, naming the name and the key, when one is not there or may not be seen: both look the
    same, and a set without it would be told as if it were whole. QueryRefused when two of the keys
    are one issue's, which was moved from the one to the other.

    Asked for together first. An issue that was moved answers under its new key, and nothing says
    which key found it: those that no answer bears are asked for one by one.
    """
    wanted = list(keys.values())
    found = {
        str(issue.get("key")).upper(): issue
        for page in client.issues(wanted, fields, deadline)
        for issue in page.issues
    }
    issues: list[Issue] = []
    names: dict[str, str] = {}
    for name, key in keys.items():
        issue = found.get(key.upper()) or _asked_for(client, name, key, fields, deadline)
        other = names.setdefault(issue["id"], name)
        if other != name:
            raise QueryRefused(
                f'{client.source}: the milestones "{other}" ({keys[other]}) and "{name}" ({key}) '
                f"are one issue, {issue.get('key')}; expected one issue each; fix: leave one out"
            )
        issues.append({**issue, "milestone": name})
    return issues


def _asked_for(
    client: JiraClient, name: str, key: str, fields: Sequence[str], deadline: float
) -> Issue:
    try:
        return client.issue(key, fields, deadline)
    except NotFound as nothing:
        raise NotFound(
            f'{client.source}: the milestone "{name}" is the issue {key}, which is not there or '
            "may not be seen by this account; fix: correct the key, or let the account see it "
            f"({nothing})"
        ) from nothing
