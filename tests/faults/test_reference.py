"""The page on faults says what the matrix holds every connector to."""

from __future__ import annotations

from pathlib import Path

from tests.faults.table import TABLE
from tests.faults.worlds import worlds
from tests.golden import held

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"

HEAD = """\
# What each fault becomes

What breaks between syncd and an upstream, and what is told of it. `tests/faults` makes this page and holds
each row to it, over real sockets and through the worker into a real store: in a run that reads everything and in one
that reads what changed, on the first page, a middle one and the last (of a number, the first of its queries, a middle
one and the last). `make test` plays each fault once with each connector, in one of those places in turn; `make crash`
plays all. Where no connection comes about (refused, DNS, TLS), on the first page there was none at all, and on the
others it was lost: nobody listens any more, the name is not known any more, the certificate is a stranger's now.

Of every row this is so:

- The run ends within its deadline, and is one `source.failing` in the [log](../guide/logs.md) and one
  `source_failing` in the [feed](../guide/feed.md), with this `error_type`; so says the API of the indicator.
- Verdicts, objects, readings and the cursor are as they were, and so is what the key result is called: it turns
  neither good nor bad by it. What is known ages, and is stale in its time.
- The next good run tells exactly what a store tells that never saw the fault, and is one `source.recovered` and one
  `source_recovered`.
- It is tried again at the source's own interval at the earliest, and not before the time that `Retry-After` asks for, a
  day at most.

"""


def page() -> str:
    names = [world.name for world in worlds()]
    rows = [
        ["fault", *names, "what a person sees"],
        ["---"] * (len(names) + 2),
    ]
    for fault, broken in TABLE.items():
        types = [f"`{broken.error_type}`" for _ in names]
        rows.append([fault, *types, f"“{broken.says}”"])
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_page_on_faults_is_made_of_what_the_matrix_holds_to() -> None:
    held(PAGE, page())
