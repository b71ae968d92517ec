"""The corpus of single mistakes: each case is one change to the good mapping.

``python -m tests.unit.mapping.mutations`` writes the mutated file of every case, and its
`expected.txt` where there is none yet; what it says there is for a person to read and judge.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
GOOD = HERE / "good"
CORPUS = HERE / "faults"
FOLDER = "q1-2026"
"""What faults call the folder of the files."""


class Mutation(NamedTuple):
    """In the good `file`, `old` (which stands there once) becomes `new`."""

    name: str
    file: str
    old: str
    new: str

    @property
    def text(self) -> str:
        """The mutated file."""
        good = (GOOD / self.file).read_text()
        assert good.count(self.old) == 1, f"{self.name}: {good.count(self.old)} × {self.old!r}"
        return good.replace(self.old, self.new)


def lay_out(mutated: Path, folder: Path) -> Path:
    """The good mapping in a folder of its own, with the files of the case over it."""
    place = folder / FOLDER
    shutil.copytree(GOOD, place)
    for file in mutated.glob("*.yaml"):
        shutil.copy(file, place)
    return place


ABANDONED = "        abandoned: {from: 2026-03-02, reason: Sold.}\n"
MUTATIONS = [
    Mutation(*it)
    for it in [
        # YAML itself
        ("tab", "dcim.yaml", "    measure: netbox.latency", "\tmeasure: netbox.latency"),
        (
            "unit-percent-sign",
            "ops.yaml",
            'job="lab"})\n          unit: ratio',
            'job="lab"})\n          unit: %',
        ),
        (
            "duplicate-key",
            "ops.yaml",
            "        title: Stock-outs\n",
            "        title: Stock-outs\n        title: Stock\n",
        ),
        ("anchor", "ops.yaml", "title: Lab connected", "title: &lab Lab connected"),
        ("alias", "ops.yaml", "title: Lab connected", "title: *lab"),
        (
            "merge-key",
            "dcim.yaml",
            "    percentile: 90",
            "    percentile: 90\n    <<: {mean: true}",
        ),
        ("tag", "ops.yaml", "title: Lab connected", "title: !!str Lab connected"),
        (
            "directive",
            "organisation.yaml",
            "organisation: Infra",
            "%YAML 1.1\n---\norganisation: Infra",
        ),
        ("second-document", "variables.yaml", "  limit: 5\n", "  limit: 5\n---\nvariables: {}\n"),
        ("colon-in-title", "ops.yaml", "title: Lab connected", "title: Lab: connected"),
        ("value-begins-with-at", "ops.yaml", "title: Lab connected", "title: @lab"),
        (
            "query-starts-with-quote",
            "ops.yaml",
            "passing: '\"Woken up\" is not EMPTY'",
            'passing: "Woken up" is not EMPTY',
        ),
        ("quote-never-closed", "ops.yaml", "title: Lab connected", 'title: "Lab connected'),
        ("bracket-never-closed", "dcim.yaml", "to_by: [svc-atlas]", "to_by: [svc-atlas"),
        ("bracket-too-many", "dcim.yaml", "to_by: [svc-atlas]", "to_by: [svc-atlas]]"),
        ("indentation", "ops.yaml", "        title: Lab connected", "       title: Lab connected"),
        (
            "line-without-colon",
            "ops.yaml",
            "        title: Lab connected\n",
            "        title: Lab connected\n        paused\n",
        ),
        ("dash-after-key", "dcim.yaml", "owner: ${leads}", "owner: - DCIM lead"),
        ("variable-in-list", "dcim.yaml", 'site: ["${site}"]', "site: [${site}]"),
        (
            "variable-in-braces",
            "dcim.yaml",
            '{site: ["${site}"], status: active}',
            "{site: ${site}, status: active}",
        ),
        (
            "comment-cuts-query",
            "dcim.yaml",
            "jql: project = PROC\n",
            'jql: project = PROC AND summary ~ "rack #4"\n',
        ),
        (
            "comma-cuts-query",
            "organisation.yaml",
            "status = Accepted}",
            "status in (Accepted, Done)}",
        ),
        (
            "bracket-cuts-query",
            "ops.yaml",
            "query: sum(out_of_stock)}",
            "query: sum(rate(out_of_stock[5m]))}",
        ),
        (
            "brace-cuts-query",
            "ops.yaml",
            "query: sum(out_of_stock)}",
            'query: sum(out_of_stock{a="b"})}',
        ),
        (
            "query-bracket-open",
            "ops.yaml",
            "query: sum(cost) / count(hosts)",
            "query: sum(cost / count(hosts)",
        ),
        ("query-quote-open", "dcim.yaml", "jql: project = PROC", 'jql: project = "PROC'),
        ("empty-file", "ops.yaml", (GOOD / "ops.yaml").read_text(), "# nothing yet\n"),
        ("bad-escape", "ops.yaml", "title: Lab connected", 'title: "Lab \\d"'),
        # files and their keys
        ("unknown-kind-of-file", "ops.yaml", "team: ops\n", "taem: ops\n"),
        ("kind-not-first", "ops.yaml", "team: ops\n", "title: Ops\nteam: ops\n"),
        ("sources-among-mappings", "ops.yaml", "team: ops\n", "sources: {}\nteam: ops\n"),
        (
            "unknown-key",
            "ops.yaml",
            "        title: Lab connected\n        owner:",
            "        title: Lab connected\n        ownr:",
        ),
        ("blank-note", "dcim.yaml", "note: The slowest tenth is not counted.", "note:"),
        ("blank-threshold", "organisation.yaml", "at_risk: 0.7", "at_risk: null"),
        ("blank-goal", "dcim.yaml", "{at_most: 7 d}", "{at_most: }"),
        ("blank-target", "dcim.yaml", "target: {at_most: 7 d}", "target:"),
        ("blank-option", "dcim.yaml", "percentile: 90", "percentile:"),
        ("missing-title", "ops.yaml", "        title: Lab connected\n", ""),
        ("missing-indicator", "dcim.yaml", "        indicator: tracked\n", ""),
        ("bad-id", "ops.yaml", "id: ops-o1-kr2", "id: Ops O1 KR2"),
        ("id-twice", "ops.yaml", "- id: ops-o1-kr6", "- id: dcim-o1-kr2"),
        (
            "indicator-twice",
            "dcim.yaml",
            "  onboarding:\n",
            "  hired: {measure: jira.count, jql: project = HR}\n  onboarding:\n",
        ),
        ("team-twice", "ops.yaml", "team: ops", "team: dcim"),
        ("number-for-text", "ops.yaml", "title: Lab connected", "title: 2026"),
        ("yes-for-true", "dcim.yaml", "page: true", "page: yes"),
        ("text-for-number", "dcim.yaml", "weight: 2", "weight: heavy"),
        ("weight-zero", "dcim.yaml", "weight: 2", "weight: 0"),
        (
            "text-for-list",
            "dcim.yaml",
            "needs: [dcim-o1-kr1, external:recruiting]",
            "needs: dcim-o1-kr1",
        ),
        (
            "number-for-owner",
            "ops.yaml",
            "        title: Lab connected\n        owner: Head of ops",
            "        title: Lab connected\n        owner: 7",
        ),
        ("page-without-owner", "dcim.yaml", "        owner: ${leads}\n", ""),
        (
            "empty-list-of-key-results",
            "ops.yaml",
            (GOOD / "ops.yaml").read_text().partition("    key_results:")[2],
            " []\n",
        ),
        # organisation
        ("bad-period", "organisation.yaml", "period: 2026-Q1", "period: Q1 2026"),
        (
            "bad-custom-period",
            "organisation.yaml",
            "period: 2026-Q1",
            "period: {id: spring, from: 2026-05-15, to: 2026-02-01}",
        ),
        ("bad-timezone", "organisation.yaml", "America/Los_Angeles", "America/LosAngeles"),
        ("judgement-upside-down", "organisation.yaml", "at_risk: 0.7", "at_risk: 0.95"),
        ("judgement-in-percent", "organisation.yaml", "on_track: 0.9", "on_track: 90 %"),
        ("hold-without-space", "organisation.yaml", "hold: 1 h", "hold: 1h"),
        # variables
        ("unknown-variable", "dcim.yaml", '["${site}"]', '["${sites}"]'),
        ("unknown-variable-far", "dcim.yaml", '["${site}"]', '["${colour}"]'),
        ("variable-spelt-wrong", "dcim.yaml", '["${site}"]', '["${Site-1}"]'),
        ("list-variable-in-text", "ops.yaml", "title: Lab connected", "title: Lab of ${leads}"),
        ("quoted-variable-in-query", "ops.yaml", '"${period_start}"', '"${quoted}"'),
        (
            "variable-in-a-key",
            "dcim.yaml",
            "{status: active}\n          req",
            '{"${site}": active}\n          req',
        ),
        ("variable-named-like-a-built-in", "variables.yaml", "  limit: 5", "  period_start: 5"),
        ("variable-in-a-variable", "variables.yaml", "  limit: 5", "  limit: ${site}"),
        ("variable-that-is-a-mapping", "variables.yaml", "  limit: 5", "  limit: {a: 1}"),
        # indicators
        ("unknown-measure", "dcim.yaml", "measure: netbox.latency", "measure: netbox.latncy"),
        ("no-measure", "dcim.yaml", "    measure: jira.duration\n", ""),
        ("unknown-option", "dcim.yaml", "    percentile: 90", "    percentil: 90"),
        (
            "missing-option",
            "dcim.yaml",
            "    endpoint: dcim.devices\n    filter: {site",
            "    filter: {site",
        ),
        ("refused-by-the-measure", "dcim.yaml", "    within: 24 h", "    within: 24h"),
        (
            "two-rules-of-the-measure",
            "dcim.yaml",
            "    within: 24 h",
            "    within: 24 h\n    mean: true",
        ),
        ("wrong-word-deep-inside", "dcim.yaml", "has: cable}", "hs: cable}"),
        ("no-scope", "dcim.yaml", "    jql: project = PROC\n", ""),
        (
            "unknown-source",
            "dcim.yaml",
            "    percentile: 90",
            "    percentile: 90\n    source: jira-cluod",
        ),
        (
            "source-of-another-kind",
            "dcim.yaml",
            "    percentile: 90",
            "    percentile: 90\n    source: netbox",
        ),
        ("default-source-unknown", "dcim.yaml", "{jira: jira-dc}", "{jira: jira-prod}"),
        ("unknown-indicator", "dcim.yaml", "indicator: tracked", "indicator: traked"),
        ("evidence-beside-a-name", "dcim.yaml", "        weight: 2", "        evidence: titles"),
        (
            "order-by",
            "dcim.yaml",
            "        indicator: tracked",
            "        indicator: {measure: jira.count, jql: project = A ORDER BY key}",
        ),
        # targets
        ("prose", "dcim.yaml", "target: {at_most: 7 d}", "target: at most 7 days"),
        ("prose-tbd", "dcim.yaml", "target: {at_most: 7 d}", "target: TBD"),
        ("two-goals", "dcim.yaml", "{at_most: 7 d}", "{at_most: 7 d, at_least: 1 d}"),
        ("goal-misspelt", "dcim.yaml", "{at_most: 7 d}", "{at_mst: 7 d}"),
        (
            "share-of-a-query-without-unit",
            "ops.yaml",
            "guard: {at_most: 0}",
            "guard: {at_most: 5 %}",
        ),
        ("no-goal", "dcim.yaml", "increase_to: 95 %, ", ""),
        ("share-as-fraction", "dcim.yaml", "increase_to: 95 %", "increase_to: 0.95"),
        ("share-without-space", "dcim.yaml", "{at_least: 100 %}", "{at_least: 100%}"),
        ("duration-without-unit", "dcim.yaml", "{at_most: 7 d}", "{at_most: 7}"),
        ("minutes-as-m", "dcim.yaml", "{at_most: 7 d}", "{at_most: 5m}"),
        ("share-for-a-duration", "dcim.yaml", "{at_most: 7 d}", "{at_most: 90 %}"),
        (
            "count-with-unit",
            "ops.yaml",
            "{at_least: 4, stretch: 6, empty: met}",
            "{at_least: 4 people}",
        ),
        (
            "count-grouped",
            "ops.yaml",
            "{at_least: 4, stretch: 6, empty: met}",
            "{at_least: '10,000'}",
        ),
        (
            "wrong-unit-of-ones-own",
            "ops.yaml",
            "from: 0.0375 USD/host/h",
            "from: 0.0375 EUR/host/h",
        ),
        ("placeholder", "dcim.yaml", "{at_most: 7 d}", "{at_most: xx%}"),
        ("points-for-relative", "ops.yaml", "decrease_by: 40 %", "decrease_by: 0.4"),
        ("start-at-the-goal", "dcim.yaml", "from: 19 %", "from: 95 %"),
        (
            "start-beside-at-least",
            "ops.yaml",
            "{at_least: 4, stretch: 6, empty: met}",
            "{at_least: 4, from: 1}",
        ),
        ("stretch-short-of-the-goal", "ops.yaml", "stretch: 6", "stretch: 3"),
        ("held-for-beside-at-most", "dcim.yaml", "{at_most: 7 d}", "{at_most: 7 d, held_for: 1 d}"),
        ("guard-without-limit", "ops.yaml", "guard: {at_most: 0}", "guard: {}"),
        ("guard-unknown-limit", "ops.yaml", "guard: {at_most: 0}", "guard: {atmost: 0}"),
        (
            "guard-upside-down",
            "ops.yaml",
            "guard: {at_most: 0}",
            "guard: {at_most: 0, at_least: 1}",
        ),
        ("boolean-false", "ops.yaml", "boolean: true", "boolean: false"),
        ("at-least-nothing", "ops.yaml", "{at_least: 4, stretch: 6, empty: met}", "{at_least: 0}"),
        ("empty-counts-as", "ops.yaml", "empty: met", "empty: missed"),
        # dates and checkpoints
        ("no-such-day", "dcim.yaml", "due: 2026-03-15", "due: 2026-02-30"),
        ("day-the-other-way", "dcim.yaml", "due: 2026-03-15", "due: 15.03.2026"),
        ("due-before-start", "dcim.yaml", "due: 2026-03-15", "due: 2026-01-01"),
        ("checkpoint-after-due", "dcim.yaml", "2026-02-28: 100 %", "2026-04-28: 100 %"),
        ("checkpoints-falling", "dcim.yaml", "2026-02-28: 100 %", "2026-02-28: 70 %"),
        ("checkpoint-beyond-the-goal", "dcim.yaml", "2026-02-28: 100 %", "2026-02-28: 110 %"),
        ("checkpoint-is-no-date", "dcim.yaml", "2026-02-28: 100 %", "end of february: 100 %"),
        (
            "checkpoints-beside-a-guard",
            "ops.yaml",
            "          guard: {at_most: 0}",
            "          guard: {at_most: 0}\n        checkpoints: {2026-02-01: 1}",
        ),
        # what is made of others
        ("coverage-of-no-set", "plat.yaml", "of: active, in", "of: tracked, in"),
        ("coverage-of-nothing", "plat.yaml", "of: active, in", "of: activ, in"),
        (
            "coverage-with-itself",
            "plat.yaml",
            "of: active, in: delivered",
            "of: active, in: active",
        ),
        ("coverage-of-a-key-result", "plat.yaml", "of: active, in", "of: plat-o1-kr6, in"),
        ("coverage-unknown-rule", "plat.yaml", "[trim, upper]", "[trim, uper]"),
        ("coverage-with-a-source", "plat.yaml", "of: active, in", "source: netbox, of: active, in"),
        (
            "shrink-limit-beyond-all",
            "plat.yaml",
            "[lower, {remove: cluster-}]}",
            "[lower, {remove: cluster-}], shrink_limit: 500 %}",
        ),
        (
            "shrink-limit-as-fraction",
            "plat.yaml",
            "[lower, {remove: cluster-}]}",
            "[lower, {remove: cluster-}], shrink_limit: 0.2}",
        ),
        (
            "coverage-in-dollars",
            "plat.yaml",
            "[lower, {remove: cluster-}]}",
            "[lower, {remove: cluster-}], unit: USD}",
        ),
        (
            "evidence-beside-a-coverage",
            "plat.yaml",
            "        target: {increase_to: 100 %, from: 19 %}\n",
            "        target: {increase_to: 100 %, from: 19 %}\n        evidence: titles\n",
        ),
        ("within-without-since", "plat.yaml", ", key: serial, at: first_seen}", ", key: serial}"),
        (
            "combine-in-two-ways",
            "plat.yaml",
            "{measure: combine, sum:",
            "{measure: combine, ratio: {of: active, over: tracked}, sum:",
        ),
        (
            "combine-of-a-circle",
            "plat.yaml",
            "minimum: [tracked, delivered_in_netbox]",
            "minimum: [tracked, tracked_all]",
        ),
        (
            "combine-of-two-kinds",
            "plat.yaml",
            "[cost_per_hour, cost_per_day]",
            "[cost_per_hour, tracked]",
        ),
        (
            "circle-of-parts",
            "plat.yaml",
            "of: delivered, in: in_netbox",
            "of: tracked_all, in: in_netbox",
        ),
        ("combine-of-one", "plat.yaml", "[cost_per_hour, cost_per_day]", "[cost_per_hour]"),
        (
            "combine-of-the-same-twice",
            "plat.yaml",
            "[cost_per_hour, cost_per_day]",
            "[cost_per_hour, cost_per_hour]",
        ),
        ("combine-of-other-units", "plat.yaml", "unit: USD/d", "unit: EUR/d"),
        (
            "combine-in-another-unit",
            "plat.yaml",
            "sum: [cost_per_hour, cost_per_day]}",
            "sum: [cost_per_hour, cost_per_day], unit: USD}",
        ),
        (
            "unit-beside-a-share",
            "plat.yaml",
            "    within: 4 h\n",
            "    within: 4 h\n    unit: USD\n",
        ),
        ("share-for-a-cost", "plat.yaml", "at_most: 2400 USD/d", "at_most: 80 %"),
        ("unit-of-nothing", "plat.yaml", "unit: USD/h}", "unit: USD per hour}"),
        ("target-in-another-unit", "plat.yaml", "at_most: 2400 USD/d", "at_most: 2400 EUR/d"),
        ("manual-without-staleness", "plat.yaml", ", stale_after: 14 d}", "}"),
        (
            "manual-that-pages",
            "plat.yaml",
            "        target: {at_least: 80 %}\n",
            "        target: {at_least: 80 %}\n        page: true\n",
        ),
        # milestones, and starts in the past
        (
            "milestones-beside-a-duration",
            "dcim.yaml",
            "target: {at_most: 7 d}",
            "target: {milestones: all}",
        ),
        ("milestones-in-words", "plat.yaml", "milestones: all", "milestones: every"),
        ("milestone-unknown", "plat.yaml", "{site: 2026-01-31, live", "{sight: 2026-01-31, live"),
        ("milestone-after-due", "plat.yaml", "live: 2026-03-31}}", "live: 2026-04-30}}"),
        (
            "milestone-forgotten",
            "plat.yaml",
            "milestones: {site: 2026-01-31, live: 2026-03-31}",
            "milestones: {site: 2026-01-31}",
        ),
        ("milestone-without-day", "plat.yaml", "{site: 2026-01-31, live", "{site: soon, live"),
        ("limit-beside-milestones", "plat.yaml", "{milestones: all}", "{at_most: 3}"),
        (
            "checkpoints-beside-milestones",
            "plat.yaml",
            "        due: 2026-02-28\n",
            "        checkpoints: {2026-02-01: 50 %}\n",
        ),
        ("year-or-number", "plat.yaml", "from: 2025-Q4", "from: 2025"),
        ("period-that-is-not-over", "plat.yaml", "from: 2025-Q4", "from: 2026-Q1"),
        (
            "period-of-what-is-composed",
            "plat.yaml",
            "{increase_to: 100 %, from: 19 %}",
            "{increase_to: 100 %, from: 2025-Q4}",
        ),
        # calendar
        ("holidays-of-nowhere", "plat.yaml", "holidays: GB", "holidays: GBR2"),
        ("holidays-of-a-name", "plat.yaml", "holidays: GB", "holidays: Germany"),
        (
            "hours-upside-down",
            "plat.yaml",
            'from: "09:00", to: "17:00"',
            'from: "17:00", to: "09:00"',
        ),
        ("hour-that-is-none", "plat.yaml", 'to: "17:00"', 'to: "5 pm"'),
        ("day-that-is-none", "plat.yaml", "[mon, tue, wed", "[mon, tues, wed"),
        (
            "business-without-hours",
            "plat.yaml",
            '  business_hours: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}\n',
            "",
        ),
        # duplicates
        ("duplicate-of-nothing", "net.yaml", "of: dcim-o1-kr2", "of: dcim-o1-kr22"),
        ("duplicate-of-an-objective", "net.yaml", "of: dcim-o1-kr2", "of: dcim-o1"),
        ("duplicate-of-a-joint-objective", "net.yaml", "of: dcim-o1-kr2", "of: plat-o2"),
        ("duplicate-of-an-indicator", "net.yaml", "of: dcim-o1-kr2", "of: hired"),
        ("duplicate-of-itself", "net.yaml", "of: dcim-o1-kr2", "of: net-o1-kr2"),
        ("duplicate-of-a-duplicate", "net.yaml", "of: dcim-o1-kr2", "of: net-o1-kr3"),
        (
            "duplicates-in-a-circle",
            "net.yaml",
            "of: dcim-o1-kr2\n      - id: net-o1-kr3\n        duplicate_of: dcim-o1-kr3",
            "of: net-o1-kr3\n      - id: net-o1-kr3\n        duplicate_of: net-o1-kr2",
        ),
        ("duplicate-of-no-id", "net.yaml", "of: dcim-o1-kr2", "of: The tracking of assets"),
        ("duplicate-of-blank", "net.yaml", "of: dcim-o1-kr2", "of:"),
        ("duplicate-misspelt", "net.yaml", "duplicate_of: dcim-o1-kr2", "duplicates: dcim-o1-kr2"),
        (
            "target-beside-a-duplicate",
            "net.yaml",
            "of: dcim-o1-kr2\n",
            "of: dcim-o1-kr2\n        target: {at_least: 90 %}\n",
        ),
        (
            "indicator-beside-a-duplicate",
            "net.yaml",
            "of: dcim-o1-kr2\n",
            "of: dcim-o1-kr2\n        indicator: tracked\n",
        ),
        (
            "unknown-key-beside-a-duplicate",
            "net.yaml",
            "of: dcim-o1-kr2\n",
            "of: dcim-o1-kr2\n        notes: The same.\n",
        ),
        (
            "duplicate-that-pages-nobody",
            "net.yaml",
            "of: dcim-o1-kr3\n",
            "of: dcim-o1-kr3\n        page: true\n",
        ),
        (
            "duplicate-in-a-circle-of-needs",
            "dcim.yaml",
            "        page: true",
            "        page: true\n        needs: [net-o1-kr2]",
        ),
        (
            "duplicate-of-a-rollup",
            "net.yaml",
            "duplicate_of: dcim-o1-kr2",
            "duplicate_of: hiring",
        ),
        # roll-ups and what stands beside
        (
            "rollup-with-a-weight",
            "organisation.yaml",
            "    owner: Head of recruiting\n",
            "    owner: Head of recruiting\n    weight: 2\n",
        ),
        (
            "rollup-that-is-a-duplicate",
            "organisation.yaml",
            "    indicator: hired\n    target: {at_least: 16, stretch: 18}\n",
            "    duplicate_of: ops-o1-kr1\n",
        ),
        (
            "rollup-of-a-key-result",
            "organisation.yaml",
            "    indicator: hired\n",
            "    indicator: ops-o1-kr1\n",
        ),
        ("rollup-with-the-id-of-another", "organisation.yaml", "id: hiring", "id: net-o1-kr1"),
        (
            "rollups-of-a-team",
            "net.yaml",
            "title: Networking\n",
            "title: Networking\nrollups: [{id: cabled, title: Cabled, indicator: hired}]\n",
        ),
        (
            "objectives-of-the-organisation",
            "organisation.yaml",
            "rollups:\n",
            "objectives: []\nrollups:\n",
        ),
        (
            "owner-of-an-objective",
            "net.yaml",
            "    accountable: Head of networking\n",
            "    owner: Head of networking\n",
        ),
        (
            "beside-in-a-mapping",
            "net.yaml",
            "          - {title: People, indicator: hired}\n",
            "      - id: net-o1-kr9\n        title: Hosts\n        indicator: hired\n        beside: {title: A, indicator: hired}\n",
        ),
        ("beside-by-name-alone", "net.yaml", "- {title: People, indicator: hired}", "- hired"),
        ("beside-without-title", "net.yaml", "{title: People, indicator", "{indicator"),
        ("beside-with-a-target", "net.yaml", "hired}", "hired, target: {at_least: 3}}"),
        ("beside-of-a-key-result", "net.yaml", "indicator: hired}", "indicator: ops-o1-kr1}"),
        ("beside-of-nothing", "net.yaml", "indicator: hired}", "indicator: hird}"),
        ("evidence-by-default", "organisation.yaml", "evidence: titles", "evidence: title"),
        # joint objectives
        ("joint-with-nobody", "net.yaml", "{team: plat, as", "{team: plot, as"),
        ("joint-with-a-team-without-a-file", "net.yaml", "{team: plat, as", "{team: legal, as"),
        ("joint-with-itself", "net.yaml", "{team: plat, as", "{team: net, as"),
        ("joint-in-a-word", "net.yaml", "{team: plat, as: plat-o2}", "plat"),
        ("joint-without-an-id", "net.yaml", "{team: plat, as: plat-o2}", "{team: plat}"),
        ("joint-id-that-is-taken", "net.yaml", "as: plat-o2}", "as: plat-o1}"),
        (
            "accountable-alone",
            "net.yaml",
            "    joint_with: {team: plat, as: plat-o2}\n",
            "",
        ),
        ("objective-of-no-weight", "net.yaml", "    weight: 2\n", "    weight: 0\n"),
        ("need-of-a-joint-objective", "net.yaml", "needs: [net-o1-kr2]", "needs: [plat-o2]"),
        (
            "freeze-upside-down",
            "organisation.yaml",
            "from: 2026-02-09, to: 2026-02-11",
            "from: 2026-02-11, to: 2026-02-09",
        ),
        ("freeze-without-end", "organisation.yaml", ", to: 2026-02-11", ""),
        ("freeze-without-title", "organisation.yaml", "title: Power work, ", ""),
        ("freeze-of-no-day", "organisation.yaml", "to: 2026-02-11", "to: 2026-02-30"),
        ("freeze-of-nobody", "organisation.yaml", "teams: [dcim, net]", "teams: [dcm, net]"),
        ("freeze-of-one-in-a-word", "organisation.yaml", "teams: [dcim, net]", "teams: net"),
        ("freeze-of-teams-in-a-team", "net.yaml", "to: 2026-02-13", "to: 2026-02-13, teams: [net]"),
        (
            "freezes-in-a-mapping",
            "net.yaml",
            "[{title: Move of the lab, from: 2026-02-11, to: 2026-02-13}]",
            "{title: Move of the lab, from: 2026-02-11, to: 2026-02-13}",
        ),
        # judgement
        ("hysteresis-in-percent", "net.yaml", "hysteresis: 0.01", "hysteresis: 1 %"),
        ("hysteresis-as-wide-as-the-band", "net.yaml", "hysteresis: 0.01", "hysteresis: 0.2"),
        ("early-beyond-all", "net.yaml", "early: 0.1", "early: 1"),
        ("history-of-a-day", "net.yaml", "history: 14 d", "history: 1 d"),
        ("history-without-unit", "net.yaml", "history: 14 d", "history: 14"),
        ("threshold-misspelt", "net.yaml", "hysteresis: 0.01", "histeresis: 0.01"),
        # endings
        (
            "abandoned-and-carried",
            "net.yaml",
            "        carried: {into",
            ABANDONED + "        carried: {into",
        ),
        (
            "abandoned-in-words",
            "net.yaml",
            "abandoned: {from: 2026-02-16, reason: Sold.}",
            "abandoned: Sold.",
        ),
        (
            "abandoned-without-reason",
            "net.yaml",
            "{from: 2026-02-16, reason: Sold.}",
            "{from: 2026-02-16}",
        ),
        (
            "abandoned-without-a-day",
            "net.yaml",
            "{from: 2026-02-16, reason: Sold.}",
            "{reason: Sold.}",
        ),
        (
            "abandoned-after-due",
            "net.yaml",
            "{from: 2026-02-16, reason",
            "{from: 2026-04-01, reason",
        ),
        (
            "abandoned-on-no-day",
            "net.yaml",
            "{from: 2026-02-16, reason",
            "{from: 16.02.2026, reason",
        ),
        ("carried-into-its-own-period", "net.yaml", "{into: 2026-Q2,", "{into: 2026-Q1,"),
        ("carried-into-the-past", "net.yaml", "{into: 2026-Q2,", "{into: 2025-Q4,"),
        ("carried-into-a-small-quarter", "net.yaml", "{into: 2026-Q2,", "{into: 2026-q2,"),
        ("carried-into-words", "net.yaml", "{into: 2026-Q2,", "{into: next quarter,"),
        ("carried-into-nothing", "net.yaml", "{into: 2026-Q2, ", "{"),
        (
            "carried-without-reason",
            "net.yaml",
            "from: 2026-03-02, reason: The site is late.}",
            "from: 2026-03-02}",
        ),
        (
            "ending-beside-a-duplicate",
            "net.yaml",
            "of: dcim-o1-kr3\n",
            "of: dcim-o1-kr3\n        abandoned: {from: 2026-02-16, reason: Sold.}\n",
        ),
        # references
        ("unknown-need", "dcim.yaml", "[dcim-o1-kr1, ext", "[dcim-o1-kr9, ext"),
        ("unknown-external", "dcim.yaml", "external:recruiting", "external:recruting"),
        ("external-without-its-word", "dcim.yaml", "external:recruiting", "recruiting"),
        ("need-of-an-objective", "dcim.yaml", "[dcim-o1-kr1, ext", "[ops-o1, ext"),
        ("need-of-itself", "dcim.yaml", "[dcim-o1-kr1, ext", "[dcim-o1-kr2, ext"),
        (
            "circle",
            "dcim.yaml",
            "        page: true",
            "        page: true\n        needs: [dcim-o1-kr2]",
        ),
    ]
]


def write() -> None:
    """Writes the corpus anew; expected texts that exist stay."""
    from tests.unit.mapping.stand_in_measures import load_folder

    for mutation in MUTATIONS:
        case = CORPUS / mutation.name
        case.mkdir(parents=True, exist_ok=True)
        (case / mutation.file).write_text(mutation.text)
        expected = case / "expected.txt"
        if not expected.exists():
            with tempfile.TemporaryDirectory() as scratch:
                loaded = load_folder(lay_out(case, Path(scratch)))
            expected.write_text("".join(f"{fault}\n" for fault in loaded.faults))


if __name__ == "__main__":
    write()
