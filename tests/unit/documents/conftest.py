"""Systems that stand in for those of the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.documents.reader import systems


@pytest.fixture(scope="package")
def urls() -> Iterator[dict[str, str]]:
    with systems() as found:
        yield found
