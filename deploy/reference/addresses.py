"""The page of every address of the API, made of its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.reference.tables import MADE, code, sentence, table
from syncd.surfaces.api.application import openapi

HEAD = f"""\
# Every address of the API

{MADE}
[The API](api.md) tells how it is used: pages of a list, the past, what is refused and
why. [openapi.json](openapi.json) has an example of each answer.

"""
REFUSED = "400"
"""The least status of a refusal; each is a problem document."""
Schema = Mapping[str, Any]


def addresses_page() -> str:
    """docs/reference/addresses.md."""
    document = openapi()
    operations = "".join(
        _operation(method, path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    )
    schemas = document["components"]["schemas"]
    models = "".join(_model(name, schemas[name]) for name in sorted(schemas))
    return (
        f"{HEAD}## Addresses\n\nBelow `/api/v1`.\n\n{operations}"
        "## What is answered and sent\n\n"
        f"A key that may be `null` is there nevertheless.\n\n{models}"
    ).rstrip("\n") + "\n"


def _operation(method: str, path: str, one: Schema) -> str:
    statuses = one["responses"]
    (good,) = [status for status in statuses if status.startswith("2")]
    content = statuses[good]["content"]["application/json"]["schema"]
    sent = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    takes = f" It takes {_type(sent)}." if sent else ""
    refusals = ", ".join(status for status in statuses if status >= REFUSED)
    return (
        f"### `{method.upper()} {path}`\n\n{sentence(one.get('description', ''))}\n\n"
        f"Answers {good} with {_type(content)}.{takes} Refuses with {refusals}.\n\n"
        + table(
            ("parameter", "where", "meaning"),
            (
                (
                    code(each["name"]),
                    each["in"],
                    sentence(each.get("description", "") or _values(each["schema"])),
                )
                for each in one.get("parameters", ())
            ),
        )
    )


def _values(schema: Schema) -> str:
    return f"One of {_type(schema)}"


def _model(name: str, schema: Schema) -> str:
    words = sentence(schema.get("description", ""))
    if "enum" in schema:
        values = ", ".join(code(one) for one in schema["enum"])
        return f"### {name}\n\n{words}\n\n{values}.\n\n"
    needed = schema.get("required", ())
    return f"### {name}\n\n{words}\n\n" + table(
        ("key", "what it is", "meaning"),
        (
            (
                code(key) + ("" if key in needed else " (not always)"),
                _type(said),
                sentence(said.get("description", "")),
            )
            for key, said in schema.get("properties", {}).items()
        ),
    )


def _type(schema: Schema) -> str:
    return " or ".join(dict.fromkeys(_types(schema))) or "any"


def _types(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(key, ()):
            yield from _types(one)
    if "enum" in schema:
        yield ", ".join(code(one) for one in schema["enum"])
    elif "const" in schema:
        yield code(schema["const"])
    elif schema.get("type") == "array":
        yield f"list of {_type(schema.get('items', {}))}"
    elif "type" in schema:
        yield "moment" if schema.get("format") == "date-time" else f"{schema['type']}"
