"""The alerts on syncd itself and its sources: each fires when it must, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.alerting import Alert, groups
from tests.alerting import test_key_result_alerts
from tests.alerting.promtool import Moment, objections

ALIVE = {'syncd_build_info{version="1"}': "1x300"}


@dataclass(frozen=True)
class Case:
    """An alert that does not fire `before` (a time of promtool's) and does `then`; once what it is
    about is mended it does not fire `after`.
    """

    alert: str
    series: Mapping[str, str]
    before: str
    then: str
    after: str
    labels: Mapping[str, str]


CASES = {
    "a source that does not answer": Case(
        "SyncdSourceDown",
        ALIVE | {'syncd_source_up{source="jira"}': "1x9 0x59 1x60"},
        "24m", "25m", "1h11m", {"source": "jira"},
    ),
    "a limit of requests that is almost used up": Case(
        "SyncdBudgetAlmostSpent",
        ALIVE | {
            'syncd_source_rate_limit_remaining{source="jira"}': "100x9 9x59 100x60",
            'syncd_source_rate_limit{source="jira"}': "100x120",
            'syncd_source_rate_limit_remaining{source="netbox"}': "10x120",
            'syncd_source_rate_limit{source="netbox"}': "100x120",
        },
        "19m", "20m", "1h11m", {"source": "jira"},
    ),
    "a limit that nobody knows, and nothing left of it": Case(
        "SyncdBudgetAlmostSpent",
        ALIVE | {'syncd_source_rate_limit_remaining{source="jira"}': "1x9 0x59 1x60"},
        "19m", "20m", "1h11m", {"source": "jira"},
    ),
    "a number that is not believed": Case(
        "SyncdNumberNotBelieved",
        ALIVE | {
            'syncd_indicator_quarantined{indicator="load"}': "0x9 1x59 0x60",
            'syncd_indicator_quarantined{indicator="other"}': "0x120",
        },
        "24m", "25m", "1h11m", {"indicator": "load"},
    ),
    "mapping files that are refused": Case(
        "SyncdMappingRejected",
        ALIVE | {"syncd_mapping_accepted": "1x9 0x59 1x60"},
        "14m", "15m", "1h11m", {},
    ),
    "letters that were given up": Case(
        "SyncdOutboxStuck",
        ALIVE | {'syncd_outbox_dead_letters{target="webhook:ops"}': "0x9 1x59 0x60"},
        "14m", "15m", "1h11m", {"target": "webhook:ops"},
    ),
    "letters that cannot be delivered": Case(
        "SyncdOutboxStuck",
        ALIVE | {'syncd_outbox_failing_letters{target="webhook:ops"}': "0x9 3x59 0x60"},
        "44m", "45m", "1h11m", {"target": "webhook:ops"},
    ),
    "letters that nobody sends": Case(
        "SyncdOutboxStuck",
        ALIVE | {'syncd_outbox_overdue_seconds{target="webhook:ops"}': "0x9 0+60x49 0x60"},
        "30m", "31m", "1h11m", {"target": "webhook:ops"},
    ),
    "a syncd that is gone": Case(
        "SyncdAbsent",
        {'syncd_build_info{version="1"}': "1x9 _x50 1x60"},
        # a series is looked for five minutes back
        "19m", "20m", "1h2m", {},
    ),
    "a worker that takes nothing": Case(
        "SyncdNotProgressing",
        ALIVE | {"syncd_late_seconds": "0x9 0+60x49 0x60"},
        "30m", "31m", "1h11m", {},
    ),
    "replicas that tell different progress": Case(
        "SyncdReplicasDisagree",
        ALIVE | {
            'syncd_kr_progress_ratio{kr="a-o1-kr1",instance="a"}': "0.5x120",
            'syncd_kr_progress_ratio{kr="a-o1-kr1",instance="b"}': "0.5x9 0.4x59 0.5x60",
        },
        "14m", "15m", "1h11m", {"kr": "a-o1-kr1"},
    ),
    "replicas that tell different statuses": Case(
        "SyncdReplicasDisagree",
        ALIVE | {
            'syncd_kr_status{kr="a-o1-kr1",status="on_track",instance="a"}': "1x120",
            'syncd_kr_status{kr="a-o1-kr1",status="on_track",instance="b"}': "1x9 0x59 1x60",
            'syncd_kr_status{kr="a-o1-kr1",status="at_risk",instance="a"}': "0x120",
            'syncd_kr_status{kr="a-o1-kr1",status="at_risk",instance="b"}': "0x9 1x59 0x60",
        },
        "14m", "15m", "1h11m", {"kr": "a-o1-kr1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_fires_when_it_must_and_not_before_and_resolves(tmp_path: Path, case: Case) -> None:
    fires = {"alertname": case.alert, "severity": "ticket", "team": "syncd", **case.labels}

    said = objections(
        tmp_path,
        case.series,
        [Moment(case.before, []), Moment(case.then, [fires]), Moment(case.after, [])],
    )

    assert said == ""


def test_every_alert_is_tried_by_a_test() -> None:
    shipped = {rule.name for group in groups() for rule in group.rules if isinstance(rule, Alert)}
    source = Path(test_key_result_alerts.__file__).read_text(encoding="utf-8")
    tried = {name for name in shipped if f'fires("{name}"' in source}

    assert shipped == tried | {case.alert for case in CASES.values()}
