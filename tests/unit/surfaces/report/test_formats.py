"""The formats: kept as files, safe from what titles say, made of the same document."""

from __future__ import annotations

import builtins
import html as html_module
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from syncd.surfaces.plain import plain
from syncd.surfaces.report import Report
from syncd.surfaces.report.html import html
from syncd.surfaces.report.markdown import escape, markdown
from syncd.surfaces.report.pdf import NoPdf, pdf
from syncd.surfaces.report.pictures import pictures
from tests.golden import held
from tests.unit.surfaces.report.conftest import Make
from tests.unit.surfaces.report.world import HOSTILE

KEPT = Path(__file__).parent / "golden"
PARSER = MarkdownIt("commonmark").enable("table")
PLAN = "https://wiki.example.org/r"
SHOWN = "Racks | `4` & <b>5</b> *dry* [here](http://evil.example) #set page(fill: red) # won"
"""What a reader sees of the hostile title."""


@pytest.fixture(scope="module")
def drawn(report: Report) -> dict[str, str]:
    return pictures(report)


@pytest.fixture(scope="module")
def in_markdown(report: Report, drawn: dict[str, str]) -> str:
    return markdown(report, {name: f"q1-charts/{name}.svg" for name in drawn})


@pytest.fixture(scope="module")
def as_page(report: Report) -> str:
    return html(report)


