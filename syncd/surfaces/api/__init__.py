"""The API for programs: `/api/v1`, described by OpenAPI. Import it only where a server starts."""

from syncd.surfaces.api.application import create_api
from syncd.surfaces.api.desk import Desk

__all__ = ["Desk", "create_api"]
