"""Pages that are joined before their change logs are asked for."""

from __future__ import annotations

from connectors.jira.walking import Page, joined


def page(position: str, *ids: str, read: int = 1) -> Page:
    return Page([{"id": one, "read": read} for one in ids], position)


def test_pages_are_joined_until_they_hold_enough_and_go_on_after_the_last() -> None:
    pages = [page("a", "1", "2"), page("b", "3"), page("c"), page("d", "4")]

    found = [([one["id"] for one in each.issues], each.position) for each in joined(pages, 3)]

    assert found == [(["1", "2", "3"], "b"), (["4"], "d")]


def test_an_issue_that_comes_again_is_there_once_as_it_came_last() -> None:
    begun_again = [page("a", "1", "2"), page("b", "1", "3", read=2)]

    (found,) = joined(begun_again, 10)

    assert {one["id"]: one["read"] for one in found.issues} == {"1": 2, "2": 1, "3": 2}
    assert len(found.issues) == 3


def test_nothing_is_no_page() -> None:
    assert list(joined([page("a")], 3)) == []
