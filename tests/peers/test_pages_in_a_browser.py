"""The pages in Debian's Chromium: no errors, for everybody, up to date by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from syncd.model import External, ExternalState
from syncd.store.manual import record_manual
from syncd.surfaces import admission
from syncd.surfaces.admission import Limits
from tests.peers.browser import chromium
from tests.store.catalogues import START, by_hand, catalogue, key_result, scanned
from tests.store.state import assess_all, say_state
from tests.unit.surfaces.conftest import HOSTILE, Site, publish_all, put, served
from tests.unit.surfaces.conftest import site as site
from tests.unit.surfaces.sockets import asking, taken
from tests.unit.surfaces.test_forecasts_shown import GOAL, WANDERING, YEAR

SHOWN_MILLISECONDS = 30_000

pytestmark = pytest.mark.peers

RACKS, SCAN = by_hand("racks", stale_after=YEAR), scanned("completeness")
PAGES = (
    "/",
    "/?status=at_risk&sort=pace&q=racks",
    "/?at=2026-01-20",
    "/kr/dcim-o1-kr1",
    "/kr/dcim-o1-kr2",
    "/kr/ce-o1-kr1",
    "/dependencies",
    "/dependencies?at=2026-01-20",
    "/feed",
    "/event/1",
    "/sources",
    "/sources?at=2026-01-20",
    "/hygiene",
    "/kr/nobody",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # The sandbox of Chromium wants more rights than a container has.
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def told(site: Site) -> Site:
    """What `tell` tells."""
    return tell(site)


def tell(site: Site) -> Site:
    """A month of readings by hand with a forecast, a scan with a failing object, and one that waits
    for what has slipped.
    """
    put(
        site,
        catalogue(
            [RACKS, SCAN],
            [
                key_result("dcim-o1-kr1", RACKS, target=GOAL, title="Racks modelled"),
                key_result("dcim-o1-kr2", SCAN, title=HOSTILE),
                key_result("ce-o1-kr1", RACKS, target=GOAL, needs=("external:optics",)),
            ],
            [External("optics", "Optics arrive")],
            starts=START,
        ),
    )
    for day in range(30):
        site.clock.advance(days=1)
        now = site.clock.now()
        value = 0.8 * (day + 1) + WANDERING[day % 5]
        record_manual(site.store, "racks", value, note=None, by="Ada", at=now, now=now)
        if day % 5 == 0:
            assess_all(site.store, site.clock)
    say_state(site.store, "optics", ExternalState.SLIPPED, now)
    publish_all(site)
    return site


@contextmanager
def opened(browser: Browser, told: Site, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A tab of its own, and what its console and its scripts complain of."""
    context = browser.new_context(base_url=str(told.client.base_url), **options)
    context.set_default_timeout(SHOWN_MILLISECONDS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page, complaints
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody_and_breaks_nothing(
    browser: Browser, told: Site, scheme: Any
) -> None:
    found = {}
    with opened(browser, told, color_scheme=scheme) as (page, complaints):
        for path in PAGES:
            page.goto(path)
            violations = Axe().run(page).response["violations"]
            found[path] = [
                (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
                for one in violations
            ]
        # The browser itself notes that a page it was to fetch is not found.
        unexpected = [each for each in complaints if "404" not in each]

    assert {path: each for path, each in found.items() if each} == {}
    assert unexpected == []


def test_on_a_narrow_screen_nothing_has_to_be_scrolled_sideways(
    browser: Browser, told: Site
) -> None:
    wide = {}
    with opened(browser, told, viewport={"width": 390, "height": 800}) as (page, _):
        for path in PAGES:
            page.goto(path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth")

    assert {path: width for path, width in wide.items() if width > 390} == {}


def test_a_change_comes_to_an_open_page_by_itself(browser: Browser, told: Site) -> None:
    with opened(browser, told) as (page, complaints):
        page.goto("/kr/dcim-o1-kr1")
        expect(page.locator("h1")).not_to_contain_text("Achieved")
        page.evaluate("window.isTheSame = true")

        told.clock.advance(hours=1)
        now = told.clock.now()
        record_manual(told.store, "racks", 99.0, note=None, by="Ada", at=now, now=now)
        assess_all(told.store, told.clock)

        expect(page.locator("h1")).to_contain_text("Achieved", timeout=SHOWN_MILLISECONDS)
        assert page.evaluate("window.isTheSame") is True, "the page was not loaded anew"
        assert complaints == []


def test_a_page_that_may_not_listen_yet_comes_again_when_it_was_told_to(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "RETRY_STREAM_SECONDS", 1)
    with served(tmp_path, Limits(streams=1)) as site, opened(browser, tell(site)) as (page, _):
        with asking(site, "GET /feed/stream") as other:
            taken(other, 1)
            with page.expect_response("**/feed/stream") as first:
                page.goto("/kr/dcim-o1-kr1")
        with page.expect_response(lambda one: one.url.endswith("stream") and one.ok):
            pass
        site.clock.advance(hours=1)
        now = site.clock.now()
        record_manual(site.store, "racks", 99.0, note=None, by="Ada", at=now, now=now)
        assess_all(site.store, site.clock)
        expect(page.locator("h1")).to_contain_text("Achieved", timeout=SHOWN_MILLISECONDS / 2)

    assert (first.value.status, first.value.headers["retry-after"]) == (429, "1")


def test_a_page_of_the_past_stays_as_it_was(browser: Browser, told: Site) -> None:
    with opened(browser, told) as (page, _):
        page.goto("/?at=2026-01-20")

        sources = [each.get_attribute("src") or "" for each in page.locator("script").all()]
        assert [each.partition("?")[0] for each in sources] == ["/static/days.js"]


def test_people_go_to_a_day_with_the_slider_and_stay_there_from_page_to_page(
    browser: Browser, told: Site
) -> None:
    with opened(browser, told) as (page, complaints):
        page.goto("/?team=dcim")
        slider = page.get_by_role("slider")
        for _ in range(10):
            slider.press("ArrowLeft")
            # a step of the keyboard is let go at once
            page.wait_for_url("**at=2026-01-*")
        expect(page.locator(".asof output")).to_have_text("21 Jan")
        assert "team=dcim" in page.url

        page.get_by_role("link", name="Feed").click()
        page.wait_for_url("**/feed?at=2026-01-21**")
        expect(page.locator("ol.told").first).to_be_visible()

        page.get_by_role("link", name="Now").click()
        page.wait_for_url("**/feed?")
        assert complaints == []


def test_without_scripts_a_field_takes_the_day(browser: Browser, told: Site) -> None:
    with opened(browser, told, java_script_enabled=False) as (page, _):
        page.goto("/hygiene")
        expect(page.get_by_role("slider")).to_be_hidden()

        page.get_by_label("Day", exact=True).fill("2026-01-20")
        page.get_by_role("button", name="Go").click()

        page.wait_for_url("**/hygiene?at=2026-01-20")
        expect(page.locator("main")).to_contain_text("As it was told by 20 Jan 2026")


def test_people_come_from_the_feed_to_an_event_and_to_how_it_was_then(
    browser: Browser, told: Site
) -> None:
    with opened(browser, told) as (page, complaints):
        page.goto("/feed")
        page.get_by_label("Key result").fill("dcim-o1-kr1")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**kr=dcim-o1-kr1**")
        page.locator("ol.told li > a").last.click()
        page.wait_for_url("**/event/**")

        page.get_by_role("link", name="As it was told then").click()

        expect(page.locator("p.closed")).to_contain_text("As it was told by")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Racks modelled")
        assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_people_search_with_the_keyboard_and_go_on_to_a_key_result(
    browser: Browser, told: Site, *, scripts: bool
) -> None:
    with opened(browser, told, java_script_enabled=scripts) as (page, _):
        page.goto("/")
        page.get_by_label("Search").fill("racks modelled")
        page.get_by_label("Search").press("Enter")
        page.wait_for_url("**q=racks**")
        rows = page.locator("table.krs td.c-title")
        expect(rows).to_have_count(1)

        rows.get_by_role("link").press("Enter")
        page.wait_for_url("**/kr/dcim-o1-kr1")

        expect(page.get_by_role("heading", level=1)).to_contain_text("Racks modelled")


def test_from_a_source_people_come_to_the_key_result_and_to_what_fails(
    browser: Browser, told: Site
) -> None:
    with opened(browser, told) as (page, _):
        page.goto("/")
        page.get_by_role("link", name="Dependencies").click()
        page.locator(".node a", has_text="Title of ce-o1-kr1").click()
        page.wait_for_url("**/kr/ce-o1-kr1")

        expect(page.locator("#needs")).to_contain_text("Optics arrive")


def test_it_prints_without_what_is_for_screens(browser: Browser, told: Site) -> None:
    with opened(browser, told) as (page, _):
        page.goto("/")
        page.emulate_media(media="print")

        expect(page.locator("form.choice")).to_be_hidden()
        expect(page.locator(".top nav")).to_be_hidden()
        expect(page.locator("table.krs")).to_be_visible()


def test_age_grows_on_an_open_page(browser: Browser, told: Site) -> None:
    with opened(browser, told) as (page, _):
        page.clock.install()
        page.goto("/")
        shown = page.locator("table.krs td time").first
        before = shown.inner_text()

        told.clock.move_to(told.clock.now() + timedelta(days=3))
        page.clock.run_for(31_000)

        expect(shown).not_to_have_text(before)


def test_what_strangers_write_does_no_harm(browser: Browser, told: Site) -> None:
    evil = "<img src=x onerror=alert(1)>{{ 7 * 7 }}%s\u202e"
    titles = {"dcim-o1-kr1": evil + "x" * 30_000, "dcim-o1-kr2": evil + "\u2066 word" * 3000}
    put(
        told,
        catalogue(
            [RACKS, SCAN],
            [
                key_result("dcim-o1-kr1", RACKS, target=GOAL, title=titles["dcim-o1-kr1"]),
                key_result("dcim-o1-kr2", SCAN, title=titles["dcim-o1-kr2"]),
                key_result("ce-o1-kr1", RACKS, target=GOAL, needs=("dcim-o1-kr1",)),
            ],
            starts=START,
        ),
    )
    publish_all(told)
    asked: list[str] = []
    wide = {}

    def dismissed(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    with opened(browser, told, viewport={"width": 390, "height": 800}) as (page, complaints):
        page.on("dialog", dismissed)
        for path in ("/", "/kr/dcim-o1-kr1", "/kr/dcim-o1-kr2", "/dependencies", "/feed"):
            page.goto(path)
            assert page.locator("img").count() == 0, path
            wide[path] = page.evaluate("document.documentElement.scrollWidth")

    assert asked == []
    assert complaints == []
    assert {path: width for path, width in wide.items() if width > 390} == {}
