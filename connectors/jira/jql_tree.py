"""What a JQL text says: a tree, or Jira's own words for why it cannot be read.

The grammar is in ``jql.lark``; the words of the errors are those of Jira itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken


class JqlError(ValueError):
    """A query that Jira refuses. `messages` are what it answers, one for each fault found."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Value:
    """A word or a quoted text."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY or NULL."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its arguments, as written."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """A list in parentheses."""

    members: tuple[Operand, ...]


Operand = Value | Empty | Function | Values


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field as written; `custom` is the number in ``cf[10010]``."""

    text: str
    custom: int | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on history: `word` is after, before, on, during, by, from or to."""

    word: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. `operator` is in lower case as Jira prints it: ``=``, ``not in``, ``was``."""

    field: FieldName
    operator: str
    operand: Operand
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts holds."""

    parts: tuple[Node, ...]


Node = Clause | Both | Either


@dataclass(frozen=True, slots=True)
class Sort:
    """One field of ORDER BY."""

    field: FieldName
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query: what is asked for (None: everything), and in which order."""

    where: Node | None
    order: tuple[Sort, ...]


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """What the text says, NOT pushed down to the clauses as Jira does. JqlError if it cannot be
    read.
    """
    try:
        tree = _parser().parse(text)
    except UnexpectedToken as error:
        raise JqlError(_unexpected(error)) from error
    except UnexpectedCharacters as error:
        raise JqlError(_bad_character(error, text)) from error
    for word in tree.scan_values(lambda each: isinstance(each, Token) and each.type == "WORD"):
        if word.lower() in _RESERVED:
            raise JqlError(
                f"Error in the JQL Query: '{word}' is a reserved JQL word. You must surround it in "
                f"quotation marks to use it in a query. {_place(word.line, word.column)}"
            )
    query: Query = _Reader().transform(tree)
    return query


# ------------------------------------------------------------------------------- words and quotes

_KEYWORDS = {
    "and": "_AND", "or": "_OR", "not": "NOT", "in": "IN", "is": "IS", "was": "WAS",
    "changed": "CHANGED", "after": "AFTER", "before": "BEFORE", "on": "ON", "during": "DURING",
    "by": "BY", "from": "FROM", "to": "TO", "empty": "EMPTY", "null": "EMPTY", "order": "ORDER",
    "asc": "ASC", "desc": "DESC",
}  # fmt: skip

_RESERVED = frozenset(
    """abort access add after alias all alter and any as asc audit avg before begin between boolean
    break by byte catch char character check checkpoint collate collation column commit connect
    continue count create current date decimal declare decrement default defaults define delete
    delimiter desc difference distinct divide do double drop else empty encoding end equals escape
    exclusive exec execute exists explain false fetch file field first float for from function go
    goto grant greater group having identified if immediate in increment index initial inner inout
    input insert int integer intersect intersection into is isempty isnull join last left less like
    limit lock long max min minus mode modify modulo more multiply next noaudit not notin nowait
    null number object of on option or order outer output power previous prior privileges public
    raise raw remove rename resource return returns revoke right row rowid rownum rows select
    session set share size sqrt start strict string subtract sum synonym table then to trans
    transaction trigger true uid union unique update user validate values view when whenever where
    while with""".split()  # noqa: SIM905 - read as prose, eighty lines as a list
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) == 5:
            return chr(int(escape[1:], 16))
        return _ESCAPES.get(escape, escape)

    return _ESCAPE.sub(plain, text)


def _keyword(token: Token) -> Token:
    word = token.lower()
    if word in _KEYWORDS:
        return Token.new_borrow_pos(_KEYWORDS[word], token, token)
    return token


def _place(line: Any, column: Any) -> str:
    return f"(line {line}, character {column})"


# ------------------------------------------------------------------------------------------ faults

_OPERATORS = (
    "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and "
    "'IS NOT'."
)


def _unexpected(error: UnexpectedToken) -> str:
    expected: set[str] = set(error.accepts or error.expected)
    token = error.token
    ended = token.type == "$END"
    place = _place(error.line, error.column)
    if "COMPARISON" in expected:
        if ended:
            return (
                "Error in the JQL Query: Expecting operator before the end of the query. "
                f"{_OPERATORS}"
            )
        return f"Error in the JQL Query: Expecting operator but got '{token}'. {_OPERATORS} {place}"
    if "EMPTY" in expected:
        if ended:
            return (
                "Error in the JQL Query: Expecting either a value, list or function before the "
                "end of the query."
            )
        return (
            "Error in the JQL Query: Expecting either a value, list or function but got "
            f"'{token}'. You must surround '{token}' in quotation marks to use it as a value. "
            f"{place}"
        )
    if "_AND" in expected and not ended:
        return f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{token}'. {place}"
    if "WORD" in expected and "_AND" not in expected:
        if ended:
            return "Error in the JQL Query: Expecting a field name at the end of the query."
        return (
            f"Error in the JQL Query: Expecting a field name but got '{token}'. You must surround "
            f"'{token}' in quotation marks to use it as a field name. {place}"
        )
    wanted = next(
        f"'{text}'"
        for terminal, text in (
            ("RPAR", ")"),
            ("IN", "IN"),
            ("BY", "BY"),
            ("RSQB", "]"),
            ("$END", ","),
        )
        if terminal in expected
    )
    if ended:
        return f"Error in the JQL Query: Expecting {wanted} before the end of the query."
    return f"Error in the JQL Query: Expecting {wanted} but got '{token}'. {place}"


