import logging


def log_to_terminal() -> None:
    """Let every process of a worker write its log in one form."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
