from starlette.requests import HTTPConnection


def address_of(request: HTTPConnection) -> str:
    """Give the address that a trusted proxy or the connection names; empty on a Unix socket."""
    return request.client.host if request.client else ""
