"""neuralforecast: its LSTM with default arguments, from a CSV file to a forecast. The whole process is timed."""

import sys

import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM

frame = pd.read_csv(sys.argv[1], parse_dates=["ds"]).assign(unique_id="air")
forecaster = NeuralForecast(models=[LSTM(h=12, input_size=24, accelerator="cpu")], freq="MS")
forecaster.fit(frame)
print(forecaster.predict())
