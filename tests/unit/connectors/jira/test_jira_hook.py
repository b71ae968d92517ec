"""Jira's webhooks: whose signature is believed, and whom a notice may concern."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Hook
from connectors.jira import connector

SECRET = "a-secret-of-the-tests"
BODY = b'{"webhookEvent": "jira:issue_updated"}'
CE = {"id": "10001", "key": "CE", "name": "Customers"}


@pytest.fixture
def hook() -> Hook:
    assert connector.hook is not None
    return connector.hook


def signed(body: bytes = BODY, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def notice(event: str = "jira:issue_updated", project: Any = CE, **more: Any) -> dict[str, Any]:
    issue = {"key": "CE-1", "fields": {"project": project}}
    return {"webhookEvent": event, "issue": issue} | more


def test_a_signed_notice_is_authentic(hook: Hook) -> None:
    assert hook.authentic(SECRET, {"x-hub-signature": signed()}, BODY)


def test_the_published_example_of_websub_is_authentic(hook: Hook) -> None:
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/ gives this signature.
    given = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert hook.authentic("It's a Secret to Everybody", {"x-hub-signature": given}, b"Hello World!")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature": ""},
        {"x-hub-signature": "sha256="},
        {"x-hub-signature": signed(secret="another")},
        {"x-hub-signature": signed(body=BODY + b" ")},
        {"x-hub-signature": signed().removeprefix("sha256=")},
        {"x-hub-signature": signed().replace("sha256", "sha1")},
        {"x-hub-signature": "sha256=ÿ"},
        {"x-hub-signature-256": signed()},
    ],
)
def test_any_other_notice_is_not(hook: Hook, headers: dict[str, str]) -> None:
    assert not hook.authentic(SECRET, headers, BODY)


def test_an_empty_secret_signs_nothing(hook: Hook) -> None:
    assert not hook.authentic("", {"x-hub-signature": signed(secret="")}, BODY)


@pytest.mark.parametrize(
    "jql",
    [
        "project = PROC",
        "project in (PROC, OPS) AND status = Done",
        "(project = PROC AND labels = x) OR (project = OPS AND labels = y)",
        'project = "Procurement"',
    ],
)
def test_another_project_is_not_concerned(hook: Hook, jql: str) -> None:
    assert not hook.touches({"kind": "jira", "jql": jql}, [], notice())


@pytest.mark.parametrize(
    "jql",
    [
        "project = CE",
        "project = ce",
        "project = Customers",
        "project in (10001)",
        "project in (PROC, CE)",
        "status = Done",
        "project != PROC",
        "project = PROC OR labels = x",
        "project = PROC AND issue in linkedIssues(CE-1)",
        "project = PROC AND (",
    ],
)
def test_in_doubt_a_query_is_concerned(hook: Hook, jql: str) -> None:
    assert hook.touches({"kind": "jira", "jql": jql}, [], notice())


@pytest.mark.parametrize(
    "scope", [{"board": 7}, {"epic": "PROC-1"}, {"issues": {"site": "PROC-1"}}, {}]
)
def test_other_scopes_are_always_concerned(hook: Hook, scope: dict[str, Any]) -> None:
    assert hook.touches(scope, [], notice())


@pytest.mark.parametrize(
    "told",
    [
        notice(changelog={"items": [{"field": "project", "fromString": "Procurement"}]}),
        notice(changelog={"items": [{"field": "Key", "fromString": "PROC-1"}]}),
        notice("jira:version_released"),
        notice("sprint_started"),
        notice(project=None),
        notice(project={"key": "CE"}),
        {"webhookEvent": "jira:issue_updated"},
        {"issue": {"fields": {"project": CE}}},
        [],
        None,
        "notice",
    ],
)
def test_a_notice_that_says_too_little_concerns_all(hook: Hook, told: Any) -> None:
    assert hook.touches({"jql": "project = PROC"}, [], told)


@pytest.mark.parametrize("event", ["jira:issue_created", "jira:issue_deleted", "comment_created"])
def test_every_notice_of_an_issue_names_its_project(hook: Hook, event: str) -> None:
    assert not hook.touches({"jql": "project = PROC"}, [], notice(event))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["webhookEvent", "issue", "fields", "project", "changelog", "items", "id"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(scope=st.dictionaries(st.just("jql"), json_values), told=json_values)
def test_whatever_comes_is_answered(scope: dict[str, Any], told: Any) -> None:
    assert connector.hook is not None
    assert connector.hook.touches(scope, [], json.loads(json.dumps(told))) in (True, False)
