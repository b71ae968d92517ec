"""Where a number comes from, as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from syncd.cli.printing import Document, status_sign
from syncd.doubting import runs_words
from syncd.wording import NOTHING, duration

_LISTS = {
    "fail": "fail",
    "pending": "are pending",
    "pass": "pass",
    "all": "are looked at",
    "extra": "are missing here",
}


def explanation(console: Console, document: Document) -> None:
    """From the query to the objects and, for a key result, on to its status."""
    key_result, indicator = document["key_result"], document["indicator"]
    if document["as_of"]:
        console.print(Text(f"{document['as_of']}.", style="italic"), soft_wrap=True)
    if key_result is not None:
        title = Text(key_result["title"], style="bold")
        console.print(title + Text(f"  {key_result['id']}", style="dim"))
        console.print(status_sign(key_result["status"]) + Text(f"  {key_result['reason']}"))
    else:
        console.print(Text(indicator["indicator"], style="bold"))
    _query(console, indicator)
    _number(console, indicator)
    _parts(console, indicator)
    _objects(console, document["objects"], indicator)
    if key_result is not None:
        _judgement(console, key_result)


def _query(console: Console, indicator: Document) -> None:
    _heading(console, "What is measured")
    source = f" on {indicator['source']}" if indicator["source"] else ""
    _line(console, indicator["measure"] + source, indicator["what"])
    for key, value in indicator["definition"].items():
        if key != "measure":
            _line(console, key, value)
    if indicator["link"]:
        _line(console, "see it", indicator["link"])


def _number(console: Console, indicator: Document) -> None:
    _heading(console, "Number")
    reading = indicator["reading"]
    if reading is None:
        _text(console, "  nothing has been read yet")
    else:
        _reading(console, reading, indicator["value_text"])
    if indicator["manual"] is not None:
        given = indicator["manual"]
        note = f": {given['note']}" if given["note"] else ""
        _line(console, "given", f"by {given['by']} as of {given['at']}{note}")
    if indicator["partial_reading"] is not None:
        _text(console, "  A newer reading is partial: shown here, and not assessed.")
        _reading(console, indicator["partial_reading"], indicator["partial_text"])
    if indicator["quarantine"] is not None:
        _doubt(console, indicator)
    if indicator["untold"] is not None:
        _line(console, "untold", indicator["untold"])
    if indicator["error_type"]:
        since, kind = indicator["failing_since"], indicator["error_type"]
        _line(console, "failing", f"since {since}: {kind}: {indicator['error']}")
    if indicator["cost"] is not None:
        _line(console, "the last run took", indicator["cost"]["text"])
    if indicator["interval_seconds"] is not None and indicator["source"]:
        _line(console, "read every", duration(indicator["interval_seconds"]))


def _doubt(console: Console, indicator: Document) -> None:
    found = indicator["quarantine"]
    _line(console, "not believed", f"since {found['since']}: {found['text']}")
    if found["missing"] is None:
        _line(console, "released by", "nothing; mend its query, its unit or its filter")
        return
    if found["accepted_by"] is not None:
        _line(console, "accepted", f"by {found['accepted_by']}: {found['accepted_reason']}")
    when = f", not before {found['not_before']}" if found["not_before"] else ""
    _line(console, "released by", f"{runs_words(found['missing'])}{when}")
    _line(console, "or by", f'syncd accept {indicator["indicator"]} --reason "..."')


def _reading(console: Console, reading: Document, text: str) -> None:
    exact = "" if reading["value"] is None else f"  ({reading['value']})"
    _line(console, "value", f"{text}{exact}{_shades(reading)}")
    for key in ("numerator", "denominator", "pending", "objects", "raw"):
        if reading[key] is not None:
            _line(console, key, reading[key])
    _line(console, "observed", f"{reading['observed_at']} (holds for {reading['at']})")


def _shades(reading: Document) -> str:
    words = [word for word in ("approximate", "lower_bound") if reading[word]]
    words += [] if reading["complete"] else ["partial"]
    words += [] if reading["origin"] == "live" else [reading["origin"]]
    return "".join(f", {word.replace('_', ' ')}" for word in words)


def _parts(console: Console, indicator: Document) -> None:
    if indicator["parts"]:
        _heading(console, "Made of")
    for part in indicator["parts"]:
        role = "" if part["role"] == "part" else f"{part['role']}: "
        failing = f"  failing: {part['error']}" if part["error_type"] else ""
        seen = part["observed_at"] or "never"
        _text(
            console,
            f"  {role}{part['indicator']}  {part['value_text']}  observed {seen}{failing}",
        )
    coverage = indicator["coverage"]
    if coverage is None:
        return
    _line(console, "missing there", coverage["missing_there"])
    _line(console, "missing here", f"{coverage['missing_here']} (--outcome extra)")
    for side in ("of", "in"):
        for key in coverage[f"twice_{side}"]:
            holders = ", ".join(holder["label"] for holder in key[side])
            _line(console, f"held twice ({side})", f"{key['label']}: {holders}")


def _objects(console: Console, page: Document, indicator: Document) -> None:
    if page["total"] is None:
        return
    kind = "Keys" if indicator["coverage"] is not None else "Objects"
    _heading(console, f"{kind} that {_LISTS[page['outcome']]}: {page['total']}")
    for found in page["objects"]:
        outcome = f"  {found['outcome']}" if page["outcome"] == "all" else ""
        lacks = f": {', '.join(found['missing'])}" if found["missing"] else ""
        number = "" if found["number"] is None else f"  {found['number']:g}"
        where = f"  {found['url']}" if found["url"] else ""
        _text(console, f"  {found['label']}{outcome}{lacks}{number}  since {found['since']}{where}")
    last = page["offset"] + len(page["objects"])
    if page["objects"] and (page["offset"] or last < page["total"]):
        following = page["offset"] // page["limit"] + 2
        more = f"; --page {following} goes on" if last < page["total"] else ""
        _text(console, f"  {page['offset'] + 1} to {last} of {page['total']}{more}")
    if indicator["objects_text"]:
        _text(console, f"  ({indicator['objects_text']})")
    for lack in indicator["missing"]:
        _text(console, f"  {lack['objects']} in all: {lack['field']}")


def _judgement(console: Console, key_result: Document) -> None:
    _heading(console, "Judgement")
    start = key_result["start_value"]
    if start is not None:
        first = " (the first reading)" if key_result["start_is_first_reading"] else ""
        _line(console, "start", f"{start:g}{first}")
    _line(console, "target", f"{key_result['target_text']} by {key_result['due_text']}")
    for key in ("progress", "expected", "pace"):
        value = key_result[key]
        _line(console, key, "cannot be told" if value is None else f"{value:.4f}")
    if key_result["forecast_text"] != NOTHING:
        _line(console, "forecast", key_result["forecast_text"])
    _line(console, "status", f"{key_result['status']} since {key_result['since']}")
    if key_result["overridden"] is not None:
        _line(console, "measured", key_result["raw_status"])
    for one in key_result["adjustments"]:
        if one["in_force"] or (one["kind"] == "note" and one["withdrawn_at"] is None):
            _line(console, f"{one['kind']} {one['id']}", one["text"])
    if key_result["because"]:
        _line(console, "because of", ", ".join(key_result["because"]))


def _heading(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, style="bold"))


def _line(console: Console, key: str, value: Any) -> None:
    shown = value
    if isinstance(value, Mapping):
        shown = ", ".join(f"{name}: {each}" for name, each in value.items())
    _text(console, f"  {key}: {shown}")


def _text(console: Console, words: str) -> None:
    console.print(Text(words), soft_wrap=True, highlight=False)
