"""The mapping files of an installation, loaded by its measures, sources and variables.

Apart from `syncd.process`: who only checks files need not wait for the worker and the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.hygiene import RULES, examine
from syncd.mapping import Loaded, load, load_texts
from syncd.registry import measures
from syncd.settings import Installation


def load_mappings(installation: Installation) -> Loaded:
    """The mapping files of the installation: their catalogues, or every fault in them."""
    return load(installation.settings.mappings, **_of(installation))


def load_again(installation: Installation, texts: Mapping[str, Mapping[str, str]]) -> Loaded:
    """Files that were kept, by folder and name, as the installation takes them now."""
    return load_texts(texts, **_of(installation))


def _of(installation: Installation) -> dict[str, Any]:
    """What mapping files may name beside themselves."""
    return {
        "measures": measures(),
        "sources": installation.kinds,
        "default_sources": installation.defaults,
        "variables": installation.variables,
        "said_by": installation.said_by,
    }


def findings_of(loaded: Loaded) -> list[Mapping[str, Any]]:
    """What hygiene finds in accepted mapping files, JSON-able, each with its rule's title."""
    titles = {rule.id: rule.title for rule in RULES}
    return [
        {**found.document(), "title": titles[found.rule]}
        for catalogue in loaded.catalogues
        for found in examine(catalogue, loaded.places, loaded.catalogues)
    ]
