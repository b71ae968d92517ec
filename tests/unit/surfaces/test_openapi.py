"""The OpenAPI document of the API: kept as a file, sound, and the one that is served."""

from __future__ import annotations

import json
from pathlib import Path

from openapi_core import OpenAPI

from syncd.surfaces.api.application import openapi
from tests.golden import held
from tests.unit.surfaces.conftest import Site

KEPT = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"


def test_the_kept_document_is_what_is_declared() -> None:
    held(KEPT, json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n")


def test_it_is_a_sound_document_of_openapi_3_1() -> None:
    document = openapi()

    OpenAPI.from_dict(document).check_spec()

    assert document["openapi"].startswith("3.1.")


def test_it_is_served(site: Site) -> None:
    answer = site.client.get("/api/v1/openapi.json")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == openapi()


def test_every_refusal_is_a_problem_document() -> None:
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (path, method)
