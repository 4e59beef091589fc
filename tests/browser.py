"""Debian's chromium, driven as a person would: real taps, a real phone's width."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

DRIVER = Path("/usr/bin/chromedriver")
CHROMIUM = shutil.which("chromium")
PHONE, DESK = (375, 812), (1280, 900)  # CSS pixels

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or not DRIVER.exists(), reason="Debian's chromium and chromium-driver are not installed"
)


@contextlib.contextmanager
def open_browser(size: tuple[int, int] = PHONE, *, scripts: bool = True) -> Iterator["object"]:
    """A headless browser with nothing in it; closed at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",  # root in a container
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--lang=en",
        f"--window-size={size[0]},{size[1]}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(str(DRIVER)), options=options)
    try:
        # A window cannot be narrower than 500 px: the true width has to be told.
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        yield driver
    finally:
        driver.quit()


def sideways(driver) -> int:
    """By how many CSS pixels the page is wider than the screen."""
    return driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def complaints(driver) -> list[str]:
    """What the browser said against the page: refused by the content policy, or broken."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
