"""Answers that no Jira should give, and that somebody's did or may."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.base import BadAnswer
from connectors.jira.account import account_of
from connectors.jira.fields import Wanted
from connectors.jira.jql import WESTERNMOST


@pytest.mark.parametrize("zone", ["9" * 400, "../../etc/passwd", "Mars/Olympus", "", None, 3])
def test_a_time_zone_that_there_is_not_is_taken_as_the_westernmost(zone: Any) -> None:
    account = account_of({"displayName": "reader", "timeZone": zone}, requests.Response())

    assert account is not None
    assert account.zone == WESTERNMOST


@pytest.mark.parametrize("fields", [True, 7, "text", None, ["a"]])
def test_an_issue_whose_fields_are_none_is_a_bad_answer(fields: Any) -> None:
    wanted = Wanted({"Owner": "customfield_1"}, "jira")
    issue = {"id": "1", "fields": fields}

    wanted.note([issue])

    with pytest.raises(BadAnswer, match="issue 1 came without its fields"):
        wanted.values(issue)
