"""What edited mapping files would change, asked over HTTP of a server that knows the language."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.access import Access
from syncd.mapping import load_texts
from syncd.plan.editing import plan_of_edits
from syncd.registry import measures
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.read import key_result_views
from syncd.surfaces.api.route import FILES_BYTES
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.serve import WebServer
from syncd.surfaces.trying import Edits, Planner
from syncd.worker import WorkerSettings
from tests.plain import NO_TLS
from tests.shell import Shell, commands
from tests.store.catalogues import START
from tests.unit.documents.snippets import blocks
from tests.unit.surfaces.api_world import TOKEN

BEARER = {"Authorization": f"Bearer {TOKEN}"}
FILE = "q1-2026/dcim.yaml"
DCIM = """\
team: dcim
objectives:
  - id: dcim-o1
    title: NetBox is the source of truth
    key_results:
      - id: dcim-o1-kr1
        title: Model completeness
        owner: DCIM lead
        indicator: {measure: jira.count, jql: project = DCIM}
        target: {at_least: 80}
"""
FILES = {
    "q1-2026": {
        "q1-2026/organisation.yaml": "organisation: Test\nperiod: 2026-Q1\ntimezone: UTC\n",
        FILE: DCIM,
    }
}


LOAD = partial(
    load_texts, measures=measures(), sources={"jira": "jira"}, default_sources={"jira": "jira"}
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
    opened.migrate()
    yield opened
    opened.close()


@contextmanager
def served(store: Store, planner: Planner) -> Iterator[str]:
    """The address of a server over the store, which plans so."""
    app = create_app(
        store,
        ManualClock(START),
        own_metrics=Instruments(["jira"]).registry,
        instance=InstanceInfo(version="9.9.9"),
        door=Door(Access(TOKEN)),
        planner=planner,
    )
    server = WebServer(app, "127.0.0.1", 0)
    try:
        yield server.start()
    finally:
        server.stop()


def planner_of(store: Store) -> Planner:
    return partial(
        plan_of_edits,
        store,
        ManualClock(START),
        LOAD,
        interval_of=lambda _: 300.0,
        settings=WorkerSettings(),
    )


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    loaded = LOAD(FILES)
    assert loaded.faults == ()
    put_in_force(
        store,
        *loaded.catalogues,
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=START,
        files=loaded.texts,
    )
    with (
        served(store, planner_of(store)) as address,
        httpx.Client(base_url=address, timeout=60, verify=NO_TLS) as client,
    ):
        yield client


def planned(client: httpx.Client, files: Mapping[str, str | None]) -> httpx.Response:
    return client.post("/api/v1/plan", headers=BEARER, json={"files": files})


def test_an_edited_target_is_told_field_by_field_and_nothing_is_applied(
    client: httpx.Client, store: Store
) -> None:
    answer = planned(client, {FILE: DCIM.replace("at_least: 80", "at_least: 90")})

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["changes"] is True
    assert [(one["key"], one["how"], one["fields"]) for one in found["differences"]] == [
        (
            "dcim-o1-kr1",
            "changed",
            [{"name": "target", "before": "at least 80", "after": "at least 90"}],
        )
    ]
    with store.read() as connection:
        (view,) = key_result_views(connection)
    assert view.key_result.target is not None
    assert view.key_result.target.goal == 80


def test_files_that_say_the_same_change_nothing(client: httpx.Client) -> None:
    assert planned(client, {FILE: DCIM + "# the same\n"}).json()["changes"] is False


def test_a_new_number_is_not_known_because_no_source_is_asked(client: httpx.Client) -> None:
    found = planned(client, {FILE: DCIM.replace("project = DCIM", "project = NET")}).json()

    assert list(found["unread"].values()) == ["not measured"]


def test_faults_are_told_all_at_once_with_their_lines(client: httpx.Client) -> None:
    wrong = DCIM.replace("target:", "tarjet:").replace("owner:", "ower:")

    answer = planned(client, {FILE: wrong})

    assert answer.status_code == 422
    assert [one.partition(" ")[0] for one in answer.json()["errors"]] == [f"{FILE}:8", f"{FILE}:10"]


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({}, 400, "files: got none; expected what stands in edited files"),
        ({"files": {}}, 400, "files: got"),
        ({"files": {"dcim.yaml": ""}}, 400, "files: got"),
        ({"files": {"../../etc/passwd": ""}}, 400, "files: got"),
        ({"files": {FILE: None, "q1-2026/organisation.yaml": None}}, 422, "no mapping files left"),
    ],
)
def test_what_is_no_edit_is_refused(
    client: httpx.Client, sent: object, status: int, says: str
) -> None:
    answer = client.post("/api/v1/plan", headers=BEARER, json=sent)

    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_files_may_be_longer_than_what_people_say(client: httpx.Client) -> None:
    assert planned(client, {FILE: DCIM + "#" * 100_000}).status_code == 200
    assert planned(client, {FILE: "#" * FILES_BYTES}).status_code == 413


def test_only_who_may_write_may_ask(client: httpx.Client) -> None:
    assert client.post("/api/v1/plan", json={"files": {FILE: DCIM}}).status_code == 401


def test_before_any_files_are_kept_there_is_nothing_to_edit(store: Store) -> None:
    with served(store, planner_of(store)) as address:
        answer = httpx.post(
            f"{address}/api/v1/plan", headers=BEARER, json={"files": {FILE: DCIM}}, verify=NO_TLS
        )

    assert answer.status_code == 409
    assert "not kept" in answer.json()["detail"]


def test_a_second_one_at_the_same_time_comes_later(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(edits: Edits) -> Mapping[str, object]:
        begun.set()
        assert go_on.wait(60)
        return {"changes": False, "differences": [], "movements": [], "unread": {}, "requests": []}

    answers = []
    with served(store, slow) as address:

        def ask() -> None:
            answers.append(
                httpx.post(
                    f"{address}/api/v1/plan",
                    headers=BEARER,
                    json={"files": {FILE: DCIM}},
                    timeout=60,
                    verify=NO_TLS,
                )
            )

        first = threading.Thread(target=ask)
        first.start()
        assert begun.wait(60)
        ask()
        go_on.set()
        first.join()

    assert [one.status_code for one in answers] == [429, 200]
    assert int(answers[0].headers["retry-after"]) > 0


def test_the_command_of_the_reference_works(client: httpx.Client, tmp_path: Path) -> None:
    shown = [one.text for one in blocks("sh") if one.place.startswith("docs/reference/api.md#")]
    (command,) = (one for one in commands(shown) if "/api/v1/plan" in one)

    answer = Shell(tmp_path, str(client.base_url).rstrip("/"), TOKEN=TOKEN).does(command)

    assert answer.status == 200
    how = [one["how"] for one in json.loads(answer.text)["differences"]]
    assert how == ["removed", "removed"]
