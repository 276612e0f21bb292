"""Size of the report page of 50 series, and seconds until its charts are drawn in headless Chromium.

    python benchmarks/report_page.py

Five candidates, 20 origins, a horizon of a day. The page is opened seven times after a first time that is not counted.
Asked: below 3 seconds. Results go to results/report_page.csv. It needs chromium and chromedriver.
"""

import pathlib
import shutil
import statistics
import tempfile
import time

import pandas as pd
import results
from selenium import webdriver

import tsattn

SERIES, STEPS, HORIZON, WINDOWS, TIMES = 50, 600, 24, 20, 7


def compared():
    """Stretches of hourly temperatures as many series, five quick candidates."""
    y = tsattn.load_dataset("weather")["JFK_temp"]
    parts = {f"stretch {place}": y[100 * place :][:STEPS].reset_index(drop=True) for place in range(SERIES)}
    candidates = {f"naive {n}": tsattn.SeasonalNaiveForecaster(HORIZON, season=n) for n in (1, 12, 24)}
    candidates |= {f"linear {n}": tsattn.LinearForecaster(HORIZON, lookback=n, calibrate=True) for n in (24, 48)}
    panel = pd.concat(parts, names=["stretch", "hour"])
    return tsattn.compare(candidates, panel, windows=WINDOWS, stride=8, baseline="naive 24", season=24, verbose=0)


def opened(address):
    """Median seconds from the request until everything is drawn, which scripts do before the page is loaded."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    taken = []
    try:
        for _ in range(TIMES + 1):
            start = time.perf_counter()
            browser.get(address)
            assert browser.execute_script("return document.querySelectorAll('.chart:empty').length") == 0
            taken.append(time.perf_counter() - start)
        return statistics.median(taken[1:]), browser.capabilities["browserVersion"]
    finally:
        browser.quit()


def main():
    found = compared()
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "report.html"
        start = time.perf_counter()
        found.to_html(page)
        written, size = time.perf_counter() - start, page.stat().st_size
        seconds, chromium = opened(page.as_uri())
    row = {"series": SERIES, "models": len(found.leaderboard), "origins": WINDOWS, "horizon": HORIZON}
    row |= {"megabytes": f"{size / 1e6:.1f}", "write_seconds": f"{written:.2f}", "open_seconds": f"{seconds:.2f}"}
    results.write("report_page", [{**row, "chromium": chromium}])
    print(*row.values())


if __name__ == "__main__":
    main()
