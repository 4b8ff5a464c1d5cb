"""An endpoint of FastAPI that does nothing."""

# mypy: disable-error-code="import-not-found, untyped-decorator"
# FastAPI is installed in the service's environment, not where this file is type-checked.

from fastapi import FastAPI

app = FastAPI()


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}
