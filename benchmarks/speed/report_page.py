"""Size of the report page of 50 series, and seconds until headless Chromium has drawn its charts.

    python benchmarks/speed/report_page.py

The comparison has five candidates, 20 origins and a horizon of one day. The page is opened seven times after a warm-up.
The goal is below 3 seconds. Chromium and chromedriver are required.
"""

import pathlib
import shutil
import statistics
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import pandas as pd

import tsattn
from benchmarks.common.runner import Benchmark

SERIES, STEPS, HORIZON, WINDOWS, TIMES = 50, 600, 24, 20, 7


def make_comparison(series):
    """Compare five quick candidates on sections of the hourly temperatures, each as one series."""
    y = tsattn.load_dataset("weather")["JFK_temp"]
    parts = {f"section {number}": y[100 * number :][:STEPS].reset_index(drop=True) for number in range(series)}
    candidates = {f"naive {n}": tsattn.SeasonalNaiveForecaster(HORIZON, season=n) for n in (1, 12, 24)}
    candidates |= {f"linear {n}": tsattn.LinearForecaster(HORIZON, lookback=n, calibrate=True) for n in (24, 48)}
    panel = pd.concat(parts, names=["section", "hour"])
    return tsattn.compare(candidates, panel, windows=WINDOWS, stride=8, baseline="naive 24", season=24, verbose=0)


def open_page(address):
    """Open a page in Chromium.

    Returns:
        Median seconds until the page is loaded, which scripts delay until all charts are drawn, and the version of
        Chromium.
    """
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    seconds = []
    try:
        for _ in range(TIMES + 1):
            start = time.perf_counter()
            browser.get(address)
            assert browser.execute_script("return document.querySelectorAll('.chart:empty').length") == 0
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds[1:]), browser.capabilities["browserVersion"]
    finally:
        browser.quit()


def measure(series=SERIES):
    """Return the figures of one page."""
    comparison = make_comparison(series)
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "report.html"
        start = time.perf_counter()
        comparison.to_html(page)
        written, size = time.perf_counter() - start, page.stat().st_size
        seconds, chromium = open_page(page.as_uri())
    row = {"series": series, "models": len(comparison.leaderboard), "origins": WINDOWS, "horizon": HORIZON, "seed": 0}
    row |= {"megabytes": f"{size / 1e6:.1f}", "write_seconds": f"{written:.2f}", "open_seconds": f"{seconds:.2f}"}
    return {**row, "chromium": chromium}


BENCHMARK = Benchmark(
    "report_page",
    axes={},
    figures=(
        *("series", "models", "origins", "horizon", "seed"),
        *("megabytes", "write_seconds", "open_seconds", "chromium"),
    ),
    measure=measure,
    quick={"series": 5},
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
