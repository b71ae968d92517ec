"""A plan as people read it in a terminal. Signs and words first, colour beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from syncd.cli.printing import status_sign
from syncd.plan import Cost, Difference, FieldChange, How, Kind, Movement, Plan, Standing
from syncd.wording import NOTHING

SIGNS: Mapping[How, tuple[str, str]] = {
    How.ADDED: ("+", "green"),
    How.REMOVED: ("-", "red"),
    How.CHANGED: ("~", "yellow"),
}
MANY = 3
"""A change that so many key results have alike is told once."""


def plan(console: Console, made: Plan) -> None:
    """The differences, what they move, what they cost, and a line that sums it up."""
    if not made.changes:
        console.print("No changes: the mapping files say what is in force.")
        return
    shared = _shared(made.differences)
    for fields, keys in shared.items():
        _print(console, Text.assemble(_sign(How.CHANGED), f" {len(keys)} key results alike"))
        _fields(console, fields)
    alike = {field for fields in shared for field in fields}
    moved = {one.key: one for one in made.movements}
    for difference in made.differences:
        own = tuple(field for field in difference.fields if field not in alike)
        if difference.how is How.CHANGED and not own:
            continue
        _difference(console, difference, own)
        if difference.kind is Kind.KEY_RESULT and difference.key in moved:
            _movement(console, moved.pop(difference.key), difference.how)
    if moved:
        console.print()
        _print(console, Text("What else would move", style="bold"))
        for one in moved.values():
            _print(console, _named(How.CHANGED, Kind.KEY_RESULT, one.key, one.title))
            _movement(console, one, How.CHANGED)
    for name, why in made.unread.items():
        _print(console, Text(f"\N{BULLET} {name} has no number yet: {why}", style="yellow"))
    _costs(console, made.costs)
    console.print()
    _print(console, Text(_summary(made), style="bold"))


def _shared(found: Sequence[Difference]) -> dict[tuple[FieldChange, ...], list[str]]:
    """Changes that many key results have alike, such as another calendar, with who has them."""
    keys: dict[FieldChange, list[str]] = defaultdict(list)
    for one in found:
        if one.kind is Kind.KEY_RESULT and one.how is How.CHANGED:
            for field in one.fields:
                keys[field].append(one.key)
    return {(field,): its for field, its in keys.items() if len(its) >= MANY}


def _difference(console: Console, one: Difference, fields: Sequence[FieldChange]) -> None:
    _print(console, _named(one.how, one.kind, one.key, one.title))
    if one.how is not How.REMOVED:
        _fields(console, fields)


def _named(how: How, kind: Kind, key: str, title: str) -> Text:
    line = Text.assemble(_sign(how), f" {kind.value}", (f" {key}" if key else "", "bold"))
    return line.append(f" {title}") if title and title != key else line


def _fields(console: Console, fields: Sequence[FieldChange]) -> None:
    for field in fields:
        line = Text(f"    {field.name}: ")
        if field.before is not None:
            line.append(field.before, style="red")
        if field.before is not None and field.after is not None:
            line.append(" \N{RIGHTWARDS ARROW} ")
        if field.after is not None:
            line.append(field.after, style="green")
        elif field.before is not None:
            line.append(" (taken out)")
        _print(console, line)


def _movement(console: Console, one: Movement, how: How) -> None:
    before, after = one.before, one.after
    if how is How.REMOVED:
        if before is not None:
            _print(console, Text.assemble("    was ", _told(before)))
        return
    if one.unread:
        _print(console, Text(f"    its new number is not known: {one.unread}", style="yellow"))
    if after is None:
        return
    if before is None:
        _print(console, Text.assemble("    would be ", _told(after)))
    elif (before.value_text, before.progress, before.status, before.raw_status) != (
        after.value_text,
        after.progress,
        after.status,
        after.raw_status,
    ):
        _print(
            console,
            Text.assemble("    ", _told(before), " \N{RIGHTWARDS ARROW} ", _told(after)),
        )
    if before is not None and before.expected != after.expected:
        words = f"    expected by now {_percent(before.expected)} \N{RIGHTWARDS ARROW} "
        _print(console, Text(words + _percent(after.expected)))
    if after.raw_status is not after.status and one.later:
        line = Text.assemble("    told as ", status_sign(after.raw_status.value))
        _print(console, line.append(f" from {one.later} on, if it lasts until then"))
    if before is None or before.reason != after.reason:
        _print(console, Text(f"    {after.reason}", style="dim"))


def _told(one: Standing) -> Text:
    text = Text(f"{one.value_text}, {_percent(one.progress)} done, ")
    text.append_text(status_sign(one.status.value))
    if one.raw_status is not one.status:
        text.append(" (at this moment ").append_text(status_sign(one.raw_status.value)).append(")")
    return text


def _costs(console: Console, found: Sequence[Cost]) -> None:
    if not found:
        return
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("Requests to", "queries", "a day now", "a day then", "", "to begin with"):
        table.add_column(title, justify="left" if title == "Requests to" else "right")
    for one in found:
        queries = f"{one.scopes_before}"
        if one.scopes_after != one.scopes_before:
            queries += f" \N{RIGHTWARDS ARROW} {one.scopes_after}"
        change = one.after_per_day - one.before_per_day
        table.add_row(
            Text(one.source),
            queries,
            f"{one.before_per_day:,.0f}",
            f"{one.after_per_day:,.0f}",
            f"{change:+,.0f}" if round(change) else "",
            f"{one.first_requests}" if one.first_requests else NOTHING,
        )
    console.print(table)
    unknown = sum(one.unknown for one in found)
    if unknown:
        plural = "y has" if unknown == 1 else "ies have"
        _print(console, Text(f"{unknown} quer{plural} not been read, and count as none.", "dim"))


def _summary(made: Plan) -> str:
    def count(kind: Kind, how: How) -> int:
        return sum(one.kind is kind and one.how is how for one in made.differences)

    parts = []
    for kind in (Kind.KEY_RESULT, Kind.INDICATOR):
        for how in How:
            number = count(kind, how)
            if number:
                parts.append(f"{number} {kind.value}{'' if number == 1 else 's'} {how.value}")
    others = sum(one.kind not in (Kind.KEY_RESULT, Kind.INDICATOR) for one in made.differences)
    if others:
        parts.append(f"{others} other difference{'' if others == 1 else 's'}")
    statuses = sum(
        one.before is not None
        and one.after is not None
        and one.before.raw_status is not one.after.raw_status
        for one in made.movements
    )
    moves = f"{statuses} status{'' if statuses == 1 else 'es'} would move"
    return f"{', '.join(parts) or 'No difference in words'}; {moves}. Nothing was applied."


def _percent(ratio: float | None) -> str:
    return "unknown" if ratio is None else f"{ratio * 100:.1f} %".replace(".0 %", " %")


def _sign(how: How) -> tuple[str, str]:
    return SIGNS[how]


def _print(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True, highlight=False)
