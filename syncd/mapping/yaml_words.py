"""What the YAML parser stopped at, in words for a person; its own texts never reach an author."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ruamel.yaml.events import ScalarEvent

from syncd.mapping.fault import Location, excerpt
from syncd.mapping.query_text import imbalance

_VARIABLE = re.compile(r"\$\{[A-Za-z0-9_]*\}?")
_UNQUOTED_VARIABLE = re.compile(r"\"[^\"]*\"|'[^']*'|(\$\{[A-Za-z0-9_]+\})")


@dataclass(frozen=True)
class Complaint:
    """A fault that does not know its file yet."""

    line: int
    where: Location
    got: str
    expected: str
    fix: str


@dataclass(frozen=True)
class Stop:
    """Where the parser gave up.

    `index` and `opened` are character positions in `text`: of the problem, and of the beginning
    of what was being read. `where` is the last location reached, `last` the last scalar read,
    `in_flow` whether it stood inside ``[ ]`` or ``{ }``.
    """

    text: str
    problem: str
    context: str
    index: int | None
    opened: int | None
    where: Location
    in_flow: bool
    last: ScalarEvent | None

    @property
    def character(self) -> str:
        """The character at the problem ('' at the end)."""
        return "" if self.index is None else self.text[self.index : self.index + 1]

    @property
    def line(self) -> int:
        """The line of the problem, from 1."""
        return self.line_at(self.index if self.index is not None else 0)

    @property
    def key(self) -> str:
        """The key whose value was being read."""
        return next((str(step) for step in reversed(self.where) if isinstance(step, str)), "key")

    @property
    def key_location(self) -> Location:
        """The location of that key."""
        where = self.where
        while where and isinstance(where[-1], int):
            where = where[:-1]
        return where

    def line_at(self, index: int) -> int:
        """The line of a character position, from 1."""
        return self.text.count("\n", 0, index) + 1

    def rest_of_line(self, index: int) -> str:
        """The text from a position to the end of its line."""
        return self.text[index:].split("\n", 1)[0].rstrip("\r")


def explain(stop: Stop) -> Complaint:
    """The fault that a person would name, most specific first."""
    for words in _WORDS:
        complaint = words(stop)
        if complaint is not None:
            return complaint
    return Complaint(
        stop.line,
        stop.where,
        f"something that YAML cannot read: {excerpt(_line_text(stop)) or 'an empty line'}",
        "keys and values, indented with spaces",
        "look at the quotes, brackets and indentation of this line and the one above it",
    )


def _line_text(stop: Stop) -> str:
    lines = stop.text.split("\n")
    return lines[stop.line - 1] if stop.line <= len(lines) else ""


def _variable_in_brackets(stop: Stop) -> Complaint | None:
    last = stop.last
    if last is None or last.style is not None or stop.character != "{" or stop.index is None:
        return None
    if not str(last.value).endswith("$") or last.end_mark.index != stop.index:
        return None
    name = _VARIABLE.match(stop.text, stop.index - 1)
    in_list = bool(stop.where) and isinstance(stop.where[-1], int)
    brackets = "[ ]" if in_list else "{ }"
    return Complaint(
        stop.line_at(last.start_mark.index),
        stop.key_location,
        f"{name[0] if name else '${'} unquoted inside {brackets}",
        "quotes, because { opens a mapping there",
        _quoted_variables(stop, last, in_list=in_list),
    )


def _quoted_variables(stop: Stop, last: ScalarEvent, *, in_list: bool) -> str:
    """The author's text with its variables in quotes, ready to be pasted."""
    if str(last.value) != "$":
        return f"write the text under {stop.key}: |- on the next line"
    if not in_list or stop.opened is None:
        name = _VARIABLE.match(stop.text, last.start_mark.index)
        return f'{stop.key}: "{name[0] if name else "${...}"}"'
    end = stop.text.find("]", stop.opened)
    inside = stop.text[stop.opened : end + 1] if end >= 0 else stop.rest_of_line(stop.opened)
    quoted = _UNQUOTED_VARIABLE.sub(
        lambda match: f'"{match[1]}"' if match[1] else match[0], " ".join(inside.split())
    )
    return f"{stop.key}: {excerpt(quoted)}"


def _comment_in_brackets(stop: Stop) -> Complaint | None:
    last = stop.last
    if last is None or last.style is not None or not stop.in_flow:
        return None
    if not re.match(r"[ \t]+#", stop.rest_of_line(last.end_mark.index)):
        return None
    found = imbalance(str(last.value))
    return cut_at_comment(
        stop.line_at(last.start_mark.index),
        stop.where,
        stop.key,
        str(last.value),
        f"balanced {found.kind}" if found else "the closing } or ] before it",
    )


def cut_at_comment(
    line: int, where: Location, key: str, text: str, expected: str = "balanced quotes"
) -> Complaint:
    """The fault of a query whose rest YAML took for a comment."""
    return Complaint(
        line,
        where,
        f'text cut at " #" (YAML takes the rest as a comment): {excerpt(text)}',
        expected,
        f"write the query under {key}: |- on the next line",
    )


def _bracket_in_brackets(stop: Stop) -> Complaint | None:
    last = stop.last
    if last is None or last.style is not None or stop.character not in ("[", "{"):
        return None
    if stop.index is None or stop.text[last.end_mark.index : stop.index].strip():
        return None
    return Complaint(
        stop.line_at(last.start_mark.index),
        stop.where,
        f'text cut at "{stop.character}" (YAML takes it for its own inside {{ }}): '
        f"{excerpt(str(last.value))}",
        "text without [, { or , where it is not quoted",
        f"write the query under {stop.key}: |- on the next line",
    )


