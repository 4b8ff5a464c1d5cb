"""The endpoint that a Prometheus scrapes, on a port of its own, in a thread."""

import errno
import logging

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from prometheus_client import CollectorRegistry, start_http_server

logger = logging.getLogger(__name__)

# Ports that are tried: processes of one machine take one each.
PORTS = 100


def prometheus_reader(host: str, first: int) -> list[PrometheusMetricReader]:
    """Serve metrics at the first port that is free; where none is, serve requests without."""
    registry = CollectorRegistry()
    for port in range(first, min(first + PORTS, 65536)):
        try:
            start_http_server(port, host, registry)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            logger.error(
                "No metrics for Prometheus: OTEL_EXPORTER_PROMETHEUS_HOST, port %d: %s", port, error
            )
            return []
        logger.info("Metrics for Prometheus: http://%s:%d/metrics", host, port)
        # The names of OTLP: no instrumentation is a label.
        return [PrometheusMetricReader(scope_info_enabled=False, registry=registry)]
    logger.error(
        "No metrics for Prometheus: %d ports from OTEL_EXPORTER_PROMETHEUS_PORT on are taken", PORTS
    )
    return []
