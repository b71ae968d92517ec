"""YAML mapping files to a `Catalogue`, or every fault in them at once.

The language is described in `docs/reference/mapping.md`. What is asked of this package is loaded
when it is asked for: a command that only tells a fault need not wait for the language.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.mapping.checking import flow
    from syncd.mapping.fault import Fault
    from syncd.mapping.files import base_of, digest_of, settled
    from syncd.mapping.loading import Loaded, load, load_texts
    from syncd.mapping.origin import Origin, Value
    from syncd.mapping.place import Place, Subject, SubjectKind

__all__ = [
    "Fault",
    "Loaded",
    "Origin",
    "Place",
    "Subject",
    "SubjectKind",
    "Value",
    "base_of",
    "digest_of",
    "flow",
    "load",
    "load_texts",
    "settled",
]

# A module of the same name would hide what it holds, so `effective` and `json_schema` are not here.
_HOMES = {
    "flow": "checking",
    "Fault": "fault",
    "base_of": "files",
    "digest_of": "files",
    "settled": "files",
    "Loaded": "loading",
    "load": "loading",
    "load_texts": "loading",
    "Origin": "origin",
    "Value": "origin",
    "Place": "place",
    "Subject": "place",
    "SubjectKind": "place",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
