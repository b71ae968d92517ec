"""Mapping files to a catalogue: files told apart, variables replaced, everything resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.base import Measure, fingerprint
from syncd.mapping.checking import check
from syncd.mapping.composed import COMPOSED
from syncd.mapping.document import Document
from syncd.mapping.fault import Fault, excerpt, listed, nearest
from syncd.mapping.files import read_folder
from syncd.mapping.indicators import Installation
from syncd.mapping.named import Indicators
from syncd.mapping.place import Place, Subject
from syncd.mapping.resolving import Resolver
from syncd.mapping.shape import FILES, VariablesFile
from syncd.mapping.tree import Node, parse
from syncd.mapping.variables import BUILT_IN, NAME, Variables, of_json
from syncd.model import Catalogue

Json = Any

_FIRST_KEY = re.compile(r"^([a-z_]+)[ \t]*:", re.MULTILINE)

SETTINGS = "settings"
"""What faults call the place where an installation overrides variables."""


@dataclass(frozen=True)
class Loaded:
    """The catalogue of a folder, or every fault in it: `catalogue` is None when there is any.

    `places` has where each team, objective, key result (roll-ups too), named indicator and
    external of the catalogue is written, by `Subject`; it is empty when there are faults. The
    period's own place is the organisation file.
    """

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    places: Mapping[Subject, Place] = field(default_factory=dict)


def load(
    folder: Path,
    *,
    measures: Mapping[str, type[Measure]],
    sources: Mapping[str, str],
    default_sources: Mapping[str, str],
    variables: Mapping[str, Json] | None = None,
) -> Loaded:
    """The catalogue that all ``*.yaml`` of the folder describe together, or all their faults.

    `measures` by name; `sources` name to kind; `default_sources` kind to name; `variables` are
    the installation's own values, which win over those of the files. Reads files, nothing else;
    never raises for what stands in them.
    """
    texts, faults = read_folder(folder)
    installation = Installation({**measures, **COMPOSED}, sources, default_sources)
    loaded = load_texts(texts, installation, variables or {}, whole=not faults)
    if texts or not faults:
        faults += loaded.faults
    if faults:
        return Loaded(None, _in_order(faults))
    return loaded


def load_texts(
    texts: Mapping[str, str],
    installation: Installation,
    overrides: Mapping[str, Json],
    *,
    whole: bool = True,
) -> Loaded:
    """The same for texts by file name. `whole` False: some files are known to be missing, so
    nothing is said of what only they could declare.
    """
    documents = [Document(name, parse(text)) for name, text in texts.items()]
    kinds: dict[str, list[Document]] = {kind: [] for kind in FILES}
    unknown = False
    for document in documents:
        kind = _kind(document, texts[document.name])
        if kind is not None:
            kinds[kind].append(document)
        unknown = unknown or kind is None
    readable = whole and not unknown and all(document.readable for document in documents)
    _refuse_seconds(kinds)
    faults = [] if kinds["organisation"] or unknown or not whole else [_no_organisation(texts)]
    declared = _variables(kinds["variables"], overrides, faults, whole=whole and not unknown)
    resolver = Resolver(Indicators(installation, readable), declared, whole=readable)
    organisation = next((it for it in kinds["organisation"] if it.readable), None)
    teams = [it for it in kinds["team"] if it.readable]
    catalogue = resolver.catalogue(organisation, teams)
    faults += [fault for document in documents for fault in document.faults]
    if faults or catalogue is None or organisation is None:
        return Loaded(None, _in_order(faults))
    digest = fingerprint({"texts": dict(texts), "variables": _jsonable(overrides)})
    places = resolver.places(organisation, teams)
    return Loaded(replace(catalogue, digest=digest), (), places)


def _kind(document: Document, text: str) -> str | None:
    """The kind of the file by its first key; None, with a fault noted, where that is none."""
    if not document.readable:
        first = _FIRST_KEY.search(text)
        return first[1] if first is not None and first[1] in FILES else None
    value = document.root.value
    keys = list(value) if isinstance(value, Mapping) else []
    if keys and keys[0] in FILES:
        return keys[0]
    expected = f"a first key that tells what the file is: {listed(FILES, last=' or ')}"
    misplaced = next((key for key in keys if key in FILES), None)
    if not keys:
        got = "an empty file" if value is None else "no mapping"
        document.fault((), got, expected, "team: ID on the first line, or remove the file")
    elif misplaced is not None:
        document.fault(
            (keys[0],),
            f'"{excerpt(keys[0])}" before {misplaced}',
            expected,
            f"move {misplaced} to the first line",
        )
        return misplaced
    elif keys[0] == "sources":
        document.fault(
            ("sources",),
            "sources, which are settings of the installation",
            expected,
            "move the file out of the mappings, to the settings",
        )
    else:
        close = nearest(keys[0], FILES)
        document.fault((keys[0],), f'"{excerpt(keys[0])}"', expected, f"{close or 'team'}: ...")
    return None


def _refuse_seconds(kinds: Mapping[str, list[Document]]) -> None:
    for kind in ("variables", "organisation"):
        for second in kinds[kind][1:]:
            second.fault(
                (),
                f"a second file with {kind} (first: {kinds[kind][0].name})",
                f"one file with {kind}",
                "move what it holds to the first",
            )


def _no_organisation(texts: Mapping[str, str]) -> Fault:
    folder = next(iter(texts), "mappings/").partition("/")[0]
    return Fault(
        folder,
        0,
        "",
        "no organisation file",
        "one file that begins with organisation:",
        "organisation.yaml with organisation, period and timezone",
    )


def _variables(
    documents: list[Document], overrides: Mapping[str, Json], faults: list[Fault], *, whole: bool
) -> Variables:
    """The declared variables with the installation's values in place."""
    values: dict[str, Node] = {}
    for document in documents[:1]:
        if not document.readable:
            whole = False
            continue
        check(document, (), VariablesFile, noun="a file of variables")
        declared = document.node(("variables",))
        if declared is None or not isinstance(declared.value, Mapping):
            whole = False
            continue
        for name, entry in declared.value.items():
            values[name] = entry.node
            _check_variable(document, name, entry.node)
    for name, value in overrides.items():
        if name in values:
            values[name] = of_json(value, 0)
        elif whole:
            close = nearest(name, values)
            faults.append(
                Fault(
                    SETTINGS,
                    0,
                    f"variables.{name}",
                    f'"{name}", which no file declares',
                    "the name of a variable in variables.yaml",
                    close or "declare it there, or take it out",
                )
            )
    return Variables(values, whole)


def _check_variable(document: Document, name: str, node: Node) -> None:
    where = ("variables", name)
    if name in BUILT_IN or re.fullmatch(NAME, name) is None:
        document.fault(
            where,
            f'"{excerpt(name)}"' + (", a name that the period gives" if name in BUILT_IN else ""),
            "a name of small letters, digits and _",
            "another name",
        )
    items = node.value if isinstance(node.value, tuple) else (node,)
    for item in items:
        if item.value is None or isinstance(item.value, (tuple, Mapping)):
            document.fault(
                where,
                document.got(where),
                "text, a number, or a list of them",
                f"{name}: a value",
            )
        elif "${" in item.text:
            document.fault(
                where,
                f'"{excerpt(item.text)}"',
                "a value without variables",
                "write the value out",
            )


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(dict.fromkeys(faults), key=lambda it: (it.file, it.line, it.path)))


def _jsonable(overrides: Mapping[str, Json]) -> Json:
    return {name: of_json(value, 0).plain for name, value in overrides.items()}