@pytest.fixture(scope="module")
def on_paper(report: Report) -> str:
    pages = PdfReader(io.BytesIO(pdf(report))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


class TestKept:
    def test_markdown_is_what_is_kept(self, in_markdown: str) -> None:
        held(KEPT / "report.md", in_markdown)

    def test_html_is_what_is_kept(self, as_page: str) -> None:
        held(KEPT / "report.html", as_page)

    def test_a_teams_part_is_what_is_kept(self, make: Make) -> None:
        held(KEPT / "networking.md", markdown(make(team="net")))

    def test_pictures_are_what_is_kept(self, drawn: dict[str, str]) -> None:
        for name in ("overview", "course", "dcim-o1-kr1"):
            held(KEPT / "q1-charts" / f"{name}.svg", drawn[name] + "\n")


class TestMarkdown:
    def test_every_row_of_every_table_has_the_cells_of_its_head(self, in_markdown: str) -> None:
        tokens = PARSER.parse(in_markdown)

        tables = _tables(tokens)
        assert len(tables) > 10
        for rows in tables:
            assert {len(cells) for cells in rows} == {len(rows[0])}
        # a row that fell out of its table would be a paragraph that begins with a bar
        paragraphs = [token.content for token in tokens if token.type == "inline"]
        assert not [text for text in paragraphs if text.startswith("|")]

    def test_a_hostile_title_is_read_as_it_was_written(self, in_markdown: str) -> None:
        texts = [
            _read(cell)
            for rows in _tables(PARSER.parse(in_markdown))
            for row in rows
            for cell in row
        ]

        assert [text for text in texts if SHOWN in text]
        rendered = PARSER.render(in_markdown)
        assert "evil.example" not in "".join(re.findall(r'href="[^"]*"', rendered))
        assert "<b>5</b>" not in rendered

    def test_pictures_are_named_relative_to_it_and_all_exist(
        self, in_markdown: str, drawn: dict[str, str]
    ) -> None:
        named = re.findall(r"!\[[^]]*\]\(<q1-charts/([a-z0-9-]+)\.svg>\)", in_markdown)

        assert set(named) == set(drawn)
        for svg in drawn.values():
            checked = _Balance()
            checked.feed(svg)
            assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
            assert checked.open == checked.fetched == []

    def test_without_pictures_it_names_none(self, report: Report) -> None:
        assert "![" not in markdown(report)

    @given(text=st.text(max_size=60))
    def test_any_text_is_read_as_it_was_written_in_a_cell_and_in_a_line(self, text: str) -> None:
        cells = _tables(PARSER.parse(f"| head | other |\n|---|---|\n| x {escape(text)} | end |\n"))
        line = PARSER.parse(str(escape(text)))

        assert [len(row) for row in cells[0]] == [2, 2]
        assert _read(cells[0][1][0]) == f"x {plain(text)}".strip()
        assert [token.type for token in line] in (
            [],
            ["paragraph_open", "inline", "paragraph_close"],
        )
        assert " ".join(_read(token) for token in line if token.type == "inline") == plain(text)

    @pytest.mark.parametrize(
        ("text", "kept"), [("12:00", "12:00"), ("74.1 %", "74.1 %"), ("snake_case", "snake_case")]
    )
    def test_what_means_nothing_is_left_alone(self, text: str, kept: str) -> None:
        assert str(escape(text)) == kept

    @pytest.mark.parametrize(
        "text", ["https://evil.example", "www.evil.example", ":smile:", "@ada", "#12", "!34", "$x$"]
    )
    def test_what_the_forges_would_turn_into_something_else_is_stopped(self, text: str) -> None:
        assert "\\" in str(escape(text))


class TestHtml:
    def test_it_is_whole_and_needs_nothing_from_outside(self, as_page: str) -> None:
        checked = _Balance()
        checked.feed(as_page)

        assert checked.open == []
        assert not checked.fetched
        assert [url for url in checked.followed if not url.startswith("#")] == [PLAN]
        assert "<script" not in as_page

    def test_a_hostile_title_is_read_as_it_was_written(self, as_page: str) -> None:
        assert html_module.escape(SHOWN, quote=False) in as_page.replace("&#34;", '"')
        assert "<b>5</b>" not in as_page

    def test_a_status_has_its_shape_and_word_and_not_its_colour_alone(self, as_page: str) -> None:
        signs = re.findall(
            r'<span class="sign \w+"><span aria-hidden="true">(.)</span> ([\w ]+)', as_page
        )

        assert len(signs) > 40
        assert {"●", "◆", "▲", "◌", "–"} <= {shape for shape, _ in signs}


class TestPdf:
    def test_it_says_what_the_other_formats_say(self, report: Report, on_paper: str) -> None:
        for said in (*report.headline, *(team.overview for team in report.teams)):
            assert " ".join(said.split()) in on_paper
        for risk in report.risks:
            assert " ".join(risk.why.split()) in on_paper

    def test_a_hostile_title_is_read_as_it_was_written(self, on_paper: str) -> None:
        assert "#set page(fill: red)" in on_paper
        assert "<b>5</b>" in on_paper

    def test_where_it_cannot_be_made_the_extra_is_named(
        self, report: Report, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = builtins.__import__

        def without(name: str, *rest: Any, **more: Any) -> Any:
            if name == "typst":
                raise ImportError(name)
            return real(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", without)

        with pytest.raises(NoPdf, match=r"syncd\[pdf\]"):
            pdf(report)


def test_the_hostile_title_is_hostile() -> None:
    assert plain(HOSTILE) == SHOWN != HOSTILE


def _tables(tokens: Any) -> list[list[list[Any]]]:
    tables: list[list[list[Any]]] = []
    for token in tokens:
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif (token.type == "inline" and tables and token.level >= 4 and token.map is None) or (
            token.type == "inline" and tables and tables[-1] and token.level == 4
        ):
            tables[-1][-1].append(token)
    return tables


def _read(token: Any) -> str:
    """What a reader sees of a line of Markdown."""
    return "".join(
        child.content if child.type in ("text", "code_inline", "text_special") else ""
        for child in token.children or ()
    )


class _Balance(HTMLParser):
    """Which elements are still open, and what a browser would fetch or follow."""

    VOID = frozenset({"meta", "br", "link", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.followed: list[str] = []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.handle_startendtag(tag, attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        found = dict(attributes)
        if tag == "a":
            self.followed.append(found["href"])
        else:
            self.fetched += [found[name] for name in ("src", "href", "xlink:href") if name in found]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
