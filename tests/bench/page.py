"""The page `docs/reference/performance.md`, of what a run found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.bench.measuring import Json

HEAD = """# Performance

Written by `make bench` (`tests/bench`), which measured all of it in one run; nothing here is written by hand.
A figure is the median of its repeats, with the least and the most in brackets. Processor and memory are those of a
process that does nothing else; memory is the most that it held, Python and libraries included. An exponent is that of
the size in the line of least squares through the logarithms: 0 is flat, 1 is in proportion. No test asserts a time;
what is counted is held to by `make bench-check`. How large a machine must be: [capacity](../guide/capacity.md).
"""
SIGNS = {True: "met", False: "**not met**", None: "not measured"}


def written(run: Json) -> str:
    """The page's text."""
    return "\n".join(_lines(run)).rstrip() + "\n"


def _lines(run: Json) -> Iterator[str]:
    yield HEAD
    yield "## The machine and the run\n"
    yield from _table(["", ""], [[name, value] for name, value in run["machine"].items()])
    yield ""
    yield "## Aims\n"
    yield from _table(
        ["part", "aim", "found", ""],
        [
            [part["title"], aim["aim"], aim["found"], _sign(run, aim["met"])]
            for part in run["parts"]
            for aim in part.get("aims", ())
        ],
    )
    if missing := run.get("missing"):
        yield f"\nNot measured in this run: {'; '.join(missing)}."
    for part in run["parts"]:
        yield from _part(part)


def _sign(run: Json, met: bool | None) -> str:
    if run.get("quick"):
        return "not judged: the quick form has other sizes"
    return SIGNS[met]


def _part(part: Json) -> Iterator[str]:
    yield f"\n## {part['number']}. {part['title']}\n"
    if "failed" in part:
        yield "This part failed, and nothing is known of it:\n"
        yield f"```\n{part['failed']}\n```"
        return
    for sentence in part["method"]:
        yield f"- {sentence}"
    for table in part["tables"]:
        yield f"\n**{table['title']}**\n"
        yield from _table(
            table["columns"], [[cell["text"] for cell in row] for row in table["rows"]]
        )
    yield f"\nTook {part['seconds']:.0f} s."


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(each) for each in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def failed(part: Mapping[str, Json], words: str) -> Json:
    """What the page has of a part that failed."""
    return {**part, "failed": words}
