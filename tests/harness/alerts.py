"""Whether alerts fire: series of an hour, a value a minute, and what promtool makes of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.harness.observed import FOLDER
from tests.harness.process import program, said
from tests.harness.prometheus import path

ANSWERS = "http_server_request_duration_seconds"
STATUS = f'{ANSWERS}_count{{job="desk", http_response_status_code='
WITHIN = f'{ANSWERS}_bucket{{job="desk", le='
AGE = 'queue_oldest_age_seconds{queue_name="desk", job='
WAITED = 'task_wait_seconds_bucket{job="desk-worker", le='
DEPTH = 'queue_depth{queue_name="desk", job='
BEGUN = 'task_wait_seconds_count{job="desk-worker"}'
Series = Mapping[str, str]


class Case(NamedTuple):
    """An alert, and what is measured where all is well, and where it has to fire."""

    alert: str
    well: Series
    ill: Series
    severity: str
    labels: Mapping[str, str]
    summary: str


OF_SERVICE = [
    Case(
        "ErrorRate",
        {f'{STATUS}"200"}}': "0+97x60", f'{STATUS}"500"}}': "0+3x60"},
        {f'{STATUS}"200"}}': "0+93x60", f'{STATUS}"500"}}': "0+7x60"},
        "critical",
        {"job": "desk"},
        "desk fails 7% of its requests",
    ),
    Case(
        "SlowRequests",
        {
            f'{WITHIN}"1"}}': "0+97x60",
            f'{WITHIN}"2.5"}}': "0+100x60",
            f'{WITHIN}"+Inf"}}': "0+100x60",
        },
        {
            f'{WITHIN}"1"}}': "0+93x60",
            f'{WITHIN}"2.5"}}': "0+100x60",
            f'{WITHIN}"+Inf"}}': "0+100x60",
        },
        "warning",
        {"job": "desk"},
        "5 % of requests to desk take over 1.429s",
    ),
]
OF_QUEUE = [
    Case(
        "QueueAge",
        {f'{AGE}"desk"}}': "0x55 90 90 0 0 0"},  # late, and not for long
        # Each process tells the same; it is one alert.
        {f'{AGE}"desk"}}': "0+2x60", f'{AGE}"desk-worker"}}': "0+2x60"},
        "warning",
        {"queue_name": "desk"},
        "A job of desk waits for 2m 0s",
    )
]
ON_RABBITMQ = [
    Case(
        "QueueAge",
        {f'{WAITED}"60"}}': "0+100x60", f'{WAITED}"+Inf"}}': "0+100x60"},
        {
            f'{WAITED}"60"}}': "0x60",
            f'{WAITED}"120"}}': "0+100x60",
            f'{WAITED}"+Inf"}}': "0+100x60",
        },
        "warning",
        {"job": "desk-worker"},
        "Jobs of desk-worker wait for 1m 57s",
    ),
    Case(
        "QueueStuck",
        {f'{DEPTH}"desk"}}': "5x60", BEGUN: "0+1x60"},
        {f'{DEPTH}"desk"}}': "5x60", f'{DEPTH}"desk-worker"}}': "5x60", BEGUN: "10x60"},
        "critical",
        {"queue_name": "desk"},
        "5 jobs of desk wait, and none begins",
    ),
]


def mistaken(tree: Path, case: Case, *, fires: bool) -> str:
    """Ask promtool whether an alert fires, and says what it should; empty: it does so."""
    fired = {
        "exp_labels": {"severity": case.severity, **case.labels},
        "exp_annotations": {"summary": case.summary},
    }
    tests = {
        "rule_files": [str(file) for file in sorted((tree / FOLDER / "rules").glob("*.yaml"))],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values}
                    for name, values in (case.ill if fires else case.well).items()
                ],
                "alert_rule_test": [
                    {"eval_time": "1h", "alertname": case.alert, "exp_alerts": [fired] * fires}
                ],
            }
        ],
    }
    file = tree / "alerts.yaml"
    file.write_text(yaml.safe_dump(tests), encoding="utf-8")
    return said([program("promtool", path()), "test", "rules", str(file)], tree)
