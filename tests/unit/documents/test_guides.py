"""The commands that the guides show do what is shown, one after the other, on the README's key result.

Left out is what other tests run (named below), what needs a cluster, and `run`, which goes on.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.site import ROOT
from tests.unit.documents.reader import README, START, Reader, shown, this_quarter, today
from tests.unit.documents.snippets import blocks

PAGES = [
    "docs/guide/access.md",
    "docs/guide/alerts.md",
    "docs/guide/backfill.md",
    "docs/guide/backup.md",
    "docs/guide/doctor.md",
    "docs/guide/periods.md",
    "docs/guide/plan.md",
    "docs/guide/report.md",
    "docs/guide/webhooks.md",
    "docs/reference/hygiene.md",
]
ELSEWHERE = {
    "docs/guide/doubt.md": "tests/unit/cli/test_accept.py",
    "docs/guide/new-connector.md": "tests/unit/test_new_connector.py",
    "docs/guide/notifications.md": "tests/unit/cli/test_feed_commands.py",
    "docs/guide/people.md": "tests/unit/test_people_guide.py",
    "docs/reference/commands.md": "tests/unit/documents/test_commands.py",
}
NOTHING = {"syncd outbox retry --target webhook:ops": "there is none of these"}
"""What finds nothing to do here, and says so."""


def lines(page: str) -> list[str]:
    """The calls of syncd that a page shows and that come to an end."""
    text = "\n".join(shown(page, "sh")).replace("\\\n", " ")
    calls = [re.sub(r"\s+#.*$| > \S+$", "", one) for one in text.splitlines()]
    return [one for one in calls if one.startswith("syncd ") and not one.endswith(" run")]


def placed(line: str, folder: Path) -> str:
    """A line of the page in the reader's folder, today: a second store stands for PostgreSQL's."""
    line = line.replace("$(date +%F)", str(today()))
    line = line.replace("2026-Q1", this_quarter()).replace("q1-2026", "mine")
    line = re.sub(r"2026-\d\d-\d\d", str(today()), line)
    line = re.sub(r"postgresql://\S+", f"sqlite:///{folder / 'other.db'}", line)
    line = line.replace("/var/lib/syncd/syncd.db", str(folder / "store.db"))
    return line.replace("/backups", str(folder / "backups"))


@pytest.mark.parametrize("page", PAGES)
def test_what_a_guide_shows_can_be_done(page: str, tmp_path: Path, urls: dict[str, str]) -> None:
    reader = Reader(tmp_path, urls, README)
    reader.edit(
        "mappings/mine/platform.yaml",
        "objectives:",
        "indicators: {tracked_in_time: {measure: netbox.count, endpoint: dcim.racks}}\nobjectives:",
    )
    if page.endswith("periods.md"):  # a period closes before its end only where nothing goes on
        ended = f"abandoned: {{from: {today()}, reason: It is read out.}}"
        reader.edit("mappings/mine/platform.yaml", "checkpoints:", f"{ended}\n        checkpoints:")
    (tmp_path / "edited").symlink_to(tmp_path / "mappings" / "mine")
    (tmp_path / "backups").mkdir()
    reader.environment |= {"SYNCD_CONFIG": "settings.yaml", "SYNCD_MAPPINGS": "mappings/mine"}
    assert reader.does("syncd once").returncode == 0

    answers = {line: reader.does(placed(line, tmp_path)) for line in lines(page)}

    assert answers
    failed = {line: one.stderr + one.stdout for line, one in answers.items() if one.returncode}
    assert {line: said for line, said in failed.items() if NOTHING.get(line, "-") not in said} == {}


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_what_is_run_elsewhere_is(page: str, test: str) -> None:
    assert lines(page)
    assert (ROOT / test).is_file()


def test_no_page_is_left_out() -> None:
    pages = {block.place.partition("#")[0] for block in blocks("sh")}

    showing = {page for page in pages if lines(page)}
    assert showing == {*PAGES, *ELSEWHERE, README, START}
