"""The issues of an epic: found by whatever field links them, by an old key, and never an empty set
where there is no such epic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Outcome, QueryRefused
from connectors.jira.fields import FieldCatalogue
from tests.unit.connectors.jira.sandboxes import SEED, Served, serving
from tests.unit.connectors.jira.stand_in import planned


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as one:
        yield one


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
@pytest.mark.parametrize("name", ["Epic Link", "Epos-Verknüpfung"])
def test_an_epic_is_its_issues_whatever_the_field_that_links_them_is_called(
    flavour: Any, name: str
) -> None:
    with serving(flavour, SEED | {"epic_link": name}) as served:
        epic = served.put(issuetype="Epic", summary="Move")
        other = served.put(issuetype="Epic", summary="Stay")
        served.put(parent=epic, status="Done")
        served.put("CE", parent=epic)
        served.put(parent=other)

        told = served.told(planned("jira.done", epic=epic.lower()))

    assert {label: verdict.outcome for label, verdict in told.items()} == {
        "PROC-3": Outcome.PASS,
        "CE-1": Outcome.FAIL,
    }


def test_an_issue_that_joins_an_epic_is_found_by_the_next_turn(served: Served) -> None:
    epic = served.put(issuetype="Epic")
    served.put(parent=epic)
    plan = planned("jira.done", epic=epic)
    first = served.read(plan)
    served.later(minutes=20)
    joining = served.put()
    served.jira.edit_issue(joining, {"parent": epic})
    served.jira.edit_issue("PROC-2", {"parent": None})
    served.later(minutes=1)

    turn = served.read(plan, cursor=first.cursor, known=first.outcomes)

    assert sorted(turn.outcomes.values()) == ["fail", "gone"]


def test_an_epic_that_moved_is_found_by_its_old_key(served: Served) -> None:
    epic = served.put(issuetype="Epic")
    served.put(parent=epic)
    served.jira.move_issue(epic, "CE")

    assert set(served.told(planned("jira.done", epic=epic))) == {"PROC-2"}


def test_an_epic_that_is_not_there_is_refused_and_no_empty_set(served: Served) -> None:
    with pytest.raises(QueryRefused, match="PROC-77"):
        served.told(planned("jira.done", epic="PROC-77"))


def test_a_jira_without_epics_says_what_to_write_instead() -> None:
    with pytest.raises(QueryRefused, match=r"got none as the fields.*fix: write the scope as jql"):
        FieldCatalogue([{"id": "summary", "name": "Summary"}], "jira").epic_link()


def test_a_link_leads_to_the_epic(served: Served) -> None:
    assert served.session.link(planned("jira.done", epic="PROC-1")) == (
        f"{served.jira.url}/browse/PROC-1"
    )
