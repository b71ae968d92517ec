"""Every page has its place in the navigation of the site, and every link in the tree leads somewhere.

`make docs` builds the site strictly; this needs nothing of it, so that a page that moved is noticed at once.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from deploy.site import BESIDE, FENCE, FOLDERS, ROOT, led, links

DOCS = ROOT / "docs"
PAGES = [*(ROOT / path for path in BESIDE), *sorted(DOCS.rglob("*.md"))]
NAVIGATION = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
NAMED = re.findall(r": ([\w/.-]+(?:\.md|/))$", NAVIGATION, re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    """Those of a page's headings, as GitHub and the site make them."""
    text = "".join(FENCE.split(page.read_text(encoding="utf-8"))[::2])
    headings = re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one).strip().lower() for one in headings]
    return {re.sub(r"[^\w\- ]", "", one).replace(" ", "-") for one in words}


def test_every_page_is_in_the_navigation_once_and_nothing_else_is() -> None:
    folders = tuple(f"{name}/" for name in FOLDERS)
    inside = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    pages = [one for one in inside if not one.startswith(folders)]

    assert len(pages) > 30
    assert sorted(NAMED) == sorted([*pages, *BESIDE.values(), *folders])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in links(page.read_text(encoding="utf-8")):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = page.parent / file if file else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


class TestLinksOfTheSite:
    def test_lead_from_a_file_beside_docs_to_the_page(self) -> None:
        text = "[x](docs/guide/feed.md#what-is-told) ![y](docs/images/company.png)"

        assert (
            led("README.md", text, "") == "[x](guide/feed.md#what-is-told) ![y](images/company.png)"
        )
        assert (
            led("docs/guide/alerts.md", "[demo](../../README.md#try-it)", "")
            == "[demo](../index.md#try-it)"
        )

    def test_lead_into_the_repository_where_the_site_lacks_the_file(self) -> None:
        text = "[made](../../deploy/manifests/)"

        assert (
            led("docs/guide/kubernetes.md", text, "https://git.example.org/us/syncd")
            == "[made](https://git.example.org/us/syncd/blob/HEAD/deploy/manifests)"
        )
        assert led("docs/guide/kubernetes.md", text, "") == "made"

    def test_are_left_where_they_lead_nowhere_so_that_the_build_fails(self) -> None:
        for text in (
            "[x](nothing.md)",
            "[x](/guide/feed.md)",
            "[x](#here)",
            "[x](https://a.example)",
        ):
            assert led("docs/guide/alerts.md", text, "") == text

    def test_are_none_in_code(self) -> None:
        text = "a\n```md\n[x](../../README.md)\n```\n"

        assert led("docs/guide/alerts.md", text, "") == text
        assert list(links(text)) == []
