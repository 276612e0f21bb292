"""The suppression of a TensorFlow warning."""

import logging

from tsattn.accelerators.retracing import without_retracing_warnings


def test_only_the_retracing_warning_is_suppressed(caplog):
    logger = logging.getLogger("tensorflow")
    with without_retracing_warnings():
        logger.warning("5 out of the last 5 calls triggered tf.function retracing.")
        logger.warning("another warning")
    logger.warning("retracing again")
    assert [record.getMessage() for record in caplog.records] == ["another warning", "retracing again"]
