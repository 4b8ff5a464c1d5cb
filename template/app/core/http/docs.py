"""The page where people read and try the API: Swagger UI, with nothing from another host."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles

HERE = Path(__file__).parent
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the arrows in Swagger UI's style sheet
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Assets(StaticFiles):
    """Files that a browser may keep, as long as it asks each time whether they changed."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def page(_: Request) -> FileResponse:
    return FileResponse(HERE / "docs.html", headers={"Content-Security-Policy": POLICY})


async def init_script(_: Request) -> FileResponse:
    return FileResponse(HERE / "docs.js")


def install_docs(app: FastAPI, *, enabled: bool) -> None:
    """Serve the page at `/docs`, and at no address where it is not enabled."""
    if not enabled:
        return
    app.add_route("/docs", page, include_in_schema=False)
    app.add_route("/docs/init.js", init_script, include_in_schema=False)
    app.mount("/docs", Assets(packages=[("fastapi_offline", "static")]))
