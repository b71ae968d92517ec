"""The exposition is kept in pieces, rendered when something changes, and served as it stands."""

from __future__ import annotations

import gzip
import resource
import sys
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from syncd.store.closing import close_period
from syncd.store.schema import scopes
from syncd.surfaces.metrics import MetricsEndpoint, Rendering, Told
from syncd.surfaces.metrics import endpoint as endpoint_module
from syncd.surfaces.metrics.family import Family
from syncd.surfaces.metrics.form import Form, shared
from syncd.surfaces.shared import Shared
from tests.store.catalogues import DUE, START, catalogue, key_result, numbered, scanned
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, publish_all, put

SCAN, NUMBER = scanned("completeness"), numbered("out_of_stock")
HERE = catalogue(
    [SCAN, NUMBER],
    [key_result("dcim-o1-kr1", SCAN), key_result("dcim-o2-kr3", NUMBER)],
    period="2026-Q1",
    starts=START,
)
LATER = START + timedelta(days=30)
ANY_FORM = Request({"type": "http", "headers": []})
NEXT = catalogue(
    [SCAN], [key_result("dcim-o1-kr1", SCAN, title="Again")], period="2026-Q2", starts=LATER
)


def begin(site: Site) -> None:
    put(site, HERE)


def measure(site: Site) -> None:
    site.clock.move_to(site.clock.now() + timedelta(hours=1))
    publish_all(site)


def retitle(site: Site) -> None:
    edited = replace(HERE.key_results["dcim-o1-kr1"], title='Said "anew"\n\\')
    put(site, replace(HERE, key_results={**HERE.key_results, "dcim-o1-kr1": edited}, digest="2"))


def drop_one(site: Site) -> None:
    kept = {"dcim-o1-kr1": HERE.key_results["dcim-o1-kr1"]}
    put(site, replace(HERE, key_results=kept, digest="3"))


def add_the_next_period(site: Site) -> None:
    put(site, HERE, NEXT)


def let_it_begin(site: Site) -> None:
    site.clock.move_to(LATER + timedelta(hours=1))


def judge_again(site: Site) -> None:
    site.clock.move_to(site.clock.now() + timedelta(minutes=5))
    assess_all(site.store, site.clock)


def close_the_first(site: Site) -> None:
    site.clock.move_to(DUE + timedelta(days=1))
    assess_all(site.store, site.clock)
    close_period(site.store, "2026-Q1", by="Ada", note=None, now=site.clock.now())


STEPS: list[Callable[[Site], None]] = [
    begin,
    measure,
    retitle,
    judge_again,
    drop_one,
    begin,
    measure,
    add_the_next_period,
    let_it_begin,
    measure,
    close_the_first,
    judge_again,
]


def render(site: Site, rendering: Rendering) -> Told:
    with site.store.read() as connection:
        return rendering.render(connection, site.clock.now())


def test_what_is_rendered_step_by_step_is_what_is_rendered_at_once(site: Site) -> None:
    kept = Rendering("1")
    seen = []

    for step in STEPS:
        step(site)
        told = render(site, kept)

        assert told == render(site, Rendering("1")), step.__name__
        seen.append(told.still)

    assert len(set(seen)) > len(STEPS) - 3, "the steps change what is told"


def test_nothing_is_rendered_again_while_nothing_happens(site: Site) -> None:
    begin(site)
    measure(site)
    rendering = Rendering("1")
    before = render(site, rendering)

    site.clock.move_to(site.clock.now() + timedelta(seconds=20))
    after = render(site, rendering)

    assert after.still is before.still
    assert after.moving != before.moving


def test_a_text_is_written_as_the_package_writes_it(site: Site) -> None:
    family = Family("syncd_kr", "Words.", ("title",), kind="info")
    hostile = 'Said "anew"\n\\ \u202e'

    text = family.header(generate_latest).decode() + family.line((hostile,), 1.0)

    (read,) = text_string_to_metric_families(text)
    assert [sample.labels for sample in read.samples] == [{"title": hostile}]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_line(value: float | None) -> None:
    assert Family("syncd_kr_value", "Words.", ("kr",)).line(("a",), value) == ""


