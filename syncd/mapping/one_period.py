"""The files of one period to a catalogue: told apart, variables replaced, everything resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.base import fingerprint
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.effective import WrittenPeriod
from syncd.mapping.fault import Fault, excerpt, listed
from syncd.mapping.files import PeriodFiles
from syncd.mapping.indicators import Installation
from syncd.mapping.named import Indicators
from syncd.mapping.place import Place, Subject, SubjectKind
from syncd.mapping.references import Spot
from syncd.mapping.resolving import Resolver
from syncd.mapping.shape import FILES, VariablesFile
from syncd.mapping.tree import Node, parse
from syncd.mapping.variables import BUILT_IN, NAME, Variables, of_json
from syncd.model import Catalogue
from syncd.wording import nearest

Json = Any

_FIRST_KEY = re.compile(r"^([a-z_]+)[ \t]*:", re.MULTILINE)


SETTINGS: Final = "settings"
"""What faults and origins call the place where an installation says something."""


@dataclass(frozen=True)
class Overrides:
    """The installation's values of variables, which win over those of the files, and where it says
    each one; default: in its settings.
    """

    values: Mapping[str, Json]
    said_by: Mapping[str, str]


@dataclass(frozen=True)
class LoadedPeriod:
    """What one period's files come to. `catalogue` is None when there is any fault, or files are
    known to be missing. `period` is the id of the period and `place` where it is said, as far as
    they can be read; `written` is what the catalogue was made of, `variables` the names
    that are declared, None if some could not be read.
    """

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    places: Mapping[Subject, Place]
    period: str
    place: Place | None
    written: WrittenPeriod | None
    variables: frozenset[str] | None


def load_period(
    files: PeriodFiles, installation: Installation, overrides: Overrides
) -> LoadedPeriod:
    """The catalogue of one period, or every fault in its files. Of files that are not whole nothing
    is said that only the missing ones could declare. `overrides` are the installation's values of
    variables; those that the files do not declare are passed over.
    """
    documents = [Document(name, parse(text)) for name, text in files.texts.items()]
    kinds: dict[str, list[Document]] = {kind: [] for kind in FILES}
    unknown = False
    for document in documents:
        kind = _kind(document, files.texts[document.name])
        if kind is not None:
            kinds[kind].append(document)
        unknown = unknown or kind is None
    told_apart = files.whole and not unknown
    readable = told_apart and all(document.readable for document in documents)
    _refuse_seconds(kinds)
    faults: list[Fault] = []
    if told_apart and not kinds["organisation"]:
        faults.append(_no_organisation(files.folder))
    declared = _variables(kinds["variables"], overrides, whole=told_apart)
    resolver = Resolver(Indicators(installation, readable), declared, whole=readable)
    organisation = next((it for it in kinds["organisation"] if it.readable), None)
    teams = [it for it in kinds["team"] if it.readable]
    catalogue = resolver.catalogue(organisation, teams)
    faults += [fault for document in documents for fault in document.faults]
    places: Mapping[Subject, Place] = {}
    if organisation is not None:
        places = resolver.places(organisation, teams)
    if catalogue is not None:
        variables = {name: of_json(value, 0).plain for name, value in overrides.values.items()}
        digest = fingerprint({"texts": dict(files.texts), "variables": variables})
        catalogue = replace(catalogue, digest=digest)
    written = None
    if catalogue is not None and organisation is not None:
        written = WrittenPeriod(
            catalogue=catalogue,
            organisation=organisation,
            key_results=resolver.written,
            indicators={
                name: Spot(document, where)
                for name, (document, where, _) in resolver.indicators.written.items()
            },
            measures=installation.measures,
            given=declared.given,
        )
    period = Subject(SubjectKind.PERIOD, resolver.period, resolver.period)
    return LoadedPeriod(
        catalogue=None if faults or not files.whole else catalogue,
        faults=tuple(faults),
        places=places,
        period=resolver.period,
        place=places.get(period),
        written=written,
        variables=frozenset(declared.values) if declared.whole else None,
    )


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


def _no_organisation(folder: str) -> Fault:
    return Fault(
        folder,
        0,
        "",
        "no organisation file",
        "one file that begins with organisation:",
        "organisation.yaml with organisation, period and timezone",
    )


def _variables(documents: list[Document], overrides: Overrides, *, whole: bool) -> Variables:
    """The declared variables with the installation's values in place."""
    values: dict[str, Node] = {}
    given: dict[str, str] = {}
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
            given[name] = f"{document.name}:{entry.line}"
            _check_variable(document, name, entry.node)
    for name, value in overrides.values.items():
        if name in values:
            values[name] = of_json(value, 0)
            given[name] = overrides.said_by.get(name, SETTINGS)
    return Variables(values, whole, given)


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
