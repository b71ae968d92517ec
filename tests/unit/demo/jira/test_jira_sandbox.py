"""How the sandbox Jira answers over HTTP."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
import requests

from syncd.demo.jira import JiraSandbox
from tests.unit.demo.jira.worlds import (
    NOW,
    SEED,
    TOKEN,
    USER,
    Asker,
    Moment,
    asking,
    many,
    seed,
)

UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


def messages(answer: requests.Response, status: int = 400) -> list[str]:
    assert answer.status_code == status, answer.text
    found: list[str] = answer.json()["errorMessages"]
    return found


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


class TestIssues:
    def test_an_issue_is_found_by_id_key_and_the_key_it_had(self) -> None:
        with asking() as jira:
            for word in ("10005", "CE-4", "OPS-2", "ce-4"):
                issue = jira.get(f"/rest/api/3/issue/{word}").json()
                assert (issue["id"], issue["key"]) == ("10005", "CE-4")

    @pytest.mark.parametrize("word", ["CE-99", "OPS-3", "OPS-4", "OPS-5", "1", "nonsense"])
    def test_what_is_not_there_is_404(self, word: str) -> None:
        with asking() as jira:
            assert messages(jira.get(f"/rest/api/3/issue/{word}"), 404) == [
                "Issue does not exist or you do not have permission to see it."
            ]

    def test_the_change_log_tells_every_edit_with_ids_and_words(self) -> None:
        with asking() as jira:
            entries = jira.get("/rest/api/3/issue/CE-4/changelog").json()["values"]
        assert [entry["created"] for entry in entries] == [
            "2026-01-25T04:00:00.000-0800",
            "2026-02-05T04:00:00.000-0800",
            "2026-02-07T04:00:00.000-0800",
        ]
        assert [(i["field"], i.get("fromString"), i["toString"]) for i in entries[0]["items"]] == [
            ("project", "Operations", "Customer engineering"),
            ("Key", "OPS-2", "CE-4"),
        ]
        status, resolution = entries[1]["items"]
        assert status == {
            "field": "status", "fieldtype": "jira", "fieldId": "status",
            "from": "10001", "fromString": "To Do", "to": "10004", "toString": "Done",
        }  # fmt: skip
        assert resolution["toString"] == "Done"
        assert entries[2]["items"][1].get("toString") is None

    def test_the_change_log_pages_by_offset(self) -> None:
        with asking() as jira:
            page = jira.get("/rest/api/3/issue/CE-4/changelog", startAt=1, maxResults=1).json()
            assert (page["total"], page["isLast"], len(page["values"])) == (3, False, 1)
            rest = jira.session.get(page["nextPage"], timeout=10).json()
            assert rest["isLast"] is True
            assert "nextPage" not in rest

    def test_values_of_every_kind_are_traced(self) -> None:
        clock = Moment()
        changes: dict[str, Any] = {
            "Region": "US", "Racks": 5, "Go live": "2026-03-01", "Skills": ["bios"],
            "Approver": "u-bob", "Reviewers": ["u-bob"], "labels": [], "Notes": "x",
            "Handed over": "2026-03-01T10:00:00Z", "components": ["support"], "priority": "P2",
            "issuetype": "Bug", "assignee": None,
        }  # fmt: skip
        with asking(clock=clock) as jira:
            clock.advance(minutes=1)
            jira.sandbox.edit_issue("CE-1", changes, author="u-alice")
            entry = jira.get("/rest/api/3/issue/CE-1/changelog").json()["values"][-1]
        traced = {(i["field"], i.get("fromString"), i.get("toString")) for i in entry["items"]}
        assert entry["author"]["accountId"] == "u-alice"
        assert traced == {
            ("Region", "EU", "US"), ("Racks", "4", "5"),
            ("Go live", None, "2026-03-01 00:00:00.0"), ("Skills", "", "bios"),
            ("Approver", None, "Bob Burr"), ("Reviewers", "[]", "[Bob Burr]"),
            ("labels", "cka Training", ""), ("Notes", None, "x"),
            ("Handed over", None, "2026-03-01 10:00:00.0"), ("Component", "presales", None),
            ("Component", None, "support"), ("priority", "P1", "P2"), ("issuetype", "Task", "Bug"),
            ("assignee", "Alice Ames", None),
        }  # fmt: skip

    def test_issues_in_bulk_come_by_id_with_errors_for_the_rest(self) -> None:
        with asking() as jira:
            answer = jira.post(
                "/rest/api/3/issue/bulkfetch",
                issueIdsOrKeys=["CE-2", "10001", "OPS-3", "CE-1"],
                fields=["summary"],
            ).json()
            assert [issue["key"] for issue in answer["issues"]] == ["CE-1", "CE-2"]
            assert [error["id"] for error in answer["issueErrors"]] == ["OPS-3"]

    @pytest.mark.parametrize("amount", [0, 101])
    def test_bulk_takes_one_to_a_hundred_issues(self, amount: int) -> None:
        with asking() as jira:
            ids = [str(n) for n in range(1, amount + 1)]
            messages(jira.post("/rest/api/3/issue/bulkfetch", issueIdsOrKeys=ids))

    def test_change_logs_in_bulk_are_narrowed_by_field_and_paged_by_token(self) -> None:
        with asking() as jira:

            def fetch(**more: Any) -> Any:
                return jira.post(
                    "/rest/api/3/changelog/bulkfetch",
                    issueIdsOrKeys=["CE-4", "CE-1", "OPS-3", "CE-3"], fieldIds=["status"], **more,
                ).json()  # fmt: skip

            whole = fetch()
            logs = {log["issueId"]: log["changeHistories"] for log in whole["issueChangeLogs"]}
            assert {issue: len(entries) for issue, entries in logs.items()} == {
                "10001": 2,
                "10005": 2,
            }
            assert {i["field"] for e in logs["10001"] for i in e["items"]} == {"status"}
            seen: list[str] = []
            token: dict[str, Any] = {}
            while True:
                page = fetch(maxResults=1, **token)
                seen += [e["id"] for log in page["issueChangeLogs"] for e in log["changeHistories"]]
                if "nextPageToken" not in page:
                    break
                token = {"nextPageToken": page["nextPageToken"]}
            assert seen == [e["id"] for entries in logs.values() for e in entries]
            jira.sandbox.write_changelog_times_as_numbers()
            (log, _) = fetch()["issueChangeLogs"]
            at = datetime(2026, 1, 20, 18, tzinfo=UTC)
            assert log["changeHistories"][0]["created"] == at.timestamp() * 1000

    def test_comments_come_by_offset(self) -> None:
        with asking() as jira:
            jira.sandbox.comment_on_issue("CE-2", "New fuse")
            page = jira.get("/rest/api/3/issue/CE-2/comment", startAt=1).json()
            assert page["total"] == 2
            assert page["comments"][0]["body"]["content"][0]["content"][0]["text"] == "New fuse"


class TestTime:
    def test_the_state_at_the_clocks_moment_is_served(self) -> None:
        clock = Moment(datetime(2026, 1, 12, tzinfo=UTC))
        with asking(clock=clock) as jira:
            assert jira.keys("id > 0 ORDER BY key") == ["CE-1", "CE-2"]
            assert jira.keys("status = Done") == []
            clock.now = datetime(2026, 1, 26, tzinfo=UTC)
            assert jira.keys("id > 0 ORDER BY key") == ["CE-1", "CE-2", "CE-4", "OPS-3", "OPS-4"]
            clock.now = datetime(2026, 2, 4, tzinfo=UTC)
            assert jira.keys("id > 0 ORDER BY key") == ["CE-1", "CE-2", "CE-4"]
            assert jira.keys("status = Done") == ["CE-1"]
            clock.now = datetime(2026, 1, 12, tzinfo=UTC)
            assert jira.keys("id > 0 ORDER BY key") == ["CE-1", "CE-2"]

    def test_a_key_leads_nowhere_before_the_move_that_gives_it(self) -> None:
        clock = Moment(datetime(2026, 1, 20, tzinfo=UTC))
        with asking(clock=clock) as jira:
            assert jira.get("/rest/api/3/issue/CE-4").status_code == 404
            assert jira.get("/rest/api/3/issue/OPS-2").json()["key"] == "OPS-2"

    def test_updated_and_the_change_log_follow_the_clock(self) -> None:
        clock = Moment(datetime(2026, 1, 21, tzinfo=UTC))
        with asking(clock=clock) as jira:

            def seen() -> tuple[str, int]:
                issue = jira.get("/rest/api/3/issue/CE-1", expand="changelog").json()
                return issue["fields"]["updated"], issue["changelog"]["total"]

            assert seen() == ("2026-01-20T10:00:00.000-0800", 1)
            clock.now = NOW
            assert seen() == ("2026-02-01T10:00:00.000-0800", 2)

    def test_leaving_done_takes_the_resolution_away(self) -> None:
        clock = Moment(datetime(2026, 2, 6, tzinfo=UTC))
        with asking(clock=clock) as jira:
            assert jira.keys("resolved is not EMPTY ORDER BY key") == ["CE-1", "CE-4"]
            clock.now = NOW
            assert jira.keys("resolved is not EMPTY ORDER BY key") == ["CE-1"]

    def test_relative_dates_move_with_the_clock_though_no_issue_changes(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            assert jira.keys("created >= -3h") == ["OPS-1"]
            clock.advance(minutes=1)
            assert jira.keys("created >= -3h") == []
            assert jira.keys("created >= startOfDay()") == ["OPS-1"]
            clock.advance(hours=12)
            assert jira.keys("created >= startOfDay()") == []

    def test_an_outage_of_the_seed_answers_503_while_it_lasts(self) -> None:
        outage = {
            "from": "2026-02-11T00:00:00Z",
            "to": "2026-02-13T00:00:00Z",
            "status": 503,
            "retry_after": "600",
        }
        clock = Moment(datetime(2026, 2, 10, 23, 59, 59, tzinfo=UTC))
        with asking(seed(outages=[outage]), clock) as jira:
            assert jira.get("/rest/api/3/myself").status_code == 200
            clock.advance(seconds=1)
            down = jira.get("/rest/api/3/myself")
            assert (down.status_code, down.headers["Retry-After"]) == (503, "600")
            assert "html" in down.headers["Content-Type"]
            clock.now = datetime(2026, 2, 13, tzinfo=UTC)
            assert jira.get("/rest/api/3/myself").status_code == 200


class TestEdits:
    def test_a_new_issue_gets_the_next_key_and_id_and_is_found_at_once(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            key = jira.sandbox.create_issue(
                "CE", {"issuetype": "Task", "summary": "New", "status": "To Do", "PO number": "1"}
            )
            assert key == "CE-5"
            issue = jira.get(f"/rest/api/3/issue/{key}").json()
            assert issue["id"] == "10009"
            assert issue["fields"]["creator"]["accountId"] == "u-alice"
            assert jira.keys('created >= startOfDay() AND "PO number" ~ 1') == ["CE-5"]

    def test_an_edit_moves_updated_and_one_that_changes_nothing_does_not(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            clock.advance(minutes=5)
            jira.sandbox.edit_issue("OPS-1", {"priority": "P0"})
            assert jira.keys("updated >= -1m") == []
            jira.sandbox.edit_issue("OPS-1", {"priority": "P1", "labels": ["a"]})
            assert jira.keys("updated >= -1m AND priority = P1 AND labels = a") == ["OPS-1"]
            log = jira.get("/rest/api/3/issue/OPS-1/changelog").json()
            assert [len(entry["items"]) for entry in log["values"]] == [2]

    def test_a_comment_moves_updated_and_leaves_no_trace_in_the_change_log(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            clock.advance(minutes=5)
            jira.sandbox.comment_on_issue("CE-3", "Look")
            assert jira.keys("updated >= -1m") == ["CE-3"]
            assert jira.get("/rest/api/3/issue/CE-3/changelog").json()["total"] == 1

    def test_a_moved_issue_keeps_its_id_and_changes_its_key(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            assert jira.sandbox.move_issue("CE-1", "OPS") == "OPS-6"
            clock.advance(minutes=1)
            assert jira.keys("id = 10001") == ["OPS-6"]
            assert jira.keys("project = CE AND key = CE-1") == []
            assert jira.sandbox.move_issue("10001", "CE") == "CE-5"

    def test_deleted_and_hidden_issues_are_gone_without_an_update(self) -> None:
        clock = Moment()
        with asking(clock=clock) as jira:
            clock.advance(minutes=5)
            jira.sandbox.delete_issue("CE-1")
            jira.sandbox.hide_issue("CE-2")
            assert jira.keys("project = CE ORDER BY key") == ["CE-3", "CE-4"]
            assert jira.keys("updated >= -1m") == []
            assert jira.get("/rest/api/3/issue/CE-2").status_code == 404
            jira.sandbox.show_issue("CE-2")
            assert jira.keys("project = CE ORDER BY key") == ["CE-2", "CE-3", "CE-4"]

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"status": "Nope"}, "expected the name of a status: To Do, In Progress"),
            ({"Racks": "four"}, "expected a number"),
            ({"Region": "Mars"}, "expected the name of a option"),
            ({"assignee": "nobody"}, "expected the account id"),
            ({"labels": "cka"}, "expected a list"),
            ({"Go live": "soon"}, "Go live"),
            ({"Handed over": "2026-01-01T10:00:00"}, "with its offset"),
            ({"created": "2026-01-01"}, "cannot be set"),
            ({"Twin": "x"}, "2 fields called"),
            ({"Nothing": "x"}, "no field called"),
            ({"summary": ""}, "cannot be emptied"),
            ({"key": "CE-2"}, "belongs to another issue"),
            ({"key": "XX-2"}, "expected the key of a project"),
        ],
    )
    def test_an_edit_that_makes_no_sense_is_refused_and_changes_nothing(
        self, fields: dict[str, Any], message: str
    ) -> None:
        with asking() as jira:
            before = jira.get("/rest/api/3/issue/CE-1").json()
            with pytest.raises(ValueError, match=message):
                jira.sandbox.edit_issue("CE-1", {"priority": "P2"} | fields)
            assert jira.get("/rest/api/3/issue/CE-1").json() == before
            assert jira.keys("key = CE-1") == ["CE-1"]

    def test_an_issue_that_is_not_there_cannot_be_edited(self) -> None:
        with asking() as jira, pytest.raises(KeyError, match="CE-99"):
            jira.sandbox.edit_issue("CE-99", {"priority": "P2"})

    def test_many_threads_may_edit_and_ask_at_once(self) -> None:
        fields = {"issuetype": "Task", "summary": "x", "status": "To Do"}
        with asking() as jira, ThreadPoolExecutor(4) as pool:
            keys = list(pool.map(lambda _: jira.sandbox.create_issue("OPS", fields), range(40)))
            counts = list(
                pool.map(
                    lambda _: jira.post("/rest/api/3/search/approximate-count", jql="summary ~ x"),
                    range(8),
                )
            )
            assert sorted(keys) == sorted(f"OPS-{n}" for n in range(6, 46))
            assert {answer.json()["count"] for answer in counts} == {40}


class TestCredentials:
    @pytest.mark.parametrize("auth", [None, (USER, "wrong"), ("eve@example.org", TOKEN)])
    def test_without_good_ones_myself_is_401_and_a_search_finds_nothing(self, auth: Any) -> None:
        with asking() as jira:
            jira.session.auth = auth
            assert jira.get("/rest/api/3/myself").status_code == 401
            assert jira.search("project = CE") == {"issues": [], "isLast": True}
            assert jira.search("unknown = 1") == {"issues": [], "isLast": True}
            count = jira.post("/rest/api/3/search/approximate-count", jql="project = CE")
            assert count.json() == {"count": 0}
            assert jira.get("/rest/api/3/issue/CE-1").status_code == 404
            assert jira.get("/rest/api/3/project/search").json()["total"] == 0
            assert not any(f["custom"] for f in jira.get("/rest/api/3/field").json())
            assert jira.get("/rest/api/3/serverInfo").status_code == 200
            assert jira.get("/rest/agile/1.0/board/7").status_code == 401

    def test_a_revoked_token_is_as_good_as_none_until_another_is_given(self) -> None:
        with asking() as jira:
            jira.sandbox.revoke()
            assert jira.get("/rest/api/3/myself").status_code == 401
            jira.sandbox.revoke(token="new")
            assert jira.get("/rest/api/3/myself").status_code == 401
            jira.session.auth = (USER, "new")
            assert jira.get("/rest/api/3/myself").status_code == 200

    def test_a_bearer_token_is_not_taken_on_cloud(self) -> None:
        with asking() as jira:
            jira.session.auth = None
            jira.session.headers["Authorization"] = f"Bearer {TOKEN}"
            assert jira.get("/rest/api/3/myself").status_code == 401

    def test_the_account_has_the_timezone_that_jql_is_read_in(self) -> None:
        with asking(timezone="Asia/Tokyo") as jira:
            myself = jira.get("/rest/api/3/myself").json()
            assert (myself["accountId"], myself["timeZone"]) == ("u-alice", "Asia/Tokyo")
            assert jira.keys('created >= "2026-02-11 02:00"') == ["OPS-1"]
            assert jira.keys('created > "2026-02-11 02:00"') == []

    def test_an_account_that_the_seed_does_not_know_is_made(self) -> None:
        with asking(user="new@example.org") as jira:
            jira.session.auth = ("new@example.org", TOKEN)
            assert jira.get("/rest/api/3/myself").json()["emailAddress"] == "new@example.org"
            assert jira.keys("assignee = currentUser()") == []


class TestFaults:
    def test_every_request_fails_until_it_recovers(self) -> None:
        with asking() as jira:
            jira.sandbox.fail_with(status=429, retry_after=1847)
            for path in ("/rest/api/3/myself", "/browse/CE-1", "/rest/api/3/serverInfo"):
                answer = jira.get(path)
                assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1847")
            jira.sandbox.recover()
            assert jira.get("/rest/api/3/myself").status_code == 200

    def test_a_fault_may_be_for_one_path_and_some_times(self) -> None:
        with asking() as jira:
            jira.sandbox.fail_with(
                500, body="{}", content_type="application/json", times=2, path="search",
                headers={"X-Reason": "test"},
            )  # fmt: skip
            assert jira.get("/rest/api/3/myself").status_code == 200
            statuses = []
            for _ in range(3):
                answer = jira.get("/rest/api/3/search/jql", jql="project = CE")
                statuses.append((answer.status_code, answer.headers.get("X-Reason")))
            assert statuses == [(500, "test"), (500, "test"), (200, None)]

    def test_an_unknown_address_is_404_and_a_wrong_method_405(self) -> None:
        with asking() as jira:
            assert jira.get("/rest/api/3/nothing").status_code == 404
            assert jira.post("/rest/api/3/myself").status_code == 405


class TestDataCenter:
    def ask(self, jira: Asker, jql: str, **params: Any) -> Any:
        answer = jira.get("/rest/api/2/search", jql=jql, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def test_a_search_pages_by_offset_with_a_total_and_a_silent_cap(self) -> None:
        with asking(many(25), flavour="datacenter", page_size=10) as jira:
            page = self.ask(jira, "project = CE ORDER BY id", startAt=20, maxResults=1000)
            assert (page["startAt"], page["maxResults"], page["total"]) == (20, 10, 25)
            assert [issue["key"] for issue in page["issues"]] == [f"CE-{n}" for n in range(21, 26)]
            assert self.ask(jira, "project = CE", startAt=25)["issues"] == []
            assert self.ask(jira, "project = CE", maxResults=0)["total"] == 25

    def test_every_field_comes_unless_some_are_named_and_text_is_plain(self) -> None:
        with asking(flavour="datacenter") as jira:
            (issue,) = self.ask(jira, "key = CE-2")["issues"]
            assert issue["fields"]["description"] == "Two feeds are missing.\nCall the electrician."
            assert issue["fields"]["reporter"]["name"] == "aames"
            assert "accountId" not in issue["fields"]["reporter"]
            answer = jira.post("/rest/api/2/search", jql="key = CE-2", fields=["summary"])
            assert list(answer.json()["issues"][0]["fields"]) == ["summary"]

    def test_a_query_without_restriction_finds_everything(self) -> None:
        with asking(flavour="datacenter") as jira:
            assert self.ask(jira, "")["total"] == 5

    def test_the_change_log_is_complete_and_starts_with_the_oldest(self) -> None:
        clock = Moment()
        with asking(clock=clock, flavour="datacenter") as jira:
            for number in range(45):
                clock.advance(minutes=1)
                jira.sandbox.edit_issue("OPS-1", {"summary": f"Fan {number}"})
            (issue,) = self.ask(jira, "key = OPS-1", expand="changelog")["issues"]
            histories = issue["changelog"]["histories"]
            assert [h["items"][0]["toString"] for h in histories] == [
                f"Fan {number}" for number in range(45)
            ]
            assert histories[0]["items"][0]["from"] is None

    def test_a_bad_token_finds_nothing_and_is_told_by_myself(self) -> None:
        with asking(flavour="datacenter") as jira:
            myself = jira.get("/rest/api/2/myself").json()
            assert (myself["name"], myself["timeZone"]) == ("aames", "America/Los_Angeles")
            jira.session.headers["Authorization"] = "Bearer wrong"
            assert self.ask(jira, "project = CE")["total"] == 0
            assert jira.get("/rest/api/2/myself").status_code == 401

    def test_it_says_what_it_is_and_knows_nothing_of_version_3(self) -> None:
        with asking(flavour="datacenter") as jira:
            assert jira.get("/rest/api/2/serverInfo").json()["deploymentType"] == "Server"
            for path in ("serverInfo", "search/jql", "myself"):
                assert jira.get(f"/rest/api/3/{path}").status_code == 404
            assert jira.get("/rest/api/2/search/jql", jql="project = CE").status_code == 404

    def test_values_that_are_not_there_are_warnings_when_validation_is_off(self) -> None:
        with asking(flavour="datacenter") as jira:
            jql = "id in (10001, 10006)"
            assert jira.get("/rest/api/2/search", jql=jql).status_code == 400
            page = self.ask(jira, jql, validateQuery="false")
            assert [issue["key"] for issue in page["issues"]] == ["CE-1"]
            assert page["warningMessages"] == [
                "A value with ID '10006' does not exist for the field 'id'."
            ]

    def test_past_the_window_it_fails(self) -> None:
        with asking(many(30), flavour="datacenter", page_size=10) as jira:
            jira.sandbox.limit_window(20)
            assert len(self.ask(jira, "project = CE", startAt=10, maxResults=10)["issues"]) == 10
            answer = jira.get("/rest/api/2/search", jql="project = CE", startAt=15, maxResults=10)
            assert answer.status_code == 500


class TestDirectory:
    def test_fields_are_listed_with_their_names_in_jql(self) -> None:
        with asking() as jira:
            fields = {field["id"]: field for field in jira.get("/rest/api/3/field").json()}
            assert fields["customfield_10010"]["clauseNames"] == [
                "cf[10010]",
                "PO number",
                "PO number[Short text]",
            ]
            assert fields["customfield_10015"]["schema"] == {
                "type": "array",
                "custom": "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes",
                "customId": 10015,
                "items": "option",
            }
            assert "text" not in fields
            page = jira.get("/rest/api/3/field/search", type="custom", query="twin").json()
            assert [row["id"] for row in page["values"]] == [
                "customfield_10021",
                "customfield_10022",
            ]

    def test_a_board_leads_to_its_filter_and_the_filter_to_its_query(self) -> None:
        with asking() as jira:
            board = jira.get("/rest/agile/1.0/board/7/configuration").json()
            found = jira.get(f"/rest/api/3/filter/{board['filter']['id']}").json()
            assert found["jql"] == "project = CE ORDER BY Rank ASC"
            page = jira.get("/rest/agile/1.0/board/7/issue", maxResults=2, fields="summary").json()
            assert (page["total"], [issue["key"] for issue in page["issues"]]) == (
                4,
                ["CE-1", "CE-2"],
            )
            narrowed = jira.get("/rest/agile/1.0/board/7/issue", jql="labels = cka").json()
            assert [issue["key"] for issue in narrowed["issues"]] == ["CE-1", "CE-3"]
            assert jira.get("/rest/agile/1.0/board/9").status_code == 404
            assert jira.get("/rest/api/3/filter/9").status_code == 400

    def test_projects_and_boards_can_be_narrowed(self) -> None:
        with asking() as jira:
            projects = jira.get("/rest/api/3/project/search", keys="OPS").json()["values"]
            assert [each["name"] for each in projects] == ["Operations"]
            boards = jira.get("/rest/agile/1.0/board", type="scrum").json()["values"]
            assert [each["id"] for each in boards] == [8]


class TestPages:
    def test_a_link_to_an_issue_leads_to_its_page_with_its_history(self) -> None:
        with asking() as jira:
            page = requests.get(f"{jira.sandbox.url}/browse/OPS-2", timeout=10)
            assert page.url.endswith("/browse/CE-4")
            assert "Moved and reopened" in page.text
            assert "Operations → Customer engineering" in page.text
            assert jira.get("/browse/CE-99").status_code == 404

    def test_text_is_escaped(self) -> None:
        with asking() as jira:
            jira.sandbox.edit_issue("OPS-1", {"summary": "<script>alert(1)</script>"})
            assert "<script>alert" not in jira.get("/browse/OPS-1").text

    def test_a_list_shows_what_a_query_finds_or_why_not(self) -> None:
        with asking() as jira:
            page = jira.get("/issues/", jql="labels = cka")
            assert page.status_code == 200
            assert 'href="/browse/CE-1"' in page.text
            assert 'href="/browse/CE-2"' not in page.text
            assert "does not exist" in jira.get("/issues/", jql="x = 1").text


class TestServer:
    def test_a_port_that_is_taken_gives_way_to_the_next_free_one(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with JiraSandbox(seed(), Moment(), token=TOKEN, port=port) as sandbox:
                assert int(sandbox.url.rpartition(":")[2]) > port
                assert requests.get(f"{sandbox.url}/rest/api/3/serverInfo", timeout=10).ok

    def test_what_was_asked_is_kept_without_credentials(self) -> None:
        with asking() as jira:
            jira.search("project = CE")
            (seen,) = jira.sandbox.requests
            assert (seen.method, seen.path, seen.status) == ("GET", "/rest/api/3/search/jql", 200)
            assert TOKEN not in repr(seen)

    def test_two_sandboxes_of_one_seed_share_nothing(self) -> None:
        with asking() as one, asking() as other:
            one.sandbox.delete_issue("CE-1")
            assert one.keys("key = CE-2 OR labels = cka ORDER BY key") == ["CE-2", "CE-3"]
            assert "CE-1" in other.keys("labels = cka")


class TestSeed:
    def test_it_can_be_written_and_read_as_json(self) -> None:
        original = seed()
        assert (
            type(original).model_validate_json(original.model_dump_json(by_alias=True)) == original
        )

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"fields": {"summary": "x", "issuetype": "Task"}}, "issue CE-9: it has no status"),
            (
                {"changes": [{"at": "2025-01-01T00:00:00Z", "author": "u-bob", "field": "summary",
                              "to": "x"}]},
                "before it was created",
            ),
            ({"reporter": "nobody"}, "expected the account id of a user"),
            ({"key": "ZZ-9"}, "expected the key of a project: CE, OPS"),
            ({"id": 10001}, "another issue with the id 10001"),
            ({"key": "CE-4"}, "the key CE-4 belongs to another issue"),
        ],
    )  # fmt: skip
    def test_an_issue_that_makes_no_sense_is_refused_with_its_key(
        self, change: dict[str, Any], message: str
    ) -> None:
        issue = {
            "key": "CE-9",
            "created": "2026-01-01T00:00:00Z",
            "reporter": "u-bob",
            "fields": {"summary": "x", "issuetype": "Task", "status": "To Do"},
        }
        with pytest.raises(ValueError, match=message):
            JiraSandbox(seed(issues=[*SEED["issues"], issue | change]), Moment(), token=TOKEN)
