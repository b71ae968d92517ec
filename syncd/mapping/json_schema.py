"""The mapping files as JSON Schema, for editors to complete and check while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from connectors.base import Measure
from syncd.mapping.composed import COMPOSED
from syncd.mapping.shape import (
    FILES,
    PIECE,
    AbandonedShape,
    BesideShape,
    BusinessHoursShape,
    CalendarShape,
    CarriedShape,
    DefaultsShape,
    DuplicateShape,
    ExternalShape,
    FreezeShape,
    GuardShape,
    JointShape,
    JudgementShape,
    KeyResultShape,
    ObjectiveShape,
    PeriodShape,
    PlausibleDefaultsShape,
    RollupShape,
    TargetShape,
)

Json = Any

_VARIABLE: Final = {"type": "string", "pattern": r"^\$\{[a-z][a-z0-9_]*\}$"}
_NO_VARIABLES: Final = frozenset({"measure", "team", "organisation"})
"""Properties that tell what something is; a variable there would leave the editor without it."""


def json_schema(measures: Mapping[str, type[Measure]]) -> dict[str, Json]:
    """One schema (draft 2020-12) for every kind of mapping file, with these measures.

    Any value may be a variable, as in the files; what a schema cannot say (references, units that
    fit the indicator, days that exist) is left to `load`.
    """
    shapes: tuple[type[BaseModel], ...] = (
        *FILES.values(),
        BusinessHoursShape,
        CalendarShape,
        DefaultsShape,
        FreezeShape,
        AbandonedShape,
        BesideShape,
        CarriedShape,
        DuplicateShape,
        ExternalShape,
        GuardShape,
        JointShape,
        JudgementShape,
        KeyResultShape,
        ObjectiveShape,
        RollupShape,
        PeriodShape,
        PlausibleDefaultsShape,
        TargetShape,
    )
    measures = {**measures, **COMPOSED}
    chosen = [measures[name] for name in sorted(measures)]
    models: list[type[BaseModel]] = [*shapes, *chosen]
    references, made = models_json_schema(
        [(model, "validation") for model in models],
        ref_template="#/$defs/{model}",
    )
    called = {
        dict(references[(model, "validation")])["$ref"]: f"#/$defs/{name}"
        for model, name in zip(chosen, sorted(measures), strict=True)
    }
    definitions: dict[str, Json] = {}
    for name, definition in made["$defs"].items():
        reference = f"#/$defs/{name}"
        shown = called.get(reference, reference).removeprefix("#/$defs/")
        definitions[shown] = _linked(_tidy(definition), called)
    of_measures = [{"$ref": reference} for reference in called.values()]
    definitions["NamedIndicator"] = {
        "description": "How an indicator is measured.",
        "type": "object",
        "required": ["measure"],
        "properties": {"measure": {"enum": sorted(measures)}},
        "anyOf": of_measures,
    }
    definitions["Indicator"] = {
        "description": "The name of an indicator, or one written here.",
        "anyOf": [
            {"type": "string", "pattern": "^([a-z][a-z0-9_]*|\\$\\{[a-z][a-z0-9_]*\\})$"},
            {"$ref": "#/$defs/NamedIndicator"},
        ],
    }
    definitions["AnyKeyResult"] = {
        "description": "A key result, or one that another team has too.",
        "anyOf": [{"$ref": "#/$defs/KeyResultShape"}, {"$ref": "#/$defs/DuplicateShape"}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "syncd mapping file",
        "description": "Key results and how they are measured. The first key tells the kind of "
        "file: variables, organisation or team.",
        "type": "object",
        "anyOf": [dict(references[(model, "validation")]) for model in FILES.values()],
        "$defs": dict(sorted(definitions.items())),
    }


def _linked(value: Json, called: Mapping[str, str]) -> Json:
    """The value with its references in place: pieces by name, measures by the name they go by."""
    if isinstance(value, list):
        return [_linked(it, called) for it in value]
    if not isinstance(value, dict):
        return value
    if PIECE in value:
        rest = {key: item for key, item in value.items() if key != PIECE}
        return {**rest, "$ref": f"#/$defs/{value[PIECE]}"}
    if isinstance(value.get("$ref"), str):
        return {**value, "$ref": called.get(value["$ref"], value["$ref"])}
    return {key: _linked(item, called) for key, item in value.items()}


def _tidy(definition: Mapping[str, Json]) -> dict[str, Json]:
    """The definition without pydantic's titles, null defaults and null types (absent is the way
    to say nothing), and with a variable accepted for every value.
    """
    tidied = {key: value for key, value in definition.items() if key != "title"}
    if "properties" in tidied:
        tidied["properties"] = {
            name: _property(value, variable=name not in _NO_VARIABLES)
            for name, value in tidied["properties"].items()
        }
    return tidied


def _property(value: Mapping[str, Json], *, variable: bool) -> dict[str, Json]:
    shown = {key: item for key, item in value.items() if key in ("description", "examples")}
    kept = {key: item for key, item in value.items() if key not in (*shown, "title", "default")}
    members = [it for it in kept.get("anyOf", []) if it != {"type": "null"}]
    if "default" in value and value["default"] is None and members:
        kept.pop("anyOf")
        kept = {**kept, **members[0]} if len(members) == 1 else {**kept, "anyOf": members}
    kept = _inner(kept)
    if variable and kept and not _takes_any_text(kept):
        kept = {"anyOf": [*(kept["anyOf"] if set(kept) == {"anyOf"} else [kept]), _VARIABLE]}
    return {**shown, **kept}


def _inner(value: dict[str, Json]) -> dict[str, Json]:
    """The same with variables accepted inside lists and mappings."""
    found = dict(value)
    if "anyOf" in found:
        found["anyOf"] = [_inner(it) for it in found["anyOf"]]
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _property(found[key], variable=True)
    return found


def _takes_any_text(value: Mapping[str, Json]) -> bool:
    limits = ("pattern", "enum", "const", "format")
    if value.get("type") == "string":
        return not any(key in value for key in limits)
    return any(_takes_any_text(it) for it in value.get("anyOf", []))