def _bad_character(error: UnexpectedCharacters, text: str) -> str:
    character = error.char
    place = _place(error.line, error.column)
    if character in "'\"":
        rest = text.split("\n", error.line - 1)[-1][error.column :]
        return f"Error in the JQL Query: The quoted string '{rest}' has not been completed. {place}"
    return (
        f"Error in the JQL Query: The character '{character}' is a reserved JQL character. You "
        f"must enclose it in a string or use the escape '\\u{ord(character):04x}' to use this as a "
        f"value. {place}"
    )


# ------------------------------------------------------------------------------------------- trees

_OPPOSITE = {
    "=": "!=", "!=": "=", "~": "!~", "!~": "~", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "in": "not in", "not in": "in", "is": "is not", "is not": "is", "was": "was not",
    "was not": "was", "was in": "was not in", "was not in": "was in", "changed": "not changed",
    "not changed": "changed",
}  # fmt: skip


def _negated(node: Node) -> Node:
    match node:
        case Clause():
            return replace(node, operator=_OPPOSITE[node.operator])
        case Both():
            return Either(tuple(_negated(part) for part in node.parts))
        case Either():
            return Both(tuple(_negated(part) for part in node.parts))


def _clause(operator: str) -> Callable[..., Clause]:
    def build(_: _Reader, children: list[Any]) -> Clause:
        field = children[0]
        predicates = tuple(each for each in children if isinstance(each, Predicate))
        operands = [each for each in children[1:] if isinstance(each, Operand)]
        return Clause(field, operator, operands[0] if operands else Empty(), predicates)

    return build


class _Reader(Transformer[Token, Any]):
    def start(self, children: list[Any]) -> Query:
        where, order = children
        return Query(where, order or ())

    def disjunction(self, children: list[Any]) -> Node:
        return Either(tuple(children))

    def conjunction(self, children: list[Any]) -> Node:
        return Both(tuple(children))

    def not_(self, children: list[Any]) -> Node:
        return _negated(children[-1])

    def compared(self, children: list[Any]) -> Clause:
        field, operator, operand = children
        return Clause(field, str(operator), operand)

    among = _clause("in")
    not_among = _clause("not in")
    is_ = _clause("is")
    is_not = _clause("is not")
    was = _clause("was")
    was_not = _clause("was not")
    was_in = _clause("was in")
    was_not_in = _clause("was not in")
    changed = _clause("changed")

    def predicate(self, children: list[Any]) -> Predicate:
        return Predicate(str(children[0]).lower(), children[1])

    @v_args(inline=True)
    def field(self, token: Token) -> FieldName:
        return FieldName(_text(token))

    def custom(self, children: list[Any]) -> FieldName:
        name, number = (str(child) for child in children)
        if name.lower() != "cf" or not number.isdecimal():
            return FieldName(f"{name}[{number}]")
        return FieldName(f"cf[{number}]", int(number))

    @v_args(inline=True)
    def value(self, token: Token) -> Value:
        return Value(_text(token), token.type == "QUOTED")

    def empty(self, _: list[Any]) -> Empty:
        return Empty()

    @v_args(inline=True)
    def argument(self, token: Token) -> str:
        return _text(token)

    def function(self, children: list[Any]) -> Function:
        name, *arguments = children
        return Function(_text(name), tuple(each for each in arguments if each is not None))

    def members(self, children: list[Any]) -> Values:
        return Values(tuple(children))

    def order(self, children: list[Any]) -> tuple[Sort, ...]:
        return tuple(each for each in children if isinstance(each, Sort))

    def sort(self, children: list[Any]) -> Sort:
        field, direction = children
        return Sort(field, direction is not None and direction.type == "DESC")


def _text(token: Token) -> str:
    return _unescaped(token[1:-1] if token.type == "QUOTED" else token)


@cache
def _parser() -> Lark:
    """The parser, made when the first query is read: it takes half a second, and a process that
    only tells what is stored reads none.
    """
    return Lark(
        Path(__file__).with_name("jql.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        lexer_callbacks={"WORD": _keyword},
        maybe_placeholders=True,
        propagate_positions=False,
    )
