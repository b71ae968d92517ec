"""What the documentation's site needs beside `docs/`: hooks of MkDocs, see `mkdocs.yml`.

The pages stay as they are read in the tree. The site has a few files of the tree as pages too, and
links among all of them are turned from places in the tree into places in the site.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).parents[1]
# files of the tree that are pages of the site, and where
BESIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "deploy/chart/syncd/README.md": "guide/chart.md",
}
# folders that the navigation names whole: a page of one needs no line there
FOLDERS = ("decisions", "runbooks")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)="(?:https?:)?//')


def links(text: str) -> Iterator[str]:
    """Where the links and pictures of a page lead, as it is written there; code has none."""
    for part in FENCE.split(text)[::2]:
        for found in LINK.finditer(part):
            yield found[3]


def place(path: str) -> str | None:
    """Where in the site a file of the tree is, by its path from the root; None: it is not there."""
    inside = path.removeprefix("docs/") if path.startswith("docs/") else None
    return BESIDE.get(path, inside)


def led(path: str, text: str, repository: str) -> str:
    """The text of a page of the tree, its links leading to places of the site. What the site lacks
    is looked up in the repository, an address without a slash at its end; with none, a link to it
    is its words alone.
    """
    here = place(path)
    if here is None:
        raise ValueError(f"{path} is no page of the site")

    def led_on(found: re.Match[str]) -> str:
        mark, words, target = found.groups()
        file, _, anchor = target.partition("#")
        wanted = os.path.normpath(PurePosixPath(path).parent / file)
        if not file or re.match(r"\w+:|/", target) or not (ROOT / wanted).exists():
            return found[0]  # what leads nowhere is left for the build to refuse
        there = None if (ROOT / wanted).is_dir() else place(wanted)
        if there is not None:
            relative = os.path.relpath(there, PurePosixPath(here).parent)
            return f"{mark}[{words}]({relative}{'#' + anchor if anchor else ''})"
        return f"[{words}]({repository}/blob/HEAD/{wanted})" if repository else words

    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(led_on, part) for part in parts[::2]]
    return "".join(parts)


def folder(name: str) -> list[str]:
    """The pages of a folder of `docs/`, its README first, as places in the site."""
    found = sorted(path.name for path in (ROOT / "docs" / name).glob("*.md"))
    return [f"{name}/{one}" for one in sorted(found, key=lambda one: one != "README.md")]


def title(page: str) -> str:
    """The heading of a page of `docs/`, by its place in the site."""
    first = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ").replace("`", "")


# What MkDocs calls, by these names


def on_config(config: Any) -> None:
    """Puts the pages of whole folders into the navigation, where it names the folder."""

    def whole(items: list[Any]) -> list[Any]:
        made: list[Any] = []
        for item in items:
            for name, value in item.items():
                if isinstance(value, list):
                    made.append({name: whole(value)})
                elif value.rstrip("/") in FOLDERS:
                    first, *rest = folder(value.rstrip("/"))
                    made.append({name: [{"About these": first}, *({title(p): p} for p in rest)]})
                else:
                    made.append({name: value})
        return made

    config.nav = whole(config.nav)


def on_files(files: Any, config: Any) -> None:
    """Adds the pages that stand outside of `docs/`."""
    from mkdocs.structure.files import File

    for path, there in BESIDE.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        files.append(File.generated(config, there, content=text))


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """The text of a page, its links leading to places of the site."""
    here = page.file.src_uri
    outside = {there: path for path, there in BESIDE.items()}
    return led(outside.get(here, f"docs/{here}"), markdown, config.extra["repository"])


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The page as it is. Raises PluginError for one whose reader would ask other servers."""
    from mkdocs.exceptions import PluginError

    if found := ELSEWHERE.search(output):
        raise PluginError(f"{page.file.src_uri} loads something from elsewhere: {found[0]}")
    return output
