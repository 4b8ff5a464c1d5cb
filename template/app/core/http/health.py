"""Where health is asked: by any name of the host, as often as one likes."""

PREFIX = "/health"


def is_health(path: str) -> bool:
    return path.startswith(f"{PREFIX}/")
