"""YAML mapping files to a `Catalogue`, or every fault in them at once.

The language is described in `docs/reference/mapping.md`.
"""

from syncd.mapping.checking import flow
from syncd.mapping.effective import effective
from syncd.mapping.fault import Fault, nearest
from syncd.mapping.files import base_of, digest_of, settled
from syncd.mapping.json_schema import json_schema
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
    "effective",
    "flow",
    "json_schema",
    "load",
    "load_texts",
    "nearest",
    "settled",
]
