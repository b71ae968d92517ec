"""The ways in which a module can be made wrong, one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import Any

Change = tuple[str, Callable[[], ast.AST]]
"""What becomes of it, in words, and the node that stands there then."""

_COMPARED: dict[type[ast.cmpop], tuple[str, type[ast.cmpop], str]] = {
    ast.Lt: ("<", ast.LtE, "<="),
    ast.LtE: ("<=", ast.Lt, "<"),
    ast.Gt: (">", ast.GtE, ">="),
    ast.GtE: (">=", ast.Gt, ">"),
    ast.Eq: ("==", ast.NotEq, "!="),
    ast.NotEq: ("!=", ast.Eq, "=="),
    ast.Is: ("is", ast.IsNot, "is not"),
    ast.IsNot: ("is not", ast.Is, "is"),
    ast.In: ("in", ast.NotIn, "not in"),
    ast.NotIn: ("not in", ast.In, "in"),
}
_COUNTED: dict[type[ast.operator], tuple[str, type[ast.operator], str]] = {
    ast.Add: ("+", ast.Sub, "-"),
    ast.Sub: ("-", ast.Add, "+"),
    ast.Mult: ("*", ast.Div, "/"),
    ast.Div: ("/", ast.Mult, "*"),
    ast.FloorDiv: ("//", ast.Div, "/"),
    ast.Mod: ("%", ast.Div, "/"),
    ast.Pow: ("**", ast.Mult, "*"),
    ast.BitOr: ("|", ast.BitAnd, "&"),
    ast.BitAnd: ("&", ast.BitOr, "|"),
}
_TWINS = {
    twin: other
    for one, two in (("min", "max"), ("any", "all"), ("removeprefix", "removesuffix"))
    for twin, other in ((one, two), (two, one))
}
_SAID = frozenset({"annotation", "returns", "decorator_list", "format_spec", "type_params"})
"""Fields of nodes that say something to people and tools, or fail at once when they are changed."""


_TOLD = frozenset({"description", "examples"})
"""Keywords that tell authors of mapping files what a key is."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module. `number` is its place among all of them; `id` stays the same while
    other functions change.
    """

    module: str
    number: int
    line: int
    id: str


def path_of(module: str, root: Path) -> Path:
    """The file of a module."""
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def mutants(module: str, source: str) -> list[Mutant]:
    """Every change of a module that is tried, in the order of its text."""
    walk = _Walk(None)
    walk.visit(ast.parse(source))
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    for number, (within, line, words) in enumerate(walk.found):
        name = f"{module}:{within}: {words}"
        seen[name] = seen.get(name, 0) + 1
        again = f" ({seen[name]})" if seen[name] > 1 else ""
        found.append(Mutant(module, number, line, name + again))
    return found


def mutated(source: str, number: int) -> ast.Module:
    """The module with its change of this number."""
    tree = _Walk(number).visit(ast.parse(source))
    assert isinstance(tree, ast.Module)
    return ast.fix_missing_locations(tree)


class _Walk(ast.NodeTransformer):
    """Lists every change, or makes the chosen one."""

    def __init__(self, chosen: int | None) -> None:
        self.found: list[tuple[str, int, str]] = []
        self._chosen = chosen
        self._within: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        if _is_said(node):
            return node
        for words, make in _changes(node):
            self.found.append((".".join(self._within) or "module", _line(node), words))
            if len(self.found) - 1 == self._chosen:
                return ast.copy_location(make(), node) if hasattr(node, "lineno") else make()
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named:
            self._within.append(getattr(node, "name", ""))
        self._below(node)
        if named:
            self._within.pop()
        return node

    def _below(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in _SAID:
                continue
            if isinstance(value, list):
                value[:] = [self.visit(it) if isinstance(it, ast.AST) else it for it in value]
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0) or getattr(getattr(node, "iter", None), "lineno", 0)


def _is_said(node: ast.AST) -> bool:
    """Whether it says something only: a docstring, an import, what is exported or for types."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str() | EllipsisType())):
            return True
        case ast.keyword(arg=str(name)) if name in _TOLD:
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Subscript(value=ast.Name(id="TypeVar" | "Literal" | "Annotated")):
            return True
    return False


