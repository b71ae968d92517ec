"""What the sandbox Jira says of issues, and how it keeps time, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.demo.jira.worlds import (
    NOW,
    Moment,
    asking,
    messages,
    seed,
)


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
