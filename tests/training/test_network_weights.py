"""The weights of a trained network are checked against the network."""

import dataclasses

import numpy as np
import pytest
from forecaster_table import HORIZON, NETWORKS, monthly


def test_weights_of_another_network_are_rejected():
    model = NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())
    transposed = [np.ascontiguousarray(weight.T) for weight in model.network_.weights]
    model.network_ = dataclasses.replace(model.network_, weights=transposed)
    with pytest.raises(ValueError, match="core is not the one that was fitted"):
        model.predict()
