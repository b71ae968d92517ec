"""What is alerted of syncd itself and of its sources: tickets for those who run it."""

from __future__ import annotations

from datetime import timedelta

from syncd.alerting.rule import Alert, Group, Severity
from syncd.alerting.windows import Windows, promql

TEAM = "syncd"
"""The value of the label `team` of these alerts, to route them by."""


def upkeep(of: Windows) -> Group:
    """The rules of what key results rest on."""
    return Group(
        "syncd-upkeep",
        (
            _alert(
                "SyncdSourceDown",
                "min by (source) (syncd_source_up) == 0",
                of.source_for,
                "{{ $labels.source }} does not answer syncd",
                "{{ with printf \"max(syncd_source_failing_scopes{source='%s'})\" $labels.source "
                "| query }}{{ . | first | value }} of its scopes could not be read at their last "
                "turn.{{ end }} Key results that hang on it go stale; none turns red because of "
                "it. The page of the sources has the error in words.",
                runbook="source-down",
                page="/sources",
            ),
            _alert(
                "SyncdBudgetAlmostSpent",
                "min by (source) (syncd_source_rate_limit_remaining / syncd_source_rate_limit) < "
                f"{of.budget_left:g} or min by (source) (syncd_source_rate_limit_remaining) == 0",
                of.budget_for,
                "{{ $labels.source }} will soon ask syncd for fewer requests",
                "{{ with printf \"min(syncd_source_rate_limit_remaining{source='%s'})\" "
                "$labels.source | query }}{{ . | first | value }} requests are left of its limit."
                "{{ end }} syncd waits when it is told to; its numbers then grow old.",
                runbook="budget-almost-spent",
                page="/sources",
            ),
            _alert(
                "SyncdNumberNotBelieved",
                "max by (indicator) (syncd_indicator_quarantined) == 1",
                of.source_for,
                "What {{ $labels.indicator }} reads is not believed",
                "The last good number is told meanwhile, with its age; no key result turns good or "
                "bad because of it. `syncd explain` says what was read, why it is not believed, "
                "and how to accept it.",
                runbook="number-not-believed",
            ),
            _alert(
                "SyncdMappingRejected",
                "min(syncd_mapping_accepted) == 0",
                of.mapping_for,
                "The newest mapping files were refused",
                '{{ with query "max(syncd_mapping_faults)" }}They have {{ . | first | value }} '
                "faults. {{ end }}The last good files stay in force. `syncd check` names each "
                "fault with its line.",
                runbook="mapping-rejected",
                page="/hygiene",
            ),
            _alert(
                "SyncdOutboxStuck",
                _stuck(of),
                of.absent_for,
                "Events do not reach {{ $labels.target }}",
                "{{ with printf \"max(syncd_outbox_depth{target='%s'})\" $labels.target | query }}"
                "{{ . | first | value }} letters wait{{ end }}{{ with printf "
                "\"max(syncd_outbox_dead_letters{target='%s'})\" $labels.target | query }}, "
                "{{ . | first | value }} were given up{{ end }}. `syncd outbox list` has the "
                "errors; `syncd outbox retry` sends again.",
                runbook="outbox-stuck",
            ),
            _alert(
                "SyncdAbsent",
                "absent(syncd_build_info)",
                of.absent_for,
                "syncd is not there",
                "No replica of syncd is scraped. Nothing can be said of any key result, and none "
                "of the other alerts can fire.",
                runbook="absent",
            ),
            _alert(
                "SyncdNotProgressing",
                f"max(syncd_late_seconds) > {_seconds(of.late)}",
                of.late_for,
                "syncd has stopped measuring",
                "Something that was due to be read has waited for {{ $value | humanizeDuration }}, "
                "and no worker takes it. What is told grows old.",
                runbook="not-progressing",
            ),
            _alert(
                "SyncdReplicasDisagree",
                "(max by (kr) (syncd_kr_progress_ratio) - min by (kr) (syncd_kr_progress_ratio))"
                " != 0 or max by (kr) (max by (kr, status) (syncd_kr_status)"
                " - min by (kr, status) (syncd_kr_status)) != 0",
                of.disagree_for,
                "Replicas of syncd tell different things of {{ $labels.kr }}",
                "All replicas read one store and must tell the same. One of them reads another "
                "store, or cannot read its own.",
                runbook="replicas-disagree",
                page="/kr/{{ $labels.kr }}",
            ),
        ),
    )


def _alert(
    name: str,
    expr: str,
    wait: timedelta,
    summary: str,
    description: str,
    *,
    runbook: str,
    page: str = "/",
) -> Alert:
    return Alert(
        name,
        expr,
        Severity.TICKET,
        summary,
        description,
        runbook,
        page=page,
        wait=wait,
        labels={"team": TEAM},
    )


def _stuck(of: Windows) -> str:
    """Given up, tried in vain all the time, or not tried although it could be."""
    failing = f"min_over_time(syncd_outbox_failing_letters[{promql(of.outbox_for)}])"
    return (
        "max by (target) (syncd_outbox_dead_letters) > 0"
        f" or max by (target) ({failing}) > 0"
        f" or max by (target) (syncd_outbox_overdue_seconds) > {_seconds(of.outbox_overdue)}"
    )


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g}"
