"""Who may write, as the API asks for it and its OpenAPI document tells it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from syncd.intake.access import Scope
from syncd.surfaces.api.desk import AtDesk

BEARER = HTTPBearer(
    scheme_name="token",
    description="A token of the installation (`api_token` in its settings may write).",
    auto_error=False,
)


async def allowed(
    request: Request,
    desk: AtDesk,
    scopes: SecurityScopes,
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> None:
    """Passes who sends a token with these scopes. Raises WritingIsOff and NotAllowed."""
    for scope in scopes.scopes:
        desk.access.check(request.headers.get("authorization"), Scope(scope))


WRITER = Security(allowed, scopes=[Scope.WRITE.value])
"""What every endpoint that writes depends on."""
