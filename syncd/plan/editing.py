"""A plan of edits that somebody sends: laid over the mapping files that are in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncd.clock import Clock
from syncd.mapping import Loaded
from syncd.model import Indicator
from syncd.plan.document import plan_document
from syncd.plan.planning import make_plan
from syncd.store.engine import Store
from syncd.store.loads import files_in_force
from syncd.surfaces.trying import Edits, FilesRefused, NothingToEdit
from syncd.worker import WorkerSettings

Texts = Mapping[str, Mapping[str, str]]


def plan_of_edits(
    store: Store,
    clock: Clock,
    load: Callable[[Texts], Loaded],
    edits: Edits,
    *,
    interval_of: Callable[[Indicator], float],
    settings: WorkerSettings,
) -> Mapping[str, Any]:
    """What edits would change, as a document; no source is asked. Raises FilesRefused and
    NothingToEdit.
    """
    with store.read() as connection:
        texts = files_in_force(connection)
    if texts is None:
        raise NothingToEdit
    loaded = load(laid_over(texts, edits))
    if not loaded.catalogues:
        raise FilesRefused([str(fault) for fault in loaded.faults])
    now = clock.now()
    made = make_plan(
        store, loaded.catalogues, {}, interval_of=interval_of, settings=settings, now=now
    )
    return plan_document(made)


def laid_over(texts: Texts, edits: Edits) -> Texts:
    """The files with the edits; folders that have no file left are left out.

    >>> laid_over({"q1": {"q1/a.yaml": "", "q1/b.yaml": ""}}, {"q1/a.yaml": "A", "q1/b.yaml": None})
    {'q1': {'q1/a.yaml': 'A'}}
    """
    found = {folder: dict(files) for folder, files in texts.items()}
    for name, text in edits.items():
        files = found.setdefault(name.partition("/")[0], {})
        if text is None:
            files.pop(name, None)
        else:
            files[name] = text
    return {
        folder: {name: files[name] for name in sorted(files)}
        for folder, files in sorted(found.items())
        if files
    }
