"""The demo's clock and what people say on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import httpx

from syncd.demo.people import said_between
from syncd.demo.quarter.days import END, START, ZONE, at
from syncd.demo.stage import moments
from syncd.demo.upstreams import JIRA_USER, upstreams
from tests.plain import NO_TLS


def test_each_day_is_measured_in_the_evening_and_ends_at_midnight() -> None:
    told = [moment.astimezone(ZONE) for moment in moments(date(2026, 3, 9))]

    assert told == sorted(set(told))
    assert [f"{moment:%d %b %H}" for moment in told[-5:]] == [
        "08 Mar 00", "08 Mar 18", "09 Mar 00", "09 Mar 18", "10 Mar 01",
    ]  # fmt: skip


def test_a_replay_of_few_days_has_their_evenings_and_midnights_only() -> None:
    told = moments(date(2026, 1, 9), on_days=[date(2026, 1, 3), date(2026, 1, 9)])

    assert [f"{moment.astimezone(ZONE):%d %H}" for moment in told] == [
        "01 00", "03 18", "04 00", "09 18", "10 01",
    ]  # fmt: skip


def test_everything_that_people_say_is_said_once() -> None:
    whole = len(said_between(START, END))

    assert whole > 15
    assert sum(len(said_between(*both)) for both in pairwise(moments())) == whole
    assert said_between(END, END + timedelta(days=30)) == []


def test_the_upstreams_answer_as_of_the_moment_they_were_moved_to() -> None:
    def shown(address: str) -> datetime:
        answer = httpx.get(f"{address}/", trust_env=False, verify=NO_TLS)
        return parsedate_to_datetime(answer.headers["Date"])

    with upstreams(at(date(2026, 1, 1))) as running:
        addresses = (running.jira, running.netbox, running.prometheus)
        running.move_to(at(date(2026, 2, 3), 18))

        assert {shown(address) for address in addresses} == {at(date(2026, 2, 3), 18)}
        asked = httpx.get(
            f"{running.jira}/rest/api/3/myself",
            auth=(JIRA_USER, running.tokens.jira),
            trust_env=False,
            verify=NO_TLS,
        )
        assert asked.status_code == 200
        assert running.tokens.jira not in repr(running)


def test_the_upstreams_end_with_whoever_began_them() -> None:
    with upstreams(at(date(2026, 1, 1))) as running:
        address = running.prometheus

    try:
        httpx.get(address, trust_env=False, verify=NO_TLS)
    except httpx.ConnectError:
        return
    raise AssertionError("the upstreams go on listening")
