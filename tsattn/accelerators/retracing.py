"""TensorFlow's warning about repeated tracing."""

import contextlib
import logging


@contextlib.contextmanager
def without_retracing_warnings():
    """Suppress TensorFlow's warning about repeated tracing: it counts across networks, each of which is traced once."""

    def is_other(record):
        return "retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
