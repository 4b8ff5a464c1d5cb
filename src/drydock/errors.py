"""What the command refuses, and how it says so."""


class Refused(Exception):  # noqa: N818, said as it is meant
    """A request that cannot be met: one sentence for people that names the thing and the way out.

    The command prints it without a traceback, leaves nothing behind and exits with 2.
    """


def one_line(text: str) -> str:
    """Fold white space, so that a message from elsewhere stays one line."""
    return " ".join(text.split())
