"""The report page in a browser: charts follow the controls, and the page makes no requests, logs nothing and fits the
width."""

import dataclasses
import itertools
import shutil
import time

import pandas as pd
import pytest
from report.test_page import HOSTILE, MODELS, TIMES, contents, many

from tsattn.report.page import Contents, write_page

webdriver = pytest.importorskip("selenium.webdriver")
pytest.importorskip("jinja2")
pytest.importorskip("plotly")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Addresses of pages by name."""
    full = contents()
    stores = many(series=30, models=2, windows=3, horizon=6)
    long = {"attention": "a_model_with_a_name_that_never_ends_" * 3}
    hostile = dataclasses.replace(
        contents(name=HOSTILE),
        forecasts=full.forecasts.replace({"model": {"attention": HOSTILE}}),
        by_step=full.by_step.rename(columns={"attention": HOSTILE}),
        attention={HOSTILE: full.attention["attention"]},
        leaderboard=full.leaderboard.rename(index=long),
        significance=full.significance.replace({"model_a": long}),
        ranks=full.ranks.rename(long),
        settings={"search_space" * 9: "x" * 200},
        command="tsattn compare " + "y" * 300,
    )
    two = pd.concat([full.forecasts.assign(series=name) for name in ("short", "s" * 100)], ignore_index=True)
    two = Contents("two", full.leaderboard, forecasts=two, teacher=full.teacher)
    hours = contents(TIMES["hours with a clock change"])
    names = [f"linear with a lookback of {steps} steps" for steps in range(13)]
    columns = ["MASE", "MAE", "RMSE", "sMAPE", "WAPE", "RMSSE", "skill", "fit_seconds", "predict_ms", "parameters"]
    board = pd.DataFrame(123.4, names[:12], columns).reindex(names)
    board["error"] = [None] * 12 + ["MemoryError"]
    folder = tmp_path_factory.mktemp("pages")
    parts = {"one": full, "stores": stores, "hostile": hostile, "two": two, "many": many(), "hours": hours}
    parts["board"] = Contents("board", board)
    return {name: write_page(folder / f"{name}.html", part).as_uri() for name, part in parts.items()}


def opened(browser, address, width=1400, scheme="light"):
    turn(browser, width)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(address)
    assert browser.get_log("browser") == []


def turn(browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def boxes(browser, selector):
    """Edges (left, right, top, bottom) and text of the elements of a selector."""
    script = (
        "return [...document.querySelectorAll(arguments[0])].map((e) => "
        "{ const box = e.getBoundingClientRect(); return [box.left, box.right, box.top, box.bottom, e.textContent]; })"
    )
    return browser.execute_script(script, selector)


def traces(browser, chart="forecasts"):
    """Dict of the name of each line of a chart to its values and its visibility; bands have no name."""
    script = "return document.getElementById(arguments[0]).data.map((t) => [t.name, t.y, t.visible])"
    found = browser.execute_script(script, f"chart-{chart}")
    return {name: (values, visible) for name, values, visible in found if name}


def pick(browser, picker, value):
    """Set a control and dispatch its events."""
    browser.execute_script(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change'));",
        picker,
        str(value),
    )


def options(browser, picker):
    script = "return [...document.getElementById(arguments[0]).options].map((o) => o.textContent)"
    return browser.execute_script(script, picker)


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "hostile", "two"])
def test_pages_fit_and_request_nothing(browser, pages, name, width, scheme):
    opened(browser, pages[name], width, scheme)
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    wide = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1] == width
    svgs = browser.execute_script("return document.querySelectorAll('.chart .main-svg').length")
    charts = browser.execute_script("return document.querySelectorAll('.chart').length")
    assert svgs >= charts > 0
    assert browser.execute_script("return document.querySelectorAll('.chart:empty').length") == 0
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert browser.get_log("browser") == []


def test_texts_are_not_executed(browser, pages):
    opened(browser, pages["hostile"])  # an alert would block
    assert browser.title.startswith(HOSTILE.split("\u2028")[0].rstrip())
    assert browser.execute_script("return document.images.length") == 0
    buttons = browser.execute_script(
        "return [...document.querySelectorAll('#legend-by_step button')].map(b => b.textContent)"
    )
    assert buttons[0] == HOSTILE
    assert HOSTILE in options(browser, "map")


def test_chart_follows_its_controls(browser, pages):
    opened(browser, pages["stores"])
    assert options(browser, "series") == [f"store {place}" for place in range(30)]
    assert len(options(browser, "origin")) == 3
    first = traces(browser)
    assert list(first) == ["history", "actual", "model 0", "model 1"]
    assert [len(values) for values, _ in first.values()] == [24, 7, 6, 6]
    pick(browser, "series", 7)
    second = traces(browser)
    assert second["model 0"] != first["model 0"]
    pick(browser, "origin", 0)
    third = traces(browser)
    assert third["actual"] != second["actual"]
    pick(browser, "shown", 8)
    assert len(traces(browser)["history"][0]) == 48
    assert browser.get_log("browser") == []


def test_search_finds_series_by_name(browser, pages):
    opened(browser, pages["one"])
    assert browser.execute_script("return document.getElementById('find').hidden")
    opened(browser, pages["stores"])
    before = traces(browser)
    pick(browser, "search", "STORE 2")
    assert options(browser, "series") == ["store 2", *(f"store {place}" for place in range(20, 30))]
    assert traces(browser)["actual"] != before["actual"]
    pick(browser, "search", "no such name")
    assert options(browser, "series") == []
    pick(browser, "search", "")
    assert len(options(browser, "series")) == 30
    assert traces(browser)["actual"] == before["actual"]
    assert browser.get_log("browser") == []


def test_legend_toggles_models_by_keyboard(browser, pages):
    opened(browser, pages["one"])
    assert [visible for _, visible in traces(browser).values()] == [True, True, True, True, False, False]
    button = browser.find_element("css selector", "#legend-forecasts button:nth-of-type(3)")
    assert (button.text, button.get_attribute("aria-pressed")) == (MODELS[2], "false")
    button.send_keys(" ")
    assert traces(browser)[MODELS[2]][1] is True
    pick(browser, "origin", 0)
    assert traces(browser)[MODELS[2]][1] is True
    active = browser.switch_to.active_element
    assert (active.text, active.get_attribute("aria-pressed")) == (MODELS[2], "true")


def test_attention_map_is_selected(browser, pages):
    opened(browser, pages["one"])
    assert options(browser, "map") == ["attention"]
    size = browser.execute_script(
        "const z = document.getElementById('chart-attention').data[0].z; return [z.length, z[0].length]"
    )
    assert size == [12, 36]


@pytest.mark.parametrize("width", [360, 1400])
def test_time_labels_of_an_attention_map_do_not_overlap(browser, pages, width):
    opened(browser, pages["hours"], width)
    for axis, first in (("x", 0), ("y", 2)):
        labels = sorted(box[first : first + 2] for box in boxes(browser, f"#chart-attention .{axis}tick text"))
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(labels))
        assert len(labels) >= (2 if width == 360 else 4)


def test_color_bar_of_an_attention_map_follows_the_width(browser, pages):
    bar = "#chart-attention .colorbar text"
    opened(browser, pages["one"], 900)
    expected = [text for *_, text in boxes(browser, bar)]
    opened(browser, pages["one"], 400)
    horizontal = [text for *_, text in boxes(browser, bar)]
    turn(browser, 900)
    deadline = time.monotonic() + 5
    while (found := [text for *_, text in boxes(browser, bar)]) in ([], horizontal) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == expected


def test_all_rows_of_the_leaderboard_are_visible(browser, pages):
    opened(browser, pages["board"])
    script = (
        "const region = document.querySelector('#leaderboard .scroll');"
        "const rows = [...region.querySelectorAll('tbody tr')].map((row) => row.clientHeight);"
        "return [region.scrollHeight - region.clientHeight, Math.max(...rows), rows.length]"
    )
    hidden, tallest, rows = browser.execute_script(script)
    assert (hidden, rows) == (0, 13) and tallest < 70  # two lines


def test_controls_have_labels(browser, pages):
    opened(browser, pages["stores"])
    unnamed = "return [...document.querySelectorAll('select, input')].filter((e) => !e.labels.length).length"
    assert browser.execute_script(unnamed) == 0


def test_command_is_copied_or_selected(browser, pages):
    opened(browser, pages["one"])
    browser.execute_script("document.getElementById('copy').click()")
    deadline = time.monotonic() + 5
    while not (status := browser.find_element("id", "copied").text) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status.startswith(("Copied", "Selected"))


def test_page_of_many_series_opens_fast(browser, pages):
    start = time.monotonic()
    opened(browser, pages["many"])
    assert len(traces(browser)) == 7
    assert time.monotonic() - start < 5  # 0.5 s on two cores, by benchmarks/speed/report_page.py