def _starts_with_quote(stop: Stop) -> Complaint | None:
    last = stop.last
    if last is None or last.style not in ('"', "'") or stop.index is None:
        return None
    between = stop.text[last.end_mark.index : stop.index]
    rest = stop.rest_of_line(last.end_mark.index).strip()
    if "\n" in between or not rest or rest[0] in ",]}#:":
        return None
    whole = stop.text[last.start_mark.index : last.end_mark.index]
    if "\n" in whole:
        return _open_quote(stop, last.start_mark.index)
    return Complaint(
        stop.line_at(last.start_mark.index),
        stop.where,
        f"text after the closing quote: {excerpt(whole + ' ' + rest)}",
        "nothing after it, because a value that starts with a quote ends with the same one",
        f"write the text under {stop.key}: |- on the next line",
    )


def _cannot_start(stop: Stop) -> Complaint | None:
    if "cannot start any token" not in stop.problem:
        return None
    if stop.character == "\t":
        return Complaint(
            stop.line,
            (),
            "a tab",
            "spaces, because YAML indents with nothing else",
            "replace the tab with spaces",
        )
    value = excerpt(stop.rest_of_line(stop.index or 0))
    if stop.character == "%" and stop.key == "unit":
        return Complaint(
            stop.line,
            stop.where,
            f'"{value}"',
            "a word, because YAML lets no value begin with %",
            "unit: percent",
        )
    quoted = value.replace("'", "''")
    return Complaint(
        stop.line,
        stop.where,
        f"a value that begins with {stop.character}",
        f"quotes, because YAML lets no value begin with {stop.character}",
        f"{stop.key}: '{quoted}'",
    )


def _colon_in_text(stop: Stop) -> Complaint | None:
    if "mapping values are not allowed" not in stop.problem or stop.index is None:
        return None
    last = stop.last
    start = last.start_mark.index if last is not None else stop.index
    if last is None or last.style is not None or stop.line_at(start) != stop.line:
        return Complaint(
            stop.line,
            stop.where,
            f"a key in the middle of a value: {excerpt(_line_text(stop))}",
            "one key a line, under the key before it",
            "look at the indentation of this line, and for a missing : on the line above",
        )
    text = stop.rest_of_line(start)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return Complaint(
        stop.line,
        stop.where,
        f'": " inside unquoted text: {excerpt(text)}',
        "quotes, because YAML takes it for a key",
        f'{stop.key}: "{excerpt(quoted)}"',
    )


def _open_quote(stop: Stop, index: int) -> Complaint:
    return Complaint(
        stop.line_at(index),
        stop.where,
        f"a quote that is not closed: {excerpt(stop.rest_of_line(index))}",
        "the same quote at the end of the text",
        f"close it, or write the text under {stop.key}: |- on the next line",
    )


def _quote_never_closed(stop: Stop) -> Complaint | None:
    if "quoted scalar" not in stop.context or stop.opened is None:
        return None
    if "end of stream" in stop.problem or "document separator" in stop.problem:
        return _open_quote(stop, stop.opened)
    return Complaint(
        stop.line,
        stop.where,
        "a \\ in double quotes that means nothing to YAML",
        "\\\\ there, or single quotes around the text",
        f"write the text under {stop.key}: |- on the next line",
    )


def _bracket_never_closed(stop: Stop) -> Complaint | None:
    if "flow" not in stop.context or stop.opened is None:
        return None
    opener = stop.text[stop.opened : stop.opened + 1]
    if opener not in ("[", "{"):
        return None
    closer = "]" if opener == "[" else "}"
    return Complaint(
        stop.line_at(stop.opened),
        stop.key_location,
        f"{opener} that is not closed where it should be: "
        f"{excerpt(stop.rest_of_line(stop.opened))}",
        f"entries with a comma between them, then {closer}",
        f"add the {closer} or the comma, or quote the text that holds brackets",
    )


def _indentation(stop: Stop) -> Complaint | None:
    if "expected <block end>" not in stop.problem:
        return None
    if stop.character and stop.character in "]}":
        return Complaint(
            stop.line,
            stop.key_location,
            f"a {stop.character} that nothing opened",
            "as many closing brackets as opening ones",
            "take it out, or quote the text",
        )
    return Complaint(
        stop.line,
        (),
        f"a line that is indented like none above it: {excerpt(_line_text(stop))}",
        "the same indentation for the keys of one mapping and the entries of one list",
        "indent it like its neighbours",
    )


def _dash_in_line(stop: Stop) -> Complaint | None:
    if "sequence entries are not allowed" not in stop.problem:
        return None
    return Complaint(
        stop.line,
        stop.where,
        f'"- " after a key: {excerpt(_line_text(stop))}',
        "list entries on lines of their own",
        f"{stop.key}: [...], or the - on the next line, indented",
    )


def _no_colon(stop: Stop) -> Complaint | None:
    if "could not find expected ':'" not in stop.problem:
        return None
    line = stop.line_at(stop.opened) if stop.opened is not None else stop.line
    return Complaint(
        line,
        (),
        "a line without a colon",
        "a key, a colon, a space and a value",
        "add the colon, or indent the line if it belongs to the text above",
    )


def _strange_character(stop: Stop) -> Complaint | None:
    if stop.problem or stop.index is None:
        return None
    return Complaint(
        stop.line,
        (),
        f"a character that nobody can see (U+{ord(stop.character or chr(0)):04X})",
        "text",
        "take it out",
    )


_WORDS: tuple[Callable[[Stop], Complaint | None], ...] = (
    _variable_in_brackets,
    _comment_in_brackets,
    _bracket_in_brackets,
    _starts_with_quote,
    _cannot_start,
    _colon_in_text,
    _quote_never_closed,
    _bracket_never_closed,
    _indentation,
    _dash_in_line,
    _no_colon,
    _strange_character,
)
