"""What the tests of this folder share."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from syncd.demo.jira.meaning import Asking
from syncd.demo.jira.search import Search
from syncd.demo.jira.site import Site
from syncd.demo.jira.world import World
from tests.unit.demo.jira.worlds import NOW, seed

LA = ZoneInfo("America/Los_Angeles")
ASKING = Asking(NOW, LA, "u-alice")
_SITE = Site(seed(), "cloud")
SEARCH = Search(_SITE, World(_SITE, seed()))


# What can be seen now, by age: CE-1, CE-2, CE-4 (once OPS-2), CE-3, OPS-1.
ALL = "CE-1 CE-2 CE-4 CE-3 OPS-1"


def found(jql: str, asking: Asking = ASKING) -> str:
    ordered = jql if "order by" in jql.casefold() else f"{jql} ORDER BY created ASC"
    return " ".join(state.key for state in SEARCH.run(ordered, asking).states)
