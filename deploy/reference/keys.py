"""The page of every key of a mapping file, made of the schema that editors read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from deploy.reference.tables import MADE, code, sentence, table
from syncd.mapping.json_schema import json_schema
from syncd.registry import measures

HEAD = f"""\
# Every key of a mapping file

{MADE}
It is made of `mappings/schema.json`, by which editors complete and check (`syncd schema` prints
it). [The language](mapping.md) tells what they are for.

Any value may be a variable, `${{name}}`.

"""
FILES = ("VariablesFile", "OrganisationFile", "TeamFile")
ANY_MEASURE = "NamedIndicator"
Schema = Mapping[str, Any]


def keys_page() -> str:
    """docs/reference/keys.md."""
    known = json_schema(measures())["$defs"]
    named = known[ANY_MEASURE]["properties"]["measure"]["enum"]
    shared = _shared([known[name]["properties"] for name in named])
    apart = {*FILES, *named, ANY_MEASURE}
    inside = [name for name in known if name not in apart and known[name].get("properties")]
    parts = [HEAD]
    parts.extend(_section(_title(name), known[name], known) for name in FILES)
    parts.append("## Every measure\n\nTheir names stand in `measure`. All of them take these:\n\n")
    parts.append(_rows(shared, (), known))
    parts.extend(_section(code(name), known[name], known, beside=shared) for name in named)
    parts.extend(_section(_title(name), known[name], known) for name in inside)
    return "".join(parts).rstrip("\n") + "\n"


def _shared(measured: list[Schema]) -> dict[str, Any]:
    """Keys that all measures have, as most of them describe them."""
    found: dict[str, Any] = {}
    for key in measured[0]:
        said = [json.dumps(one[key]) for one in measured if key in one]
        if len(said) == len(measured) and key != "measure":
            found[key] = json.loads(Counter(said).most_common(1)[0][0])
    return found


def _section(
    title: str, schema: Schema, known: Mapping[str, Schema], beside: Schema = MappingProxyType({})
) -> str:
    own = {
        key: said
        for key, said in schema["properties"].items()
        if not (beside and key == "measure") and said != beside.get(key)
    }
    words = sentence(schema.get("description", ""))
    only = "" if own else "It takes nothing else.\n\n"
    return f"## {title}\n\n{words}\n\n" + _rows(own, schema.get("required", ()), known) + only


def _rows(properties: Schema, required: Any, known: Mapping[str, Schema]) -> str:
    return table(
        ("key", "what it takes", "meaning", "such as"),
        (
            (
                code(key) + (" (required)" if key in required else ""),
                ", or ".join(dict.fromkeys(_kinds(said, known))) or "any",
                sentence(said.get("description", "")),
                ", ".join(code(_flow(one)) for one in said.get("examples", [])[:3]),
            )
            for key, said in properties.items()
        ),
    )


def _kinds(said: Schema, known: Mapping[str, Schema]) -> Iterator[str]:
    """What a value may be, in words; that it may be a variable is said once for all."""
    if "$ref" in said:
        name = said["$ref"].rpartition("/")[2]
        if known[name].get("properties") and name != ANY_MEASURE:
            yield f"[{_title(name).lower()}](#{_title(name).lower().replace(' ', '-')})"
        else:
            yield from _kinds(known[name], known) if name != ANY_MEASURE else ("indicator",)
    elif "anyOf" in said:
        for one in said["anyOf"]:
            if not str(one.get("pattern", "")).startswith("^\\$\\{"):
                yield from _kinds(one, known)
    elif "enum" in said:
        yield ", ".join(code(one) for one in said["enum"])
    elif "const" in said:
        yield code(said["const"])
    elif said.get("type") == "array":
        yield "list of " + " or ".join(dict.fromkeys(_kinds(said.get("items", {}), known)))
    elif isinstance(said.get("type"), list):
        yield from (NAMED[one] for one in said["type"])
    elif said.get("type") in NAMED:
        yield _bounded(said)


NAMED = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "keys",
    "null": "null",
}


def _bounded(said: Schema) -> str:
    words = NAMED[said["type"]]
    if said["type"] == "string" and str(said.get("pattern", "")).startswith("^[0-9]{4}"):
        return "date"
    for key, mark in (
        ("exclusiveMinimum", "more than"),
        ("minimum", "from"),
        ("exclusiveMaximum", "less than"),
        ("maximum", "to"),
    ):
        if key in said:
            words += f" {mark} {said[key]}"
    return words


def _title(name: str) -> str:
    """KeyResultShape: Key result."""
    plain = name.rpartition("__")[2].removesuffix("Shape").removesuffix("Field")
    words = "".join(f" {one.lower()}" if one.isupper() else one for one in plain).strip()
    return words[:1].upper() + words[1:]


def _flow(value: Any) -> str:
    """An example in YAML's flow style, without the quotes that it can do without."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, str) and not set(value) & set("{}[],:#\"'"):
        return value
    return json.dumps(value, ensure_ascii=False)
