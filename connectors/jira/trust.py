"""Whether what a Jira says is believed: that there is nothing, and that issues are gone."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable

from connectors.base import BadAnswer, Batch, NotFound, QueryRefused
from connectors.jira.client import IDS_A_FETCH, JiraClient, Page
from connectors.jira.options import JiraOptions

_FEW = 20
"""Fewer issues than this may always go at once."""


def distrust(
    client: JiraClient,
    gone: Collection[str],
    known: int,
    options: JiraOptions,
    deadline: float,
) -> None:
    """Raises BadAnswer when many issues went at once and cannot be read either.

    An issue that only left the scope can still be read. One that was deleted cannot, nor one that
    the account may no longer see, and Jira does not say which: of many at once, a lost permission
    is likelier.
    """
    if len(gone) < _FEW or len(gone) <= options.shrink_limit * known:
        return
    sample = sorted(gone, key=int, reverse=True)[:IDS_A_FETCH]
    pages: Iterable[Page] = client.issues(sample, ("id",), deadline)
    readable = sum(len(page.issues) for page in pages)
    if 2 * readable < len(sample):
        raise BadAnswer(
            f"{client.source}: {len(gone)} of {known} known issues are gone at once, and of "
            f"{len(sample)} asked for only {readable} can be read: not believed, as a lost "
            "permission looks the same; if they were deleted, raise shrink_limit of this source"
        )


def of_a_living_token(
    client: JiraClient, batches: Iterable[Batch], deadline: float
) -> Generator[Batch, None, None]:
    """The batches, the last one only where nothing that was not found may be a dead token's fault.
    Raises Unauthorised where a refusal is: to a dead token much is not there, and words mean
    nothing.
    """
    try:
        for batch in batches:
            if batch.cursor is not None:
                client.prove(deadline)
            yield batch
    except (BadAnswer, NotFound, QueryRefused):
        client.prove(deadline, refused=True)
        raise
