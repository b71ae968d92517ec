"""Who may ask the sandbox Jira, how it fails, and what else it has, over HTTP."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests

from syncd.demo.jira import JiraSandbox
from tests.unit.demo.jira.worlds import (
    SEED,
    TOKEN,
    USER,
    Asker,
    Moment,
    asking,
    many,
    seed,
)


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
