"""What the tests of this folder share."""

from __future__ import annotations

from typing import Any

from tests.unit.surfaces.api_world import TOKEN
from tests.unit.surfaces.conftest import Site

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def got(site: Site, path: str, status: int = 200, /, **parameters: Any) -> Any:
    answer = site.client.get(f"/api/v1{path}", params=parameters or None)
    assert answer.status_code == status, answer.text
    return answer.json()
