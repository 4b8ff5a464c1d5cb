"""What each request passes through, from the outside in. A line less is a layer less."""

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core.http.access_log import AccessLog
from app.core.http.account import CREDENTIALS
from app.core.http.drain import LastAnswers
from app.core.http.failures import PlainErrors, Unexpected
from app.core.http.headers import SecurityHeaders
from app.core.http.health import Live
from app.core.http.hosts import TrustedHosts
from app.core.http.rate_limits import RateLimits
from app.core.http.request_id import RequestId
from app.core.http.time_limit import TimeLimit
from app.core.settings import Settings

COMPRESSED_FROM = 1000  # bytes: below, compression costs more than it saves
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = (*CREDENTIALS, "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
ANSWER_HEADERS = (
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Request-ID",
)


def middleware(settings: Settings) -> list[Middleware]:
    """List the layers, the outermost first."""
    return [
        Middleware(RequestId, trusted=settings.trusted_networks),
        Middleware(AccessLog, health_every=settings.log_health_every),
        Middleware(LastAnswers),
        Middleware(SecurityHeaders, hsts=settings.environment.is_exposed),
        Middleware(Live),
        Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies)),
        Middleware(PlainErrors),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_credentials=settings.cors_credentials,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            expose_headers=ANSWER_HEADERS,
        ),
        Middleware(TrustedHosts, allowed_hosts=settings.hosts, www_redirect=False),
        Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM, compresslevel=5),
        Middleware(RateLimits, settings=settings),
        Middleware(TimeLimit, seconds=settings.request_timeout),
        Middleware(Unexpected),
        Middleware(RequestBodyLimitMiddleware, max_body_size=settings.max_body_size),
    ]
