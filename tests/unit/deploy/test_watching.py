"""Alerts and the dashboard ask only for what the services tell of themselves, and for all of it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
import yaml

from contracts.words import Grade
from deploy.contracts.documents import SERVICES, openapi
from services.chassis.telemetry import Metrics
from services.records.complaints.rules import Standing
from tests.support.files import XLSX
from tests.support.paths import DEPLOY, ROOT, RUNBOOK

RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/pipeline.json").read_text())
_GAUGE = r'Gauge\(\s*"(\w+)",\s*(?:"[^"]*"\s*)+,\s*\[([^\]]*)\]'
# of one service each, and so not among the chassis's metrics: name and labels
GAUGES = {
    name: re.findall(r'"(\w+)"', labels)
    for path in sorted([*(ROOT / "services").rglob("*.py"), DEPLOY / "audit" / "watch.py"])
    for name, labels in re.findall(_GAUGE, path.read_text())
} | {"audit_age_seconds": []}
SOURCE = "\n".join(path.read_text() for path in (ROOT / "services").rglob("*.py"))
ALERTS = [rule["expr"] for rule in RULES]
PANELS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
QUERIES = (*ALERTS, *PANELS)


def counted() -> dict[str, set[str]]:
    """The outcomes of each stage, as far as the code names them where it counts; of a grade all
    there are.
    """
    outcomes: dict[str, set[str]] = defaultdict(set)
    for stage, told in re.findall(r'metrics\.count\(\s*"(\w+)",\s*(.+)', SOURCE):
        outcomes[stage] |= {
            *re.findall(r'"(\w+)"', told),
            *(Grade if told.startswith("grade") else ()),
        }
    for told in re.findall(r"metrics\.count\(kind\.name,\s*(.+)", SOURCE):
        for letter in re.findall(r'LetterKind\(\s*"(\w+)"', SOURCE):
            outcomes[letter] |= {*re.findall(r'"(\w+)"', told)}
    return outcomes


def selectors(metric: str) -> Iterator[dict[str, set[str]]]:
    """What each query asks of a metric: label to the values that it names."""
    for query in QUERIES:
        for asked in re.findall(metric + r"\{([^}]*)\}", query):
            yield {
                label: set(values.split("|"))
                for label, values in re.findall(r'(\w+)!?[=~]+"([^"]*)"', asked)
            }


def test_alerts_and_dashboard_use_only_metrics_and_labels_that_the_services_have() -> None:
    metrics = Metrics()
    found = {family.name: family for family in metrics.registry.collect()}
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    known = {
        name + suffix for name, family in found.items() for suffix in suffixes[family.type]
    } | set(GAUGES)
    labels = (
        {"job", "part", "instance", "le"}
        | label_names(metrics)
        | {label for of in GAUGES.values() for label in of}
    )
    for query in QUERIES:
        bare = re.sub(r'"[^"]*"', '""', query)
        words = set(
            re.findall(r"[a-z_]+", re.sub(r"\{[^}]*\}|\[[^\]]*\]|(?:by|on) \([^)]*\)", " ", bare))
        )
        used = words - {
            "sum",
            "max",
            "min",
            "by",
            "rate",
            "increase",
            "histogram_quantile",
            "absent",
            "count",
            "vector",
            "or",
            "and",
        }
        assert used - {"min_over_time", "max_over_time", "deriv", "up"} <= known, query
        assert set(re.findall(r"([a-z_]+)(?:=|!)~?\"", query)) <= labels, query
        for group in re.findall(r"by \(([^)]*)\)", query):
            assert set(group.split(", ")) <= labels, query


def test_each_gauge_has_an_alert_and_a_panel() -> None:
    gauges = {
        *GAUGES,
        *(family.name for family in Metrics().registry.collect() if family.type == "gauge"),
    }
    gauges = {name for name in gauges if not name.startswith("process_")}
    assert {
        "complaints",
        "signing_key_days",
        "renewals_overdue",
        "outbox_depth",
        "consumer_lag_events",
    } <= gauges
    for name in gauges:
        assert any(name in expr for expr in ALERTS), name
        assert any(name in expr for expr in PANELS), name


def test_a_label_s_value_in_a_query_is_one_that_the_gauge_has() -> None:
    told = {"state": set(Standing), "left": set(re.findall(r'gauge\.labels\("(\w+)"\)', SOURCE))}
    for query in QUERIES:
        for label, value in re.findall(r'\b(state|left)="([^"]+)"', query):
            assert value in told[label], query


def label_names(metrics: Metrics) -> set[str]:
    owned = (
        metrics.requests,
        metrics.handled,
        metrics.events,
        metrics.items,
        metrics.outbox_depth,
        metrics.lag,
    )
    return {label for metric in owned for label in metric._labelnames}


def test_an_outcome_in_a_query_is_one_that_is_counted_of_each_stage_it_is_asked_of() -> None:
    outcomes = counted()
    asked = [one for one in selectors("items_total") if "outcome" in one]
    assert asked
    for one in asked:
        for stage in one["stage"]:
            assert one["outcome"] <= outcomes[stage], one
    handled = {"done", *re.findall(r'observe\([\w.]+, "(\w+)"', SOURCE)}
    for metric in ("events_total", "events_handled_seconds_bucket"):
        for one in selectors(metric):
            assert one["outcome"] <= handled, one


def test_every_stage_that_is_counted_is_read_and_no_other() -> None:
    assert {stage for one in selectors("items_total") for stage in one["stage"]} == set(counted())


def test_every_alert_has_its_section_in_the_runbook_and_no_other_has() -> None:
    runbook = (RUNBOOK / "incidents.md").read_text()
    sections = re.findall(r"^### `(\w+)`$", runbook, re.MULTILINE)
    assert set(sections) == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("service", SERVICES)
def test_slow_answers_leaves_out_just_the_routes_that_last_as_long_as_what_they_take_or_give(
    service: str,
) -> None:
    rule = next(rule["expr"] for rule in RULES if rule["alert"] == "SlowAnswers")
    (left_out,) = re.findall(r'route!~"([^"]+)"', rule)
    # an answer is timed under the path of its route as its router has it
    paths = {
        path.removeprefix(f"/{service}/v1"): methods
        for path, methods in openapi(service)["paths"].items()
    }
    tables = {
        path
        for path, methods in paths.items()
        for method in methods.values()
        for status, answer in method["responses"].items()
        if status == "200"
        and {"text/csv", XLSX, "text/event-stream"} & set(answer.get("content", {}))
    }
    uploads = {
        path
        for path, methods in paths.items()
        if "text/csv" in methods.get("post", {}).get("requestBody", {}).get("content", {})
    }
    assert {path for path in paths if re.fullmatch(left_out, path)} == tables | uploads
