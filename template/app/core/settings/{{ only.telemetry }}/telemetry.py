import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from app.core.settings.http import Names
from app.core.settings.server import ServerSettings

ENDPOINT = re.compile(r"https?://([^\s/@]+@)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[0-9]+)?(/\S*)?")
PAIRS = re.compile(r"[^\s,=]+=[^,=][^,]*(,\s*[^\s,=]+=[^,=][^,]*)*,?")
EXPORTERS = {"otlp", "prometheus", "none"}
PREFIX = "otel_"


def refuse_what_is_no_endpoint(address: str) -> str:
    if address and not ENDPOINT.fullmatch(address):
        raise ValueError("must be an address of OTLP over HTTP: http://collector:4318.")
    return address


def refuse_what_are_no_pairs(text: SecretStr) -> SecretStr:
    if text.get_secret_value() and not PAIRS.fullmatch(text.get_secret_value()):
        raise ValueError("must be pairs with commas between: key=value,other=value.")
    return text


def refuse_unknown_exporters(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or set(names) - EXPORTERS or ("none" in names and len(names) > 1):
        raise ValueError("must be otlp, prometheus, both with a comma between, or none.")
    return names


Endpoint = Annotated[str, AfterValidator(refuse_what_is_no_endpoint)]
Pairs = Annotated[SecretStr, AfterValidator(refuse_what_are_no_pairs)]
Exporters = Annotated[Names, AfterValidator(refuse_unknown_exporters)]
Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]


class TelemetrySettings(ServerSettings):
    """OpenTelemetry's own variables, those that a typo would make useless without a word.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """

    otel_sdk_disabled: bool = False
    otel_service_name: str = Field(default="", max_length=255)
    otel_resource_attributes: Pairs = SecretStr("")
    otel_traces_exporter: Literal["otlp", "none"] = "otlp"
    otel_metrics_exporter: Exporters = ("otlp",)
    # Who runs it collects standard error as a rule, and would have each line twice.
    otel_logs_exporter: Literal["otlp", "none"] = "none"
    otel_exporter_otlp_endpoint: Endpoint = ""
    otel_exporter_otlp_traces_endpoint: Endpoint = ""
    otel_exporter_otlp_metrics_endpoint: Endpoint = ""
    otel_exporter_otlp_logs_endpoint: Endpoint = ""
    otel_exporter_otlp_headers: Pairs = SecretStr("")
    otel_exporter_otlp_protocol: Literal["http/protobuf"] = "http/protobuf"
    otel_exporter_otlp_timeout: float = Field(default=10.0, gt=0, le=60, description="seconds")
    otel_exporter_prometheus_host: str = Field(default="127.0.0.1", pattern=r"^[A-Za-z0-9.:-]+$")
    otel_exporter_prometheus_port: int = Field(default=9464, ge=1, le=65535)
    otel_traces_sampler: Sampler = "parentbased_always_on"
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1, description="the share kept")
    otel_bsp_schedule_delay: int = Field(default=5000, ge=1, description="milliseconds")
    otel_metric_export_interval: int = Field(default=60000, ge=1, description="milliseconds")

    @property
    def sends_traces(self) -> bool:
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(named) and self.otel_traces_exporter == "otlp"

    @property
    def sends_metrics(self) -> bool:
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_metrics_endpoint
        return bool(named) and "otlp" in self.otel_metrics_exporter

    @property
    def sends_logs(self) -> bool:
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_logs_endpoint
        return bool(named) and self.otel_logs_exporter == "otlp"

    @property
    def serves_metrics(self) -> bool:
        return "prometheus" in self.otel_metrics_exporter

    @property
    def sends_telemetry(self) -> bool:
        ways = self.sends_traces or self.sends_metrics or self.sends_logs or self.serves_metrics
        return ways and not self.otel_sdk_disabled

    def otel_variables(self) -> Iterator[tuple[str, str]]:
        """Give what was set, wherever that was, as the variables that the SDK reads."""
        for name in sorted(self.model_fields_set):
            if name.startswith(PREFIX):
                value = getattr(self, name)
                if isinstance(value, SecretStr):
                    value = value.get_secret_value()
                yield name.upper(), ",".join(value) if isinstance(value, tuple) else str(value)
