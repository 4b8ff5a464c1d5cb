"""Tells what is loaded that sends telemetry. Import this before the application."""

import sys

from fastapi import APIRouter

import app.features
from app.core.feature import Feature

router = APIRouter()
app.features.FEATURES = (*app.features.FEATURES, Feature(router=__name__))


@router.get("/loaded")
async def loaded() -> list[str]:
    # Not the SDK: other libraries load it wherever it is installed.
    senders = ("opentelemetry.exporter", "opentelemetry.instrumentation", "prometheus_client")
    return sorted(name for name in sys.modules if name.startswith(senders))
