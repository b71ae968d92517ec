"""docs/guide/logs.md lists every event of the log, with its level and its keys."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.log_events import ROOT, logged

PAGE = ROOT / "docs" / "guide" / "logs.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| `([a-z]+)` \|([^|]*)\| \S[^|]* \|$", re.MULTILINE)


def _table() -> str:
    """The rows under the heading, up to where they break off; a row elsewhere is in no table."""
    (_, rows) = PAGE.read_text().split("\n## Every event\n")
    return rows[rows.index("\n|---|") :].partition("\n\n")[0]


def _written() -> dict[str, tuple[set[str], set[str]]]:
    return {
        event: ({level}, set(re.findall(r"`([a-z_]+)`", keys)))
        for event, level, keys in ROW.findall(_table())
    }


def _in_the_code() -> dict[str, tuple[set[str], set[str]]]:
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for one in logged():
        levels, keys = found[one.event]
        levels.add(one.level)
        keys |= one.keys
    return dict(found)


def test_the_page_of_the_log_lists_every_event_with_its_one_level_and_its_keys() -> None:
    code = _in_the_code()

    assert len(code) > 30
    assert _written() == code
    assert list(_written()) == sorted(code)
