"""The guide to tokens lists just what the code asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from connectors.netbox.journal import ENDPOINT as JOURNAL_ENTRIES
from connectors.netbox.relations import LISTS, POINTERS, REFERENCES, object_type
from connectors.netbox.rights import CABLES, permission

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "tokens.md").read_text(encoding="utf-8")
JIRA = ROOT / "connectors" / "jira"
PROMETHEUS = ROOT / "connectors" / "prometheus" / "api.py"
ASKING = {"get": "GET", "post": "POST", "_search": "POST"}
BY_PACKAGE = {"fields": "GET field", "server_info": "GET serverInfo"}
DATA_CENTER_ALONE = {"POST search"}


def text_of(node: ast.expr, names: dict[str, ast.expr]) -> str | None:
    """A path as it is written, what is put into it as {}; None for what is none."""
    if isinstance(node, ast.Name):
        return text_of(names[node.id], names) if node.id in names else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None


def assigned(function: ast.AST) -> dict[str, ast.expr]:
    """What names stand for in a function, also where several are given at once."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            found |= {one.id: given for one, given in pairs if isinstance(one, ast.Name)}
    return found


def requests_of(tree: ast.AST) -> Iterator[str]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = assigned(function)
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner, name = ast.unparse(node.func.value), node.func.attr
            if owner.endswith("package") and name in BY_PACKAGE:
                yield BY_PACKAGE[name]
            elif name in ASKING and (owner.endswith("_wire") or name == "_search"):
                path = text_of(node.args[0], names)
                if path is not None:
                    yield f"{ASKING[name]} {path}"


def table(heading: str) -> list[list[str]]:
    """The cells of a section's tables, row by row."""
    section = re.split(r"^## ", GUIDE, flags=re.MULTILINE)
    (found,) = [one for one in section if one.startswith(heading)]
    rows = [line.strip("|").split(" | ") for line in found.splitlines() if line.startswith("| ")]
    return [[cell.strip(" |") for cell in row] for row in rows]


def test_every_request_to_jira_has_its_row() -> None:
    asked = {
        request
        for path in JIRA.glob("*.py")
        for request in requests_of(ast.parse(path.read_text()))
    }
    rows = {row[0].strip("`") for row in table("Jira Cloud") if row[0].startswith("`")}

    assert len(asked) > 12
    assert rows == asked - DATA_CENTER_ALONE
    assert all(f"`{request}`" in GUIDE for request in DATA_CENTER_ALONE)


def test_every_scope_is_one_that_reads() -> None:
    scopes = re.findall(r"`((?:read|write|manage|delete)[:a-z][^`]*)`", GUIDE)

    assert len(scopes) > 60
    assert all(scope.startswith("read:") for scope in scopes)


def test_every_request_to_prometheus_has_its_row() -> None:
    source = PROMETHEUS.read_text()
    asked = {f"GET /api/v1/{path}" for path in re.findall(r"/api/v1/(status/\w+)\"", source)}
    asked |= {f"POST /api/v1/{name}" for name in re.findall(r'_post\("(\w+)"', source)}

    assert {row[0].strip("`") for row in table("Prometheus") if "/api/v1/" in row[0]} == asked


def permissions(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+\.view_\w+)`", cell))


def of(*endpoints: str) -> set[str]:
    return {permission(object_type(endpoint)) for endpoint in endpoints}


def test_the_permissions_in_netbox_are_those_of_what_is_read() -> None:
    rows = {row[0]: permissions(row[1]) for row in table("NetBox") if len(row) > 1}
    behind = next(rows[key] for key in rows if key.startswith("a path"))
    lists = next(rows[key] for key in rows if key.startswith("`every:`"))

    assert behind == of(*(one.endpoint for each in REFERENCES.values() for one in each.values()))
    assert lists == of(*(one.endpoint for each in LISTS.values() for one in each.values()))
    assert next(rows[key] for key in rows if key.startswith("`cable`")) == of(CABLES)
    assert rows["`{journal: ...}`"] == of(JOURNAL_ENTRIES)
    # what a pointer is computed from is read among the lists
    assert of(*(one.endpoint for each in POINTERS.values() for one in each.values())) <= lists


def test_the_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (ROOT / "docs" / "guide" / link).exists(), link
