"""What stands behind the key results: the sources, the mapping files, and what hygiene finds."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from syncd.hygiene import RULES, Severity
from syncd.store.read import findings, mapping
from syncd.surfaces.answers import as_of
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.models.installation import Hygiene, Mapping, Sources, Version
from syncd.surfaces.api.paging import Listing, page_of
from syncd.surfaces.api.parameters import At, Paged, one_of
from syncd.surfaces.api.route import read, resources
from syncd.surfaces.documents import moment, source_list

router = resources("installation")


class Findings(At, Paged):
    """Which findings of hygiene."""

    severity: Severity | None = None
    rule: str | None = Field(default=None, description="the id of a rule")


@router.get("/version", response_model=Version, responses=read())
def version(desk: AtDesk) -> Any:
    """Which version of syncd answers. Of several replicas, each says its own."""
    return {"version": desk.version}


@router.get("/sources", response_model=Sources, responses=read(409, 422))
def sources(desk: AtDesk, request: Request, asked: Annotated[Paged, Query()]) -> Any:
    """Every source and whether it answers. How they stood in the past is not kept."""
    with desk.read() as connection:
        shown, following = page_of(
            Listing.of(connection, request),
            list(source_list(connection)),
            lambda one: str(one["name"]),
            after=asked.after,
            limit=asked.limit,
        )
    return {"sources": shown, "next": following}


@router.get("/mapping", response_model=Mapping, responses=read(422))
def mapping_files(desk: AtDesk, asked: Annotated[At, Query()]) -> Any:
    """Whether the newest mapping files were accepted, their faults, and what is in force."""
    with desk.look(asked) as (connection, _, about):
        view, found = mapping(connection, about.at), findings(connection, about.at)
    in_force = None if view is None else view.in_force
    return {
        **as_of(about),
        "accepted": view is not None and view.accepted,
        "at": None if view is None else moment(view.at),
        "faults": [] if view is None else list(view.faults),
        "in_force": None if in_force is None else {**in_force, "findings": found},
        "in_force_since": None if view is None else moment(view.accepted_at),
    }


@router.get("/hygiene", response_model=Hygiene, responses=read(409, 422))
def hygiene(desk: AtDesk, request: Request, asked: Annotated[Findings, Query()]) -> Any:
    """What the mapping files in force leave open or say twice, by the rules of hygiene."""
    if asked.rule is not None:
        one_of("rule", asked.rule, [rule.id for rule in RULES])
    with desk.look(asked) as (connection, _, about):
        found = findings(connection, about.at)
        shown, following = page_of(
            Listing.of(connection, request),
            found,
            lambda one: "{rule} {subject} {file}:{line} {path}".format(**one),
            after=asked.after,
            limit=asked.limit,
            wanted=lambda one: (
                asked.severity in (None, one["severity"]) and asked.rule in (None, one["rule"])
            ),
        )
    return {**as_of(about), "findings": shown, "next": following}
