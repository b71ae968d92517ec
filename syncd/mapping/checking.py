"""A piece of a file against its pydantic model: faults in words, at the offending key's line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt, listed
from syncd.wording import nearest

Json = Any
M = TypeVar("M", bound=BaseModel)

_WRONG_KIND = frozenset(
    {
        "string_type",
        "int_type",
        "int_from_float",
        "float_type",
        "bool_type",
        "list_type",
        "tuple_type",
        "dict_type",
        "model_type",
        "model_attributes_type",
        "none_required",
        "date_type",
    }
)
_KINDS: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_too_short": "text that is not empty",
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("more than {}", "gt"),
    "greater_than_equal": ("at least {}", "ge"),
    "less_than": ("less than {}", "lt"),
    "less_than_equal": ("at most {}", "le"),
    "too_short": ("a list with at least {} in it", "min_length"),
    "too_long": ("a list with at most {} in it", "max_length"),
}


@dataclass(frozen=True)
class Checked(Generic[M]):
    """A piece with its faults noted. `model` is there when it has none; `good` holds those of its
    values that are sound and written, by key, whatever the others are like.
    """

    model: M | None
    good: Mapping[str, Json]


def check(document: Document, where: Location, shape: type[M], *, noun: str) -> Checked[M]:
    """The piece at the location, read strictly (text is not taken for a number). Faults are noted
    in the document; `noun` is what the piece is called in them.
    """
    value = document.value(where)
    if not isinstance(value, dict):
        if not document.refused(where):
            keys = listed(_keys(shape)[:4])
            expected = f"a mapping, {noun}"
            document.fault(where, document.got(where), expected, f"give it keys: {keys}")
        return Checked(None, {})
    _refuse_blanks(document, where, shape, value)
    model: M | None = None
    try:
        model = shape.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        # What is wrong with the whole may only follow from a blank that is told already.
        blanks = not document.sound(where)
        errors = [it for it in error.errors(include_url=False) if it["loc"] or not blanks]
        _note(document, where, shape, errors)
    # a place that refers to an undeclared variable may look sound and is not
    good = {
        key: value[key] for key in _keys(shape) if key in value and document.sound((*where, key))
    }
    return Checked(model if document.sound(where) else None, good)


def _refuse_blanks(
    document: Document, where: Location, shape: type[BaseModel], value: Mapping[str, Json]
) -> None:
    """Notes keys with nothing after them: to leave a thing open, its key is left out. Pieces
    (whose fields take anything) are looked into by whoever reads them.
    """
    for name, field in shape.model_fields.items():
        key = field.alias or name
        if key in value and value[key] is None and field.annotation is not Any:
            fix = _example(key, field)
            described = _sentence(field.description or "a value")
            document.fault(
                (*where, key),
                "nothing",
                described,
                fix if field.is_required() else f"{fix}, or take {key} out",
            )


def _keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


@dataclass(frozen=True)
class _Located:
    """A pydantic error, the place in the file it is about, and how far that lies under a union."""

    detail: ErrorDetails
    where: Location
    labels: tuple[str, ...]
    """Steps of pydantic's own (union members) that are no keys of the file."""


def _note(
    document: Document, where: Location, shape: type[BaseModel], details: Sequence[ErrorDetails]
) -> None:
    located = [_locate(document, where, it) for it in details]
    located = [it for it in located if not _misspelt(it, located)]
    for group in _by_union(located):
        kept = _likeliest(group)
        if not kept:
            continue
        first = kept[0]
        if len({it.where for it in kept}) == 1 and first.detail["type"] in _WRONG_KIND:
            kinds = dict.fromkeys(_KINDS.get(it.detail["type"], "") for it in kept)
            _wrong_kind(document, first, shape, where, [kind for kind in kinds if kind])
            continue
        for it in kept:
            _one(document, it, shape, where)


def _misspelt(missing: _Located, located: Sequence[_Located]) -> bool:
    """True for a missing key that stands there with a slip of the pen, told as an unknown one."""
    if missing.detail["type"] != "missing":
        return False
    key = str(missing.where[-1])
    return any(
        it.detail["type"] == "extra_forbidden"
        and it.where[:-1] == missing.where[:-1]
        and nearest(str(it.where[-1]), [key]) == key
        for it in located
    )


def _locate(document: Document, where: Location, detail: ErrorDetails) -> _Located:
    found = where
    labels: list[str] = []
    for i, step in enumerate(detail["loc"]):
        last_of_missing = detail["type"] == "missing" and i == len(detail["loc"]) - 1
        if last_of_missing or document.node((*found, step)) is not None:
            found = (*found, step)
        else:
            labels.append(str(step))
    return _Located(detail, found, tuple(labels))


def _by_union(located: Sequence[_Located]) -> Iterator[list[_Located]]:
    """Errors of the members of one union together; others alone."""
    unions: dict[Location, list[_Located]] = {}
    for it in located:
        if not it.labels:
            yield [it]
            continue
        depth = len(it.where)
        key = next((k for k in unions if it.where[: len(k)] == k), it.where[:depth])
        unions.setdefault(key, []).append(it)
    yield from unions.values()


def _likeliest(group: list[_Located]) -> list[_Located]:
    """The errors of the union member that the author most likely meant."""
    if len(group) == 1:
        return group
    fitting = [it for it in group if it.detail["type"] not in _WRONG_KIND]
    if not fitting:
        shallow = min(len(it.where) for it in group)
        deeper = [it for it in group if len(it.where) > shallow]
        return deeper or group
    members: dict[str, list[_Located]] = {}
    for it in fitting:
        members.setdefault(it.labels[0] if it.labels else "", []).append(it)
    return min(members.values(), key=len)


