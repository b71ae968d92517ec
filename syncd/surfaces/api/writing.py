"""Who may write, as the API asks for it and its OpenAPI document tells it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from starlette.concurrency import run_in_threadpool

from syncd.intake.access import Scope
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.guard import caller_of

BEARER = HTTPBearer(
    scheme_name="token",
    description="A token of `syncd token create`, or `api_token` of the settings, which may write.",
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
        await run_in_threadpool(desk.access.check, caller_of(request), Scope(scope))


WRITER = Security(allowed, scopes=[Scope.WRITE.value])
"""What every endpoint that writes depends on."""
