"""Rules about who answers."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written, is_rollup


def no_owner(written: Written) -> Iterator[Hit]:
    """Key results that nobody owns. A roll-up is made of what others own."""
    for key_result in written.running:
        if not key_result.owner and not is_rollup(key_result):
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} has no owner",
                "owner: a person or a role",
            )


def joint_without_accountable(written: Written) -> Iterator[Hit]:
    """Joint objectives for which nobody, or more than one, answers."""
    for objective in written.catalogue.objectives.values():
        if objective.joint_team is None or len(objective.accountable) == 1:
            continue
        named = ", ".join(objective.accountable)
        yield Hit(
            written.objective(objective.id),
            f"{objective.id} is a joint objective of {objective.team} and {objective.joint_team}, "
            f"and {f'{named} are all' if named else 'nobody is'} accountable for it",
            "accountable: one person or role",
            key="accountable",
        )
