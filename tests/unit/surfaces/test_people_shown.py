"""What people say of a key result is shown wherever its status is, and is never taken for markup."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from syncd.model import AdjustmentKind, Status
from syncd.store.adjusting import AdjustmentView, say, withdraw
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import HOSTILE, Site
from tests.unit.surfaces.test_metrics import samples

KEY = "dcim-o1-kr1"
NOTE, PAUSE, OVERRIDE = AdjustmentKind.NOTE, AdjustmentKind.PAUSE, AdjustmentKind.OVERRIDE
LABELS = (KEY, "dcim-o1", "dcim")
OTHER = ("dcim-o2-kr3", "dcim-o2", "dcim")


def give(site: Site, kind: AdjustmentKind, **more: Any) -> AdjustmentView:
    """What is no note lasts ten days; an override tells that it is missed."""
    now = site.clock.now()
    options: dict[str, Any] = {"by": "Ada", "reason": "the vendor called", "since": now}
    if kind is not NOTE:
        options["until"] = now + timedelta(days=10)
    if kind is OVERRIDE:
        options["status"] = Status.MISSED
    view = say(site.store, KEY, kind, now=now, **(options | more))
    assess_all(site.store, site.clock)
    return view


def api(site: Site) -> Any:
    return next(
        kr for kr in site.client.get("/api/v1/krs").json()["key_results"] if kr["id"] == KEY
    )


def sentence(page: str) -> str:
    """The sentence that a page opens with, without its tags."""
    found = re.search(r'<span class="beside">(.*?</p>)', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(1)).split())


def row(site: Site, key: str = KEY) -> str:
    """A key result's row on the company page."""
    found = re.search(rf"<tr>(?:(?!</tr>).)*{key}.*?</tr>", site.client.get("/").text, re.DOTALL)
    assert found is not None
    return found.group()


class TestAnOverride:
    def test_is_told_by_the_api_beside_what_is_measured(self, told: Site) -> None:
        judged = api(told)["status"]
        view = give(told, OVERRIDE)

        found = api(told)
        assert (found["status"], found["raw_status"]) == ("missed", judged)
        assert found["paused"] is None
        assert found["overridden"] == {
            "id": view.said.id,
            "kind": "override",
            "status": "missed",
            "by": "Ada",
            "reason": "the vendor called",
            "since": "2026-01-01T08:01:00Z",
            "until": "2026-01-11T08:01:00Z",
            "text": "Set to missed until 11 Jan, 00:01 by Ada: the vendor called",
        }

    def test_stands_on_the_company_page_beside_the_status(self, told: Site) -> None:
        give(told, OVERRIDE)

        assert "Missed" in row(told)
        assert '<span class="hand">set by hand</span>' in row(told)
        assert "by Ada: the vendor called" in row(told)
        assert "hand" not in row(told, "dcim-o2-kr3")

    def test_opens_the_key_results_page_with_who_why_and_what_is_measured(self, told: Site) -> None:
        judged = api(told)["status"]
        give(told, OVERRIDE)

        page = told.client.get(f"/kr/{KEY}").text
        assert sentence(page).startswith("✖ Missed set by hand Set to missed until ")
        assert "by Ada: the vendor called; measured: " in sentence(page)
        assert f"<dt>Measured</dt><dd>{judged.replace('_', ' ')}</dd>" in page

    def test_is_a_metric_of_each_key_result(self, told: Site) -> None:
        give(told, OVERRIDE)

        body = told.metrics().text
        assert samples(body, "syncd_kr_overridden") == {LABELS: 1.0, OTHER: 0.0}
        assert samples(body, "syncd_kr_paused") == {LABELS: 0.0, OTHER: 0.0}
        assert samples(body, "syncd_kr_status")[(*LABELS[:2], "missed", "dcim")] == 1.0

    def test_that_is_over_is_shown_nowhere_but_in_the_list(self, told: Site) -> None:
        judged = api(told)["status"]
        give(told, OVERRIDE)
        told.clock.advance(days=10)
        assess_all(told.store, told.clock)

        found = api(told)
        assert found["overridden"] is None
        assert found["status"] != "missed"
        assert judged != "missed"
        assert "set by hand" not in told.client.get("/").text
        page = told.client.get(f"/kr/{KEY}").text
        assert "set by hand</span>" not in page
        assert "<dt>Measured</dt>" not in page
        assert re.search(r'<li class="quiet">.*Set to missed.*over</span></li>', page)


