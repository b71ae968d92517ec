"""What is answered when the process ended, twice, that was to make the answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from syncd.surfaces import page
from syncd.surfaces.problems import is_for_people, problem

RETRY_SECONDS = "30"


def lost(request: Request) -> Response:
    """503. Most likely there was too little memory for it."""
    detail = "the process that makes answers ended while it made this one; try again, or for less"
    headers = {"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"}
    title = "This answer could not be made"
    if is_for_people(request):
        words = f"{detail[:1].upper()}{detail[1:]}."
        shown = page.error(503, title, words, request.url.path)
        return HTMLResponse(shown, status_code=503, headers=headers)
    return problem(503, detail, title=title, headers=headers)
