"""The page on faults says what the matrix holds every connector to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.faults.own import EXACT, LATE
from tests.faults.table import TABLE
from tests.faults.test_own_faults import OWN
from tests.faults.worlds import worlds
from tests.golden import held

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"

READS = {(): "any run", ("changes",): "what changed", ("full",): "everything"}

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


OWN_HEAD = """
## Each one's own

What only one kind of upstream can do wrong. An `error_type` promises all that stands above. Where a fault is noticed and
does no harm the run tells the truth, and nothing fails:

- `exact`: it tells what a store tells that never saw the fault; `exact, a run later`: what was known stays, and the next
  run tells that.
- `partial`: the reading is shown as partial, and not assessed; `no value`: it has none, and the key result is `no_data`,
  neither good nor bad. Either is one line in the log as it begins (`reading.lacking`, with the words below) and one as it
  ends (`reading.whole`).
- `held back`: what came is [not believed](../guide/doubt.md); what was known stays as if the run had failed, and is one
  line in the log as it begins (`number.quarantined`, with the words below) and one as it ends (`number.released`).

NetBox is read by its REST API alone, so what GraphQL leaves out is met only as a list that is cut.

| fault | of | read | becomes | what a person sees, or why nothing has to be seen |
| --- | --- | --- | --- | --- |
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
    return HEAD + written(rows) + OWN_HEAD + written(list(own_rows()))


def own_rows() -> Iterator[list[str]]:
    for table in OWN.values():
        for fault, own in table.items():
            becomes = f"`{own.becomes}`" if own.fails else own.becomes
            said = f"“{own.says}”" if own.becomes not in (EXACT, LATE) else own.says
            yield [fault, ", ".join(own.worlds), READS[own.reads], becomes, said]


def written(rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_page_on_faults_is_made_of_what_the_matrix_holds_to() -> None:
    held(PAGE, page())
