"""The company page shows what its address asks for, in the order that it asks for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from syncd.model import External, ExternalState, Target, TargetType
from syncd.store.manual import record_manual
from syncd.surfaces import choosing
from tests.store.catalogues import START, by_hand, catalogue, key_result
from tests.store.state import assess_all, say_state
from tests.unit.surfaces.conftest import HOSTILE, Site, put

GOAL = Target(TargetType.AT_LEAST, goal=100.0)
AHEAD, BEHIND, NOTHING = by_hand("ahead"), by_hand("behind"), by_hand("nothing")


@pytest.fixture
def company(site: Site) -> Site:
    """Two teams: one key result that is ahead, one that is behind, one of which nothing is known,
    and one that is dragged by what is outside.
    """
    put(
        site,
        catalogue(
            [AHEAD, BEHIND, NOTHING],
            [
                key_result("dcim-o1-kr1", AHEAD, target=GOAL, title="Racks modelled"),
                key_result("dcim-o1-kr2", BEHIND, target=GOAL, title="Cables (50 %) modelled"),
                key_result("ce-o1-kr1", NOTHING, target=GOAL, title="Alerts with an issue"),
                key_result(
                    "ce-o2-kr1",
                    AHEAD,
                    target=GOAL,
                    title=HOSTILE,
                    owner=("Grace",),
                    needs=("external:optics",),
                    due=START + timedelta(days=20),
                ),
            ],
            [External("optics", "Optics arrive")],
            starts=START,
        ),
    )
    site.clock.advance(days=10)
    now = site.clock.now()
    for name, value in (("ahead", 90.0), ("behind", 1.0)):
        record_manual(site.store, name, value, note=None, by="Ada", at=now, now=now)
    say_state(site.store, "optics", ExternalState.SLIPPED, now)
    assess_all(site.store, site.clock)
    return site


def shown(site: Site, query: str = "") -> list[str]:
    """The ids of the lines of the table, in their order."""
    answer = site.client.get(f"/{query}")
    assert answer.status_code == 200
    table = answer.text.partition('<table class="krs">')[2]
    return re.findall(r'<td class="c-title"><a [^>]*>.*?</a> <span class="id">([^<]*)<', table)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["dcim-o1-kr1", "dcim-o1-kr2", "ce-o1-kr1", "ce-o2-kr1"]),
        ("?team=&status=&q=&sort=&at=", ["dcim-o1-kr1", "dcim-o1-kr2", "ce-o1-kr1", "ce-o2-kr1"]),
        ("?team=ce", ["ce-o1-kr1", "ce-o2-kr1"]),
        ("?status=no_data", ["ce-o1-kr1"]),
        ("?q=MODELLED", ["dcim-o1-kr1", "dcim-o1-kr2"]),
        ("?q=modelled+racks", ["dcim-o1-kr1"]),
        ("?q=grace", ["ce-o2-kr1"]),
        ("?q=50+%25", ["dcim-o1-kr2"]),
        ("?q=nobody+has+this", []),
        ("?sort=status&team=dcim", ["dcim-o1-kr2", "dcim-o1-kr1"]),
        ("?sort=title", ["ce-o2-kr1", "ce-o1-kr1", "dcim-o1-kr2", "dcim-o1-kr1"]),
    ],
)
def test_an_address_chooses_lines_and_their_order(
    company: Site, query: str, expected: list[str]
) -> None:
    assert shown(company, query) == expected


def test_the_furthest_behind_comes_first_and_the_unknown_last(company: Site) -> None:
    found = shown(company, "?sort=pace")

    assert (found[0], found[-1]) == ("dcim-o1-kr2", "ce-o1-kr1")


def test_the_first_that_is_due_comes_first(company: Site) -> None:
    assert shown(company, "?sort=due")[0] == "ce-o2-kr1"


def test_more_lines_than_a_page_has_are_a_step_away_and_keep_what_is_chosen(
    company: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "LINES", 3)

    pages = [shown(company, query) for query in ("?sort=title", "?sort=title&offset=3")]
    first, last, beyond = (
        company.client.get(f"/{query}").text
        for query in ("?sort=title", "?sort=title&offset=3", "?offset=9")
    )

    assert pages == [["ce-o2-kr1", "ce-o1-kr1", "dcim-o1-kr2"], ["dcim-o1-kr1"]]
    assert "Lines 1 to 3 of 4." in first
    assert '<a href="/?sort=title&amp;offset=3#krs">The rest</a>' in first
    assert "Lines 4 to 4 of 4." in last
    assert '<a href="/?sort=title&amp;offset=0#krs">Earlier</a>' in last
    assert "The rest" not in last
    assert '<a href="/?offset=6#krs">Earlier</a>' in beyond


def test_what_is_chosen_stands_in_the_form_and_how_many_that_are(company: Site) -> None:
    html = company.client.get('/?team=ce&q="><script>').text

    assert '<option value="ce" selected>' in html
    assert "0 of 4 key results" in html
    assert "No key result is like that." in html
    assert '"><script>' not in html


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?team=nobody", "team: got &#39;nobody&#39;; expected one of dcim, ce"),
        ("?status=fine", "status: got &#39;fine&#39;; expected one of achieved"),
        ("?colour=red", "colour: got &#39;red&#39;; expected one of at, offset, period, q"),
        ("?sort=luck", "sort: got &#39;luck&#39;; expected one of status"),
        (f"?q={'x' * 201}", "at most 200 characters"),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_name(company: Site, query: str, named: str) -> None:
    answer = company.client.get(f"/{query}")

    assert answer.status_code == 400
    assert named in answer.text


def test_what_slipped_is_told_with_what_it_drags(company: Site) -> None:
    html = company.client.get("/").text

    section = html.partition('id="dragging"')[2].partition("</section>")[0]
    assert "Optics arrive" in section
    assert 'href="/kr/ce-o2-kr1"' in section


def test_another_day_of_the_past_is_one_step_away_and_keeps_what_is_chosen(company: Site) -> None:
    company.clock.advance(days=2)
    html = company.client.get("/?team=ce&at=2026-01-12").text

    assert 'href="?team=ce&amp;at=2026-01-11"' in html
    assert 'href="?team=ce&amp;at=2026-01-13"' in html
    assert 'type="date" name="at" value="2026-01-12" min="2026-01-01" max="2026-01-13"' in html


def test_the_sentence_leads_to_the_lines_that_it_counts(company: Site) -> None:
    html = company.client.get("/").text
    (sentence,) = re.findall(r'<p class="sentence">.*?</p>', html, re.DOTALL)

    for query, status in re.findall(r'<a href="/(\?status=(\w+))#krs">', sentence):
        count = re.search(rf'class="{status}">(\d+) ', sentence)
        assert count is not None
        assert len(shown(company, query)) == int(count[1]) > 0
    assert "#krs" in sentence


def test_what_changed_is_that_of_the_week_or_else_says_that_there_is_none(company: Site) -> None:
    def changed() -> str:
        html = company.client.get("/").text
        return html.partition('class="changes"')[2].partition("</section>")[0]

    assert "What changed since Monday" in changed()
    assert f'href="/feed?since={company.clock.now():%Y-01-05}"' in changed()

    company.clock.advance(days=14)

    assert "since Monday</h2>" not in changed()
    assert "Nothing since Monday; before that:" in changed()
