from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.base import (
    BadAnswer,
    Dimension,
    Identity,
    Json,
    NumberPlan,
    QueryRefused,
    Session,
    SilentObserver,
    SourceConfig,
    TimedOut,
    Unauthorised,
)
from connectors.jira import connector
from connectors.jira.fields import FieldCatalogue
from connectors.jira.options import JiraOptions
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer
from tests.unit.connectors.jira.stand_in import NOW, TOKEN, StandIn, opened, planned, run


def soon() -> float:
    return time.monotonic() + 30


def config(
    url: str = "https://jira.example.org",
    secrets: Mapping[str, str] | None = None,
    **options: Json,
) -> SourceConfig:
    given = {"token": TOKEN} if secrets is None else secrets
    return SourceConfig(name="jira", kind="jira", url=url, secrets=given, options=options)


def test_a_session_is_what_syncd_expects(session: JiraSession) -> None:
    assert isinstance(session, Session)


def test_identity_names_the_account_and_never_its_address(
    jira: StandIn, session: JiraSession
) -> None:
    jira.zone = "Europe/Berlin"

    identity = session.identify(soon())

    assert identity == Identity(account="Syncd", version="10.3.2", timezone="Europe/Berlin")
    assert "secret.address" not in repr(identity)


def test_a_dead_token_is_told_at_once(jira: StandIn, session: JiraSession) -> None:
    jira.dead_token = True

    with pytest.raises(Unauthorised) as caught:
        session.identify(soon())

    assert TOKEN not in str(caught.value)


def test_the_flavour_is_found_by_asking_once(jira: StandIn) -> None:
    finding = opened(jira, flavour="auto")
    jira.put(1)

    run(finding, planned("jira.count", jql="project = P"))
    run(finding, planned("jira.count", jql="project = P"))

    found = [seen for seen in jira.requests if seen.path.endswith("serverInfo")]
    assert len([seen for seen in found if seen.status == 200]) == 1
    finding.close()


def test_cloud_is_authenticated_with_user_and_token(
    cloud: StandIn, cloud_session: JiraSession
) -> None:
    offered: list[str] = []
    cloud.before.append(lambda request: offered.append(request.headers.get("authorization", "")))

    cloud_session.identify(soon())

    assert {words.split()[0] for words in offered} == {"Basic"}


def test_a_refused_captcha_is_told_as_unauthorised(jira: StandIn, session: JiraSession) -> None:
    reason = ("X-Authentication-Denied-Reason", "CAPTCHA_CHALLENGE; login-url=https://x")
    jira.before.append(lambda _: Answer.html("<html></html>", 403, (reason,)))

    with pytest.raises(Unauthorised, match="CAPTCHA_CHALLENGE"):
        session.identify(soon())


@pytest.mark.parametrize("answer", [[], "x", None, 3])
def test_an_account_of_another_shape_is_a_bad_answer(
    jira: StandIn, session: JiraSession, answer: Json
) -> None:
    jira.before.append(lambda _: Answer.json(answer))

    with pytest.raises(BadAnswer):
        session.identify(soon())


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc"])
def test_an_account_without_a_known_zone_asks_from_the_westernmost_date(
    jira: StandIn, session: JiraSession, zone: str
) -> None:
    plan = planned("jira.count", jql="project = P")
    first = run(session, plan)
    jira.before.append(
        lambda request: (
            Answer.json({"displayName": "S", "timeZone": zone})
            if request.path.endswith("myself")
            else None
        )
    )
    jira.put(1, updated=NOW)

    turn = run(session, plan, cursor=first.cursor, now=NOW + timedelta(minutes=5))

    assert set(turn.outcomes) == {"1"}


def test_the_past_deadline_ends_a_scan(jira: StandIn, session: JiraSession) -> None:
    with pytest.raises(TimedOut):
        session.identify(time.monotonic() - 1)


