"""What holds of a scan on either kind of Jira."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import (
    BadAnswer,
    Outcome,
    QueryRefused,
    ScanPlan,
    Unauthorised,
    UpstreamError,
)
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer, Request
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, planned, run

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def counting() -> ScanPlan:
    return planned("jira.count", jql="project = P")


@pytest.fixture
def done() -> ScanPlan:
    return planned("jira.ratio", jql="project = P", passing="statusCategory = Done")


@pytest.fixture
def complete() -> ScanPlan:
    return planned(
        "jira.completeness", jql="project = P", required=[{"fields": ["PO number", "Due date"]}]
    )


def test_every_issue_of_the_scope_counts_and_leads_to_its_page(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2, 3)

    read = run(session, counting)

    assert read.outcomes == {"1": "pass", "2": "pass", "3": "pass"}
    first = read.timelines["1"]
    assert (first.label, first.url) == ("P-1", f"{jira.url}/browse/P-1")
    assert first.since == NOW
    assert [(v.valid_from, v.valid_to) for v in first.verdicts] == [(NOW, None)]


def test_only_the_last_batch_carries_the_cursor(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 8))
    jira.cap = 3

    read = run(session, counting)

    assert [batch.cursor is not None for batch in read.batches] == [False] * 3 + [True]
    assert read.batches[0].total == 7


def test_short_pages_are_not_the_end(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 10))
    jira.page_sizes = [100] if jira.flavour == "datacenter" else []  # the count's
    jira.page_sizes += [1, 4, 2]

    assert len(run(session, counting).outcomes) == 9


def test_passing_is_asked_of_the_server_inside_the_scope(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2

    assert run(session, done).outcomes == {"1": "fail", "2": "pass", "3": "fail"}


def test_required_fields_are_found_by_the_name_people_see(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")
    jira.put(2, customfield_1="", duedate=None)

    read = run(session, complete)

    assert read.outcomes == {"1": "pass", "2": "fail"}
    assert read.timelines["2"].verdicts[0].missing == ("PO number", "Due date")


def test_two_judges_of_one_scope_share_one_reading(
    jira: StandIn, session: JiraSession, done: ScanPlan, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")
    jira.conditions["statusCategory = Done"] = lambda _: False

    batches = list(session.scan(job(done.scope, done.judge, complete.judge)))

    outcomes = [lines[0].verdicts[0].outcome for lines in batches[0].timelines]
    assert outcomes == [Outcome.FAIL, Outcome.PASS]
    assert [len(batch.timelines) for batch in batches] == [2, 2]


def test_two_fields_of_one_name_are_refused_with_both_ids(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.named_fields.append({"id": "customfield_9", "name": "po NUMBER", "custom": True})

    with pytest.raises(QueryRefused, match="customfield_1, customfield_9"):
        run(session, complete)


def test_a_field_that_vanishes_while_issues_are_read_is_no_missing_value(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")

    def vanish(request: Request) -> None:
        if "search" in request.path:
            jira.named_fields = [f for f in jira.named_fields if f["id"] != "customfield_1"]
            jira.stored[1].fields.pop("customfield_1", None)

    jira.before.append(vanish)

    with pytest.raises(QueryRefused, match='no field "PO number"'):
        run(session, complete)


def test_a_field_no_issue_can_have_is_missing_as_long_as_it_exists(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, duedate="2026-03-01")

    assert run(session, complete).timelines["1"].verdicts[0].missing == ("PO number",)


def test_nothing_found_is_not_believed_of_a_dead_token(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)
    jira.dead_token = True

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_a_token_that_dies_before_the_first_page_makes_no_empty_set(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)

    def die(request: Request) -> None:
        jira.dead_token = jira.dead_token or "search" in request.path

    jira.before.append(die)

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_a_token_that_dies_between_pages_makes_no_smaller_set(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 7))
    jira.cap = 2
    searches = 0

    def die(request: Request) -> None:
        nonlocal searches
        searches += "search" in request.path
        jira.dead_token = searches > 2

    jira.before.append(die)

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_an_empty_set_is_believed_of_a_living_token(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    assert run(session, counting).outcomes == {}


def test_a_turn_reads_only_what_was_updated(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2
    first = run(session, done)
    jira.put(1, updated=LATER)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id in {1, 2}

    turn = run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "pass"}
    assert turn.timelines["1"].since == LATER


def test_changes_are_asked_for_again_within_the_overlap(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, updated=NOW - timedelta(minutes=9))
    jira.put(2, updated=NOW - timedelta(minutes=11))
    first = run(session, counting)

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert set(turn.outcomes) == {"1"}


def test_what_a_turn_read_is_behind_the_next_one(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)
    first = run(session, counting)
    jira.put(1, updated=LATER)
    jira.moment = hour = NOW + timedelta(hours=1)
    second = run(session, counting, cursor=first.cursor, known=first.outcomes, now=hour)

    third = run(session, counting, cursor=second.cursor, known=first.outcomes, now=hour)

    assert (set(second.outcomes), set(third.outcomes)) == ({"1"}, set())


def test_a_clock_ahead_of_jiras_hides_no_edit(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    ahead = NOW + timedelta(hours=1)
    jira.put(1)
    first = run(session, counting, now=ahead)
    jira.put(1, updated=NOW + timedelta(minutes=1))

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=ahead)

    assert set(turn.outcomes) == {"1"}


def test_a_turn_asks_which_of_the_changed_pass_and_not_of_all(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 1
    jira.put(1, 2)
    first = run(session, done)
    jira.put(1, updated=LATER)
    jira.forget_requests()

    run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    about_passing = asked_about(jira, "statusCategory")
    assert about_passing
    assert all("updated >=" in jql for jql in about_passing)


def test_a_turn_without_changes_asks_for_none_that_pass(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 1
    jira.put(1, 2)
    first = run(session, done)
    jira.forget_requests()

    run(session, done, cursor=first.cursor, known=first.outcomes, now=NOW + timedelta(hours=1))

    assert asked_about(jira, "statusCategory") == []


def asked_about(jira: StandIn, word: str) -> list[str]:
    asked = [body["jql"] for p in ("/search", "/search/jql") for body in jira.asked(p)]
    return [jql for jql in asked if word in jql]


@pytest.mark.parametrize("lasts", [1, 2, 3])
@pytest.mark.parametrize("cap", [1, 100])
def test_a_token_that_is_nobodys_for_a_moment_hides_nothing_for_longer_than_a_turn(
    jira: StandIn, session: JiraSession, done: ScanPlan, lasts: int, cap: int
) -> None:
    jira.put(1, 2, 3, status="open")
    jira.conditions["statusCategory = Done"] = lambda issue: issue.fields["status"] == "done"
    first = run(session, done)
    jira.put(1, 3, status="done", updated=LATER)
    jira.cap = cap
    # so much later that no overlap brings the edits again
    then, after = LATER + timedelta(days=1), LATER + timedelta(days=2)
    asked: list[Request] = []
    nobodys = range(0)

    def die(request: Request) -> None:
        asked.append(request)
        jira.dead_token = len(asked) in nobodys

    jira.before.append(die)
    went_on = 0
    jira.moment = then
    for cursor in (None, first.cursor):
        nobodys = range(0)
        asked.clear()
        run(session, done, cursor=cursor, known=first.outcomes, now=then)
        for number in range(1, len(asked) + 1):
            nobodys = range(number, number + lasts)
            asked.clear()
            told = {} if cursor is None else dict(first.outcomes)
            try:
                turn = run(session, done, cursor=cursor, known=first.outcomes, now=then)
            except UpstreamError:
                continue
            went_on += 1
            nobodys = range(0)
            assert "gone" not in turn.outcomes.values()
            told |= turn.outcomes
            assert told == {"1": "pass", "2": "fail", "3": "pass"} or turn.outcomes == {}
            jira.moment = after
            told |= run(session, done, cursor=turn.cursor, known=told, now=after).outcomes
            jira.moment = then
            assert told == {"1": "pass", "2": "fail", "3": "pass"}
    assert went_on > 0


def test_an_edit_between_the_pages_is_read_in_the_next_turn(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3, 4, status="open")
    jira.conditions["statusCategory = Done"] = lambda issue: issue.fields["status"] == "done"
    jira.cap = 2
    run_of_pages = session.scan(job(done.scope, done.judge))
    next(run_of_pages)
    jira.put(1, status="done", updated=NOW + timedelta(seconds=1))
    *_, last = run_of_pages

    turn = run(session, done, cursor=last.cursor, known=("1", "2", "3", "4"), now=LATER)

    assert turn.outcomes == {"1": "pass"}


def test_an_issue_that_moves_keeps_its_identity_and_changes_its_label(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.stored[1].key = "Q-77"
    jira.put(1, updated=LATER)

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert {i: line.label for i, line in turn.timelines.items()} == {"1": "Q-77"}


def test_a_deleted_issue_is_gone_at_the_next_turn(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    first = run(session, counting)
    del jira.stored[2]

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "gone"}
    assert turn.timelines["2"].since == LATER


def test_an_issue_that_appears_without_an_edit_is_read_by_its_id(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2
    first = run(session, done)
    jira.put(2)  # a permission was granted

    turn = run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "pass"}


def test_one_new_and_one_edited_issue_need_no_listing(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.put(2, 3, updated=LATER)
    jira.forget_requests()

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "pass", "3": "pass"}
    searches = [s for p in ("/search", "/search/jql") for s in jira.asked(p) if s["maxResults"]]
    assert all("updated" in search["jql"] for search in searches)


def test_a_scope_that_moves_with_time_is_listed_each_turn(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["created >= -7d"] = lambda issue: issue.id in young
    plan = planned("jira.count", jql="created >= -7d")
    jira.put(1, 2, 3)
    young = {1, 2}
    first = run(session, plan)
    young = {2, 3}

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "gone", "3": "pass"}


def test_a_passing_query_that_moves_with_time_is_listed_each_turn(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2, 3, 4)
    early = {1, 2, 3}
    first = run(session, plan)
    early = {1, 3, 4}

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "fail", "4": "pass"}


def test_what_flipped_is_read_though_the_token_is_nobodys_as_it_is_asked_for(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2, 3)
    early = {1, 2}
    first = run(session, plan)
    early = {1, 3}
    asked_for = 0

    def die(request: Request) -> None:
        nonlocal asked_for
        by_id = request.path.endswith("/bulkfetch") or b"id in (" in request.body
        asked_for += by_id
        jira.dead_token = by_id and asked_for == 1

    jira.before.append(die)

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert asked_for >= 2
    assert turn.outcomes == {"2": "fail", "3": "pass"}


def test_an_issue_that_left_the_scope_is_gone_and_not_judged_again(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2)
    early = {1, 2}
    first = run(session, plan)
    early = {1}
    jira.conditions["project = P"] = lambda issue: issue.id != 2

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    told = [line for batch in turn.batches for line in batch.timelines[0]]
    assert [(line.object_id, line.verdicts) for line in told] == [("2", ())]


def test_an_issue_that_leaves_while_it_is_read_is_told_once_and_gone_next_turn(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.put(2, updated=LATER)
    del jira.stored[1]  # so that ids are listed

    def leave(request: Request) -> None:
        if b'"fields": ["id"]' in request.body and b"project = P" in request.body:
            jira.conditions["project = P"] = lambda _: False

    jira.before.append(leave)
    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)
    following = run(session, counting, cursor=turn.cursor, known=["2"], now=LATER)

    told = [line.object_id for batch in turn.batches for line in batch.timelines[0]]
    assert sorted(told) == ["1", "2"]
    assert following.outcomes == {"2": "gone"}


def test_a_cut_full_read_goes_on_where_it_stopped(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 8))
    jira.cap = 2
    begun = session.scan(job(counting.scope, counting.judge))
    batches = [next(begun), next(begun)]
    begun.close()

    rest = run(session, counting, resume=batches[-1].resume)

    assert sorted(rest.outcomes, key=int) == ["5", "6", "7"]


def test_a_resumed_read_looks_for_changes_since_its_first_part(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 6))
    jira.cap = 2
    begun = session.scan(job(counting.scope, counting.judge))
    resume = next(begun).resume
    begun.close()
    jira.put(1, updated=NOW + timedelta(minutes=1))
    rest = run(session, counting, resume=resume, now=NOW + timedelta(hours=1))

    known = [str(n) for n in jira.stored]
    after = NOW + timedelta(hours=1, minutes=5)
    turn = run(session, counting, cursor=rest.cursor, known=known, now=after)

    assert "1" in turn.outcomes


def test_a_board_is_read_by_its_filter_without_its_order(
    jira: StandIn, session: JiraSession
) -> None:
    jira.boards[7] = "project = P ORDER BY Rank ASC"
    jira.put(1)

    assert run(session, planned("jira.count", board=7)).outcomes == {"1": "pass"}


def test_a_board_whose_filter_changed_is_read_anew(jira: StandIn, session: JiraSession) -> None:
    plan = planned("jira.count", board=7)
    jira.boards[7] = "project = P"
    jira.conditions["project = Q"] = lambda issue: issue.id >= 2
    jira.put(1, 2, 3)
    first = run(session, plan)
    jira.boards[7] = "project = Q"

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "gone", "2": "pass", "3": "pass"}


def test_a_board_without_any_condition_is_refused(jira: StandIn, session: JiraSession) -> None:
    jira.boards[7] = "ORDER BY Rank"

    with pytest.raises(QueryRefused, match="filter of board 7"):
        run(session, planned("jira.count", board=7))


def test_a_refused_query_is_told_in_jiras_words(jira: StandIn, session: JiraSession) -> None:
    with pytest.raises(QueryRefused, match="Error in the JQL Query"):
        run(session, planned("jira.count", jql="projekt = P"))


def test_many_issues_unreadable_at_once_are_not_vouched_for(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 41))
    first = run(session, counting)
    for number in range(1, 31):
        del jira.stored[number]

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)
    whole = run(session, counting, known=first.outcomes, now=LATER)

    assert list(turn.outcomes.values()) == ["gone"] * 30
    assert not turn.batches[-1].vouched
    assert not whole.batches[-1].vouched


def test_a_resumed_read_does_not_vouch_for_its_second_part(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 201))
    jira.cap = 60
    begun = session.scan(job(counting.scope, counting.judge))
    resume = next(begun).resume
    begun.close()
    known = [str(number) for number in jira.stored]
    for number in range(61, 201):
        del jira.stored[number]

    turn = run(session, counting, resume=resume, known=known)

    assert not turn.batches[-1].vouched


def test_many_issues_that_only_left_the_scope_are_gone(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 41))
    first = run(session, counting)
    jira.conditions["project = P"] = lambda issue: issue.id > 30

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert list(turn.outcomes.values()) == ["gone"] * 30
    assert turn.batches[-1].vouched


def test_dates_are_asked_for_in_the_accounts_zone(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.zone = "Asia/Kathmandu"  # +05:45
    first = run(session, counting)
    jira.forget_requests()

    run(session, counting, cursor=first.cursor, known=(), now=LATER)

    asked = [body["jql"] for p in ("/search", "/search/jql") for body in jira.asked(p)]
    assert '(project = P) AND (updated >= "2026-02-02 17:35") ORDER BY id ASC' in asked


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {"issues": None, "total": 1, "isLast": True},
        {"issues": [{"key": "P-1"}], "total": 1, "isLast": True},
        {"issues": [{"id": "x", "key": "P-1"}], "total": 1, "isLast": True},
        {"issues": [{"id": "1", "fields": {}}], "total": 1, "isLast": True},
        {"issues": [{"id": "1", "key": "P-1"}], "total": 1, "isLast": True},
    ],
)
def test_an_answer_of_another_shape_is_a_bad_answer(
    jira: StandIn, session: JiraSession, counting: ScanPlan, broken: object
) -> None:
    jira.before.append(
        lambda request: (
            Answer.json(broken)
            if request.path.endswith(("/search", "/search/jql"))
            and b'"maxResults": 0' not in request.body
            else None
        )
    )

    with pytest.raises(BadAnswer):
        run(session, counting)


def test_a_page_of_html_is_a_bad_answer(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.before.append(
        lambda request: Answer.html("<html>hello</html>") if "search" in request.path else None
    )

    with pytest.raises(BadAnswer):
        run(session, counting)