def _field(shape: type[BaseModel], steps: Location) -> FieldInfo | None:
    """The field that the steps lead to, through lists, mappings and unions of models."""
    model: type[BaseModel] | None = shape
    field: FieldInfo | None = None
    for step in steps:
        if isinstance(step, int):
            continue
        if model is None:
            return None
        by_key = {it.alias or name: it for name, it in model.model_fields.items()}
        if step not in by_key:
            return None
        field = by_key[step]
        model = next(iter(_models(field.annotation)), None)
    return field


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _example(key: str, field: FieldInfo | None) -> str:
    if field is None or not field.examples:
        return f"give {key} a value"
    return f"{key}: {flow(field.examples[0])}, for example"


def flow(value: Json) -> str:
    """The value as an author would write it on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return str(value)


def _wrong_kind(
    document: Document,
    it: _Located,
    shape: type[BaseModel],
    top: Location,
    kinds: list[str],
) -> None:
    node = document.node(it.where)
    key = str(it.where[-1]) if it.where else "value"
    field = _field(shape, it.where[len(top) :])
    if "text" in kinds and node is not None and node.value is not None and node.text:
        fix = f'{key}: "{node.text}"' if isinstance(it.where[-1], str) else f'"{node.text}"'
    elif kinds[:1] == ["a list"] and node is not None and node.text:
        fix = f"{key}: [{node.text}]"
    elif node is not None and isinstance(node.value, str) and kinds[:1] == ["true or false"]:
        true = node.value.lower() in ("yes", "on", "y", "true")
        fix = f"{key}: {'true' if true else 'false'}"
    else:
        fix = _example(key, field)
    document.fault(
        it.where, document.got(it.where), listed(kinds, last=" or ") or "another value", fix
    )


def _one(document: Document, it: _Located, shape: type[BaseModel], top: Location) -> None:
    kind = it.detail["type"]
    context = it.detail.get("ctx", {})
    key = str(it.where[-1]) if it.where else ""
    field = _field(shape, it.where[len(top) :])
    if kind == "missing":
        described = (field.description if field else None) or "one"
        document.fault(
            it.where,
            f"no {key}",
            _sentence(described),
            _example(key, field),
            line=document.line(it.where[:-1]),
        )
    elif kind == "extra_forbidden":
        _unknown_key(document, it.where, shape, top)
    elif kind in _WRONG_KIND:
        _wrong_kind(document, it, shape, top, [_KINDS[kind]] if kind in _KINDS else [])
    elif kind in _LIMITS:
        words, name = _LIMITS[kind]
        document.fault(
            it.where,
            document.got(it.where),
            words.format(_figure(context.get(name))),
            _example(key, field),
        )
    elif kind in ("value_error", "assertion_error"):
        words = str(context.get("error") or it.detail["msg"])
        sentence(
            document,
            it.where,
            words,
            _example(key, field) if field else "correct the options that this names",
        )
    elif kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = str(context.get("expected") or context.get("expected_tags") or "another word")
        words_known = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
        node = document.node(it.where)
        close = nearest(node.text, words_known) if node is not None else None
        document.fault(
            it.where,
            document.got(it.where),
            f"one of {listed(words_known)}",
            f"{'' if isinstance(it.where[-1], int) else f'{key}: '}{close or words_known[0]}",
        )
    elif kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        described = (field.description if field else None) or f"text like {pattern}"
        fix = _respelt(key, document.text(it.where) or "", pattern) or _example(key, field)
        document.fault(it.where, document.got(it.where), _sentence(described), fix)
    else:
        words = it.detail["msg"].removeprefix("Input should be ").removeprefix("Value should ")
        expected = _KINDS.get(kind) or _sentence(words)
        document.fault(it.where, document.got(it.where), expected, _example(key, field))


def sentence(document: Document, where: Location, words: str, fix: str) -> None:
    """Notes a fault told in one sentence, ``got ...; expected ...; fix: ...`` or less of it."""
    parts = {"got": document.got(where), "fix": fix}
    rest: list[str] = []
    for part in " ".join(words.split()).split("; "):
        word, _, tail = part.partition(" ")
        if word.rstrip(":") in ("got", "expected", "fix") and tail:
            parts[word.rstrip(":")] = tail
        else:
            rest.append(part)
    expected = "; ".join([parts[key] for key in ("expected",) if key in parts] + rest)
    document.fault(where, parts["got"], expected or "something else", parts["fix"])


def _respelt(key: str, text: str, pattern: str) -> str | None:
    """The text with its words joined as the pattern asks, where that is all it takes."""
    words = re.findall("[a-z0-9]+", text.lower())
    for between in ("-", "_"):
        if words and re.search(pattern, between.join(words)):
            return f"{key}: {between.join(words)}"
    return None


def _figure(limit: object) -> str:
    return f"{limit:g}" if isinstance(limit, (int, float)) else str(limit)


def _sentence(description: str) -> str:
    text = " ".join(description.split()).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _unknown_key(
    document: Document, where: Location, shape: type[BaseModel], top: Location
) -> None:
    key = str(where[-1])
    owner: type[BaseModel] | None = shape
    inside = where[len(top) : -1]
    if inside:
        field = _field(shape, inside)
        models = list(_models(field.annotation)) if field is not None else []
        owner = next(iter(models), None)
    keys = _keys(owner) if owner is not None else []
    fix = getattr(owner, "elsewhere", {}).get(key)
    if fix is not None:
        document.fault(where, f'"{key}", which has no place here', f"one of {listed(keys)}", fix)
        return
    close = nearest(key, keys)
    text = document.text(where)
    document.fault(
        where,
        f'"{excerpt(key)}", an unknown key',
        f"one of {listed(keys)}" if keys else "only known keys",
        f"{close}: {'...' if text is None else excerpt(text)}" if close else "take it out",
    )
