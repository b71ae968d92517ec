"""How the sandbox Jira searches, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from tests.unit.demo.jira.worlds import (
    UNBOUNDED,
    Moment,
    asking,
    many,
    messages,
)


class TestSearchOnCloud:
    def test_only_ids_come_unless_fields_are_named(self) -> None:
        with asking() as jira:
            assert jira.search("project = OPS") == {"issues": [{"id": "10004"}], "isLast": True}

    def test_named_fields_come_with_key_and_link_and_unknown_ones_are_left_out(self) -> None:
        with asking() as jira:
            (issue,) = jira.search("key = CE-1", fields="summary,labels,nonsense")["issues"]
            assert issue["key"] == "CE-1"
            assert issue["self"] == f"{jira.sandbox.url}/rest/api/3/issue/10001"
            assert issue["fields"] == {
                "summary": "Pass the CKA exam",
                "labels": ["cka", "Training"],
            }

    def test_fields_may_be_excluded_from_all(self) -> None:
        with asking() as jira:
            (issue,) = jira.search("key = CE-1", fields="*all,-comment,-summary")["issues"]
            assert "status" in issue["fields"]
            assert {"comment", "summary"}.isdisjoint(issue["fields"])

    def test_values_are_written_as_jira_writes_them(self) -> None:
        with asking() as jira:
            one, two, three = (
                jira.search(f"key = CE-{n}", fields="*all")["issues"][0]["fields"]
                for n in (1, 2, 3)
            )
        assert one["created"] == "2026-01-05T10:30:15.250-0800"
        assert one["resolutiondate"] == "2026-02-01T10:00:00.000-0800"
        assert one["status"]["statusCategory"]["key"] == "done"
        assert one["resolution"]["name"] == "Done"
        assert one["assignee"]["accountId"] == "u-alice"
        assert one["components"][0]["name"] == "presales"
        assert one["customfield_10010"] == "PO-7 racks"
        assert one["customfield_10011"]["value"] == "EU"
        assert one["customfield_10012"] == 4.0
        assert two["customfield_10013"] == "2026-02-10"
        assert two["customfield_10014"] == "2026-02-09T12:00:00.000-0800"
        assert two["duedate"] == "2026-03-01"
        assert [p["content"][0]["text"] for p in two["description"]["content"]] == [
            "Two feeds are missing.",
            "Call the electrician.",
        ]
        assert two["comment"]["comments"][0]["author"]["displayName"] == "Bob Burr"
        assert [each["value"] for each in three["customfield_10015"]] == ["cabling", "bios"]
        assert [each["accountId"] for each in three["customfield_10017"]] == ["u-alice", "u-bob"]
        assert three["customfield_10019"] == "https://a.example/1"
        assert three["customfield_10010"] is None
        assert three["resolution"] is None

    def test_version_2_writes_plain_text(self) -> None:
        with asking() as jira:
            issue = jira.get("/rest/api/2/issue/CE-2").json()
        assert issue["fields"]["description"] == "Two feeds are missing.\nCall the electrician."

    def test_pages_follow_tokens_to_the_end_and_tell_no_total(self) -> None:
        with asking(many(250)) as jira:
            pages = jira.walk("project = CE ORDER BY id ASC", fields="summary", maxResults=1000)
            assert [len(page) for page in pages] == [100, 100, 50]
            assert list(chain(*pages)) == [str(10001 + n) for n in range(250)]
            assert "total" not in jira.search("project = CE", fields="summary")

    def test_pages_of_only_ids_are_longer(self) -> None:
        with asking(many(250)) as jira:
            assert [len(p) for p in jira.walk("project = CE", fields="id", maxResults=5000)] == [
                250
            ]
            assert [len(p) for p in jira.walk("project = CE")] == [50] * 5

    def test_post_takes_the_same_from_its_body(self) -> None:
        with asking(many(3)) as jira:
            body = {"jql": "project = CE ORDER BY id", "fields": ["summary"], "maxResults": 2}
            first = jira.post("/rest/api/3/search/jql", **body).json()
            rest = jira.post("/rest/api/3/search/jql", **body, nextPageToken=first["nextPageToken"])
            assert [issue["key"] for issue in first["issues"]] == ["CE-1", "CE-2"]
            assert [issue["key"] for issue in rest.json()["issues"]] == ["CE-3"]

    def test_pages_can_be_made_short_and_even_empty_without_losing_an_issue(self) -> None:
        with asking(many(20)) as jira:
            jira.sandbox.shorten_pages(3, 0, 5)
            pages = jira.walk("project = CE ORDER BY id", fields="summary", maxResults=100)
            assert [len(page) for page in pages] == [3, 0, 5, 3, 0, 5, 3, 0, 1]
            assert len(set(chain(*pages))) == 20
            with pytest.raises(ValueError, match="never end"):
                jira.sandbox.shorten_pages(0)

    @pytest.mark.parametrize("token", ["BOGUS", ""])
    def test_a_token_that_was_never_given_is_refused(self, token: str) -> None:
        with asking(many(3)) as jira:
            answer = jira.get("/rest/api/3/search/jql", jql="project = CE", nextPageToken=token)
            assert (answer.status_code == 400) is bool(token)

    def test_a_token_is_bound_to_its_query_and_dies_after_a_week_or_on_demand(self) -> None:
        clock = Moment()
        with asking(many(3), clock) as jira:

            def status(jql: str, token: str) -> int:
                return jira.get("/rest/api/3/search/jql", jql=jql, nextPageToken=token).status_code

            token = jira.search("project = CE", maxResults=1)["nextPageToken"]
            assert status("project = CE", token) == 200
            assert status("project = CE ORDER BY id", token) == 400
            clock.advance(days=7, seconds=1)
            assert status("project = CE", token) == 400
            token = jira.search("project = CE", maxResults=1)["nextPageToken"]
            jira.sandbox.forget_page_tokens()
            assert status("project = CE", token) == 400

    def test_an_issue_edited_between_pages_comes_twice_or_never_when_sorted_by_updated(
        self,
    ) -> None:
        clock = Moment()
        with asking(many(4), clock) as jira:
            jql = "project = CE ORDER BY updated"
            page = jira.search(jql, maxResults=2, fields="key")
            assert [issue["key"] for issue in page["issues"]] == ["CE-1", "CE-2"]
            jira.sandbox.edit_issue("CE-1", {"summary": "Later"})
            rest = jira.search(jql, fields="key", nextPageToken=page["nextPageToken"])
            assert [issue["key"] for issue in rest["issues"]] == ["CE-3", "CE-4", "CE-1"]

    @pytest.mark.parametrize("jql", ["", "ORDER BY created"])
    def test_a_query_without_a_restriction_is_refused(self, jql: str) -> None:
        with asking() as jira:
            assert messages(jira.get("/rest/api/3/search/jql", jql=jql)) == [UNBOUNDED]
            assert messages(jira.post("/rest/api/3/search/jql", jql=jql)) == [UNBOUNDED]
            count = jira.post("/rest/api/3/search/approximate-count", jql=jql)
            assert messages(count) == [UNBOUNDED]

    def test_a_wrong_query_is_refused_in_jiras_words(self) -> None:
        with asking() as jira:
            answer = jira.get("/rest/api/3/search/jql", jql="x = 1")
            assert answer.status_code == 400
            assert answer.json() == {
                "errorMessages": [
                    "Field 'x' does not exist or you do not have permission to view it."
                ],
                "warningMessages": [],
            }

    @pytest.mark.parametrize("amount", [0, -1, 5001])
    def test_a_page_length_out_of_range_is_refused(self, amount: int) -> None:
        with asking() as jira:
            answer = jira.get("/rest/api/3/search/jql", jql="project = CE", maxResults=amount)
            assert "between 1 and 5000" in messages(answer)[0]

    @pytest.mark.parametrize(
        "body", [{"startAt": 5}, {"maxResults": "10"}, {"fields": "summary"}, {"maxResults": True}]
    )
    def test_a_body_that_the_description_does_not_have_is_refused(self, body: Any) -> None:
        with asking() as jira:
            answer = jira.post("/rest/api/3/search/jql", jql="project = CE", **body)
            assert "Invalid request payload" in messages(answer)[0]

    def test_a_post_without_json_is_refused(self) -> None:
        with asking() as jira:
            url = f"{jira.sandbox.url}/rest/api/3/search/jql?jql=project%3DCE"
            assert jira.session.post(url, timeout=10).status_code == 415
            answer = jira.session.post(
                url, data="{", headers={"Content-Type": "application/json"}, timeout=10
            )
            assert answer.status_code == 400

    def test_the_count_is_the_number_found(self) -> None:
        with asking() as jira:
            answer = jira.post("/rest/api/3/search/approximate-count", jql="labels = cka")
            assert answer.json() == {"count": 2}

    @pytest.mark.parametrize("version", [2, 3])
    def test_the_old_search_is_gone(self, version: int) -> None:
        with asking() as jira:
            answer = jira.get(f"/rest/api/{version}/search", jql="project = CE")
            assert "/rest/api/3/search/jql" in messages(answer, 410)[0]

    def test_a_late_index_misses_an_edit_unless_asked_to_reconcile(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            jira.sandbox.lag_index(timedelta(minutes=2))
            jira.sandbox.edit_issue("OPS-1", {"labels": ["new"]})
            clock.advance(minutes=1)
            assert jira.keys("labels = new") == []
            seen = jira.search("labels = new", reconcileIssues="10004")
            assert [issue["id"] for issue in seen["issues"]] == ["10004"]
            assert jira.get("/rest/api/3/issue/OPS-1").json()["fields"]["labels"] == ["new"]
            clock.advance(minutes=2)
            assert jira.keys("labels = new") == ["OPS-1"]

    def test_expanding_the_change_log_gives_the_forty_newest_entries(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            for number in range(45):
                clock.advance(minutes=1)
                jira.sandbox.edit_issue("OPS-1", {"summary": f"Fan {number}"})
            (issue,) = jira.search("key = OPS-1", expand="changelog", fields="summary")["issues"]
            histories = issue["changelog"]["histories"]
            assert len(histories) == 40
            assert issue["changelog"]["total"] == 45
            assert histories[0]["items"][0]["toString"] == "Fan 44"

    def test_names_and_schemas_come_when_asked_for(self) -> None:
        with asking() as jira:
            page = jira.search("key = CE-1", fields="customfield_10012", expand="names,schema")
            assert page["names"] == {"customfield_10012": "Racks"}
            assert page["schema"]["customfield_10012"]["type"] == "number"

    def test_issues_are_matched_against_queries(self) -> None:
        with asking() as jira:
            answer = jira.post(
                "/rest/api/3/jql/match",
                issueIds=[10001, 10004],
                jqls=["project = OPS", "labels in (cka, x)", "nope = 1"],
            ).json()["matches"]
            assert [each["matchedIssues"] for each in answer] == [[10004], [10001], []]
            assert len(answer[2]["errors"]) == 1