class TestAPause:
    def test_is_told_everywhere_that_the_status_is(self, told: Site) -> None:
        give(told, PAUSE)

        found = api(told)
        assert found["paused"]["text"].startswith("Paused until ")
        assert found["overridden"] is None
        assert '<span class="hand">paused</span>' in row(told)
        assert "paused" in sentence(told.client.get(f"/kr/{KEY}").text)
        body = told.metrics().text
        assert samples(body, "syncd_kr_paused") == {LABELS: 1.0, OTHER: 0.0}

    def test_holds_the_line_that_is_drawn_where_it_stands(self, told: Site) -> None:
        told.clock.advance(days=20)
        give(told, PAUSE)

        line = told.client.get(f"/api/v1/krs/{KEY}").json()["expected_line"]
        begins = told.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        ends = (told.clock.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
        heights = {corner["at"]: corner["ratio"] for corner in line}
        assert 0 < heights[begins] == heights[ends] < 1

    def test_is_a_bar_below_the_curve_with_its_sentence(self, told: Site) -> None:
        give(told, PAUSE)

        page = told.client.get(f"/kr/{KEY}").text
        (width, words) = re.findall(
            r'drawn-said"><path d="M[\d.]+,[\d.]+h([\d.]+)v6.*?<title>(.*?)</title>',
            page,
        )[0]
        assert float(width) == pytest.approx(720 * 10 / 90, abs=0.5)
        assert words == "Paused until 11 Jan, 00:01 by Ada: the vendor called"
        assert "below: ▭ paused, ▬ set by hand" in page


class TestANote:
    def test_is_a_mark_on_the_curve_and_an_entry_of_the_list(self, told: Site) -> None:
        told.clock.advance(days=45)
        give(told, NOTE)

        page = told.client.get(f"/kr/{KEY}").text
        (x, words) = re.findall(
            r'<a href="#said"><path transform="translate\(([\d.]+),.*?<title>(.*?)</title>', page
        )[0]
        assert words == "Note of 15 Feb by Ada: the vendor called"
        assert float(x) == pytest.approx(360, abs=1)
        assert "▾ notes" in page
        assert 'Note of 15 Feb by Ada: the vendor called <span class="id">note 1</span>' in page

    def test_of_another_quarter_is_in_the_list_and_off_the_curve(self, told: Site) -> None:
        give(told, NOTE, since=told.clock.now() - timedelta(days=40))

        page = told.client.get(f"/kr/{KEY}").text
        assert '<a href="#said">' not in page
        assert "Note of 22 Nov 2025 by Ada" in page

    def test_that_is_withdrawn_leaves_the_curve_and_stays_in_the_list(self, told: Site) -> None:
        view = give(told, NOTE)
        withdraw(
            told.store,
            int(view.said.id),
            of=KEY,
            by="Bob",
            reason="it was another one",
            now=told.clock.now(),
        )

        page = told.client.get(f"/kr/{KEY}").text
        assert '<a href="#said">' not in page
        assert "withdrawn on 00:01 by Bob: it was another one" in page

    def test_is_told_with_the_key_result_by_the_api(self, told: Site) -> None:
        give(told, NOTE)

        (found,) = told.client.get(f"/api/v1/krs/{KEY}").json()["adjustments"]
        assert (found["kind"], found["reason"], found["in_force"]) == (
            "note",
            "the vendor called",
            False,
        )


def test_what_changed_says_what_a_person_did_to_which_key_result(told: Site) -> None:
    give(told, OVERRIDE)

    changes = told.client.get("/").text.partition('class="changes"')[2].partition("</section>")[0]
    assert f'href="/kr/{KEY}"' in changes
    assert "Set to missed until 11 Jan, 00:01. By Ada: the vendor called (measured: " in changes


def test_nothing_that_people_write_is_markup(told: Site) -> None:
    for kind in AdjustmentKind:
        give(told, kind, by=HOSTILE, reason=HOSTILE)

    for path in ("/", f"/kr/{KEY}"):
        page = told.client.get(path).text
        assert HOSTILE not in page
        assert "by &lt;script&gt;" in page


def test_a_page_of_which_nobody_said_anything_has_no_place_for_it(told: Site) -> None:
    page = told.client.get(f"/kr/{KEY}").text

    assert "What people say" not in page
    assert "▾" not in page
    assert "▭" not in page