def test_the_gzip_stream_is_one_and_holds_what_is_served_plain(told: Site) -> None:
    told.app.state.metrics.look()
    plain = told.client.get("/metrics", headers={"Accept-Encoding": "identity"})
    with told.client.stream("GET", "/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
        zipped = b"".join(answer.iter_raw())

    reader = zlib.decompressobj(31)
    unzipped = reader.decompress(zipped)

    assert reader.eof
    assert reader.unused_data == b""
    assert gzip.decompress(zipped) == unzipped
    assert without_own(unzipped.decode()) == without_own(plain.text)


def without_own(exposition: str) -> list[str]:
    """All but what belongs to the process and moves from scrape to scrape."""
    moving = ("process_", "python_", "syncd_runs", "syncd_run_", "syncd_clock")
    lines = exposition.splitlines()
    return [line for line in lines if not line.removeprefix("# HELP ").startswith(moving)]


def test_a_store_that_answers_again_is_told_of_again(told: Site) -> None:
    with told.store.write() as connection:
        connection.execute(sa.text("ALTER TABLE key_results RENAME TO away"))
    with pytest.raises(sa.exc.DBAPIError):
        told.app.state.metrics.look()
    while_away = told.client.get("/metrics").status_code
    with told.store.write() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO key_results"))

    assert (while_away, told.metrics().status_code) == (503, 200)


def test_a_change_is_rendered_without_being_asked_for(told: Site) -> None:
    waited = threading.Event()

    def rendered() -> bool:
        return 'syncd_kr_value{kr="dcim-o1-kr1"' in told.client.get("/metrics").text

    deadline = time.monotonic() + 30
    while not rendered() and time.monotonic() < deadline:
        waited.wait(0.05)

    assert rendered()


def test_thousands_of_scopes_are_no_number_too_large(site: Site) -> None:
    begin(site)
    with site.store.write() as connection:
        (columns,) = connection.execute(sa.select(scopes).limit(1)).mappings()
        rows = [{**columns, "id": 100 + n, "fingerprint": f"scope {n}"} for n in range(6000)]
        connection.execute(sa.insert(scopes), rows)

    assert "syncd_due_scopes 6" in site.metrics().text


def test_a_form_that_nobody_asked_for_before_waits_for_no_look_at_the_store(told: Site) -> None:
    stands = render(told, Rendering("1"))
    looking, over = threading.Event(), threading.Event()
    ended = []

    def read() -> Told:
        if looks:
            looking.set()
            over.wait(10)
            ended.append(True)
        return stands

    looks: list[threading.Thread] = []
    endpoint = MetricsEndpoint(read, lambda _: b"")
    endpoint.look()
    looks.append(threading.Thread(target=endpoint.look))
    looks[0].start()
    assert looking.wait(10)

    answer = endpoint.answer(ANY_FORM)

    assert ended == []
    assert b"syncd_kr_status" in answer.body
    over.set()
    looks[0].join()
    assert endpoint.answer(ANY_FORM).body == answer.body


def test_what_stood_ready_is_told_no_longer_once_a_look_broke_off(
    told: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_module, "LOOK_SECONDS", 0.01)
    stands = render(told, Rendering("1"))
    broken, broke_off = threading.Event(), threading.Event()

    def read() -> Told:
        if broken.is_set():
            broke_off.set()
            raise ZeroDivisionError
        return stands

    endpoint = MetricsEndpoint(read, lambda _: b"")
    endpoint.start()
    try:
        before = endpoint.answer(ANY_FORM).body
        broken.set()
        assert broke_off.wait(10)

        deadline = time.monotonic() + 10
        with pytest.raises(ZeroDivisionError):
            while time.monotonic() < deadline:
                assert endpoint.answer(ANY_FORM).body == before

        broken.clear()
        assert endpoint.answer(ANY_FORM).body == before
    finally:
        endpoint.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has files without a name")
def test_where_nothing_can_be_shared_it_is_copied(told: Site) -> None:
    stands = render(told, Rendering("1"))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    theirs = Form.of(stands, generate_latest, shared)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1, usual[1]))
    try:
        copied = Form.of(stands, generate_latest, shared)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)

    assert isinstance(theirs.still, Shared)
    assert isinstance(copied.still, bytes)
    assert copied.still == b"".join(theirs.still.pieces())