@pytest.mark.parametrize(
    ("url", "options", "leads_to"),
    [
        ("https://jira.example.org/", {}, "https://jira.example.org"),
        ("https://example.org/jira", {}, "https://example.org/jira"),
        (
            "https://api.atlassian.com/ex/jira/0000",
            {"browse_url": "https://example.atlassian.net/"},
            "https://example.atlassian.net",
        ),
    ],
)
def test_links_lead_people_to_the_same_query(
    url: str, options: dict[str, Json], leads_to: str
) -> None:
    session = connector.open(config(url, **options), SilentObserver())

    by_query = session.link(planned("jira.count", jql='project = CE AND "a b" = "c&d"'))
    by_board = session.link(planned("jira.count", board=7))

    assert by_query == (
        f"{leads_to}/issues/?jql=project%20%3D%20CE%20AND%20%22a%20b%22%20%3D%20%22c%26d%22"
    )
    assert by_board == f"{leads_to}/secure/RapidBoard.jspa?rapidView=7"
    session.close()


def test_a_gateway_without_a_browse_url_has_no_links() -> None:
    gateway = config("https://api.atlassian.com/ex/jira/0000")
    session = connector.open(gateway, SilentObserver())

    assert session.link(planned("jira.count", jql="project = CE")) is None
    session.close()
    session.close()


def test_a_number_is_never_read(session: JiraSession) -> None:
    plan = NumberPlan(source="jira", request={"query": "1"}, dimension=Dimension.OTHER)

    assert session.link(plan) is None
    with pytest.raises(QueryRefused):
        session.read(plan, NOW, soon())


@pytest.mark.parametrize("secrets", [{}, {"user": "x"}, {"user": "x", "token": ""}])
def test_a_source_without_a_token_is_refused_when_it_is_opened(secrets: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected token"):
        connector.open(config(secrets=secrets), SilentObserver())


@pytest.mark.parametrize(
    "options",
    [
        {"flavor": "cloud"},
        {"flavour": "server"},
        {"overlap": "10 m"},
        {"overlap": -1},
        {"overlap": "ten min"},
        {"browse_url": "example.org"},
    ],
)
def test_settings_that_cannot_be_right_are_refused(options: dict[str, Json]) -> None:
    with pytest.raises(ValidationError):
        connector.open(config(**options), SilentObserver())


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(90, 90), ("90 s", 90), ("10 min", 600), ("1.5 h", 5400), ("1 d", 86400)],
)
def test_durations_are_seconds_or_quantities(written: Json, seconds: float) -> None:
    options = JiraOptions(overlap=written)

    assert options.overlap == timedelta(seconds=seconds)


FIELDS = FieldCatalogue(
    [
        {"id": "summary", "name": "Summary"},
        {"id": "customfield_1", "name": "PO number"},
        {"id": "customfield_2", "name": "Contract"},
        {"id": "customfield_3", "name": "contract"},
    ],
    "jira",
)


@pytest.mark.parametrize(
    ("word", "identifier"),
    [
        ("PO number", "customfield_1"),
        ("po Number", "customfield_1"),
        ("customfield_3", "customfield_3"),
        ("summary", "summary"),
    ],
)
def test_a_field_is_found_by_id_or_by_name(word: str, identifier: str) -> None:
    assert FIELDS.id_of(word) == identifier


def test_a_name_that_two_fields_bear_is_refused_with_both() -> None:
    with pytest.raises(QueryRefused, match='called "Contract": customfield_2, customfield_3'):
        FIELDS.id_of("Contract")


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(QueryRefused, match=r'"PO nuber".*nearest is "PO number"'):
        FIELDS.id_of("PO nuber")


@pytest.mark.parametrize("rows", [[1], [{}], [{"id": 3}]])
def test_fields_of_another_shape_are_a_bad_answer(rows: list[Json]) -> None:
    with pytest.raises(BadAnswer):
        FieldCatalogue(rows, "jira")