def _with(node: ast.AST, **fields: Any) -> Callable[[], ast.AST]:
    def make() -> ast.AST:
        made = copy.copy(node)
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    return make


def _not(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.comprehension):
        for place, test in enumerate(node.ifs):
            rest = [*node.ifs[:place], *node.ifs[place + 1 :]]
            yield f"without its `if {_text(test)}`", _with(node, ifs=rest)
    elif isinstance(node, ast.expr):
        yield from _of_expression(node)


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            yield f"`{_text(test)}` turned round", _with(node, test=_not(test))
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield f"`return {_text(value)}` gives None", _with(node, value=ast.Constant(None))
        case ast.Expr(value=value):
            yield f"without `{_text(value)}`", ast.Pass
        case ast.AugAssign(op=op):
            yield f"without `{_text(node)}`", ast.Pass
            if type(op) in _COUNTED:
                was, other, now = _COUNTED[type(op)]
                yield f"`{was}=` becomes `{now}=` in `{_text(node)}`", _with(node, op=other())
        case ast.Raise():
            yield f"without `{_text(node)}`", ast.Pass
        case ast.Break():
            yield "`break` becomes `continue`", ast.Continue
        case ast.Continue():
            yield "`continue` becomes `break`", ast.Break
        case ast.Match(cases=cases) if len(cases) > 1:
            for place, case in enumerate(cases):
                rest = [*cases[:place], *cases[place + 1 :]]
                yield f"without `case {_text(case.pattern)}`", _with(node, cases=rest)


def _of_expression(node: ast.expr) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                was, other, now = _COMPARED[type(op)]
                changed = [*ops[:place], other(), *ops[place + 1 :]]
                yield f"`{was}` becomes `{now}` in `{_text(node)}`", _with(node, ops=changed)
        case ast.BoolOp(op=op):
            words = ("and", "or") if isinstance(op, ast.And) else ("or", "and")
            other_op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"`{words[0]}` becomes `{words[1]}` in `{_text(node)}`", _with(node, op=other_op)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield f"`{_text(node)}` becomes `{_text(operand)}`", lambda: operand
        case ast.BinOp(op=bin_op) if type(bin_op) in _COUNTED:
            was, swap, now = _COUNTED[type(bin_op)]
            yield f"`{was}` becomes `{now}` in `{_text(node)}`", _with(node, op=swap())
        case ast.IfExp(body=body, orelse=orelse):
            yield f"always `{_text(body)}` in `{_text(node)}`", lambda: body
            yield f"always `{_text(orelse)}` in `{_text(node)}`", lambda: orelse
        case ast.Constant(value=value):
            yield from _of_constant(value)
        case ast.Call(func=ast.Name(id=name) as func) if name in _TWINS:
            other_name = ast.copy_location(ast.Name(_TWINS[name], ast.Load()), func)
            yield f"{name}() becomes {_TWINS[name]}()", _with(node, func=other_name)
        case ast.Call(keywords=keywords):
            for place, one in enumerate(keywords):
                if one.arg is not None and one.arg not in _TOLD:
                    rest = [*keywords[:place], *keywords[place + 1 :]]
                    yield f"without {one.arg}= in `{_text(node)}`", _with(node, keywords=rest)


def _of_constant(value: object) -> Iterator[Change]:
    if isinstance(value, bool):
        yield f"{value} becomes {not value}", lambda: ast.Constant(not value)
    elif isinstance(value, int | float):
        yield f"{value} becomes {value + 1}", lambda: ast.Constant(value + 1)
    elif isinstance(value, str):
        yield f"{value!r} becomes {'XX' + value!r}", lambda: ast.Constant("XX" + value)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.AST) -> str:
    words = " ".join(ast.unparse(node).split())
    return words if len(words) <= 60 else words[:57] + "..."
