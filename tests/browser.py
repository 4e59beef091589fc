"""Debian's chromium, driven as a person would: real taps, a real phone's width."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path("/usr/bin/chromedriver")
CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What changes with the width of the screen and with its colours, and so is asked again in another look.
AXE_RULES_OF_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
RUN_AXE = """
const [kind, values, done] = arguments;
const say = (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 150)} ${node.failureSummary}`);
axe.run(document, {runOnly: {type: kind, values}, resultTypes: ['violations']})
  .then((found) => done(found.violations.flatMap(say)), (error) => done([String(error)]));
"""
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
        resize(driver, size)
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


def resize(driver, size: tuple[int, int]) -> None:
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def colours(driver, scheme: str) -> None:
    """`light` or `dark`, as the person's own setting would have it."""
    wanted = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})


def send_with(driver, **headers: str) -> None:
    """Send these headers with every request from now on."""
    driver.execute_cdp_cmd("Network.enable", {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": named})


def until(driver, holds: Callable[[], Any], *, seconds: float = 20) -> Any:
    """What `holds` gives, once that is anything.

    Whatever is asked half-way between two pages the driver answers with one of many errors: asked again.
    """
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, seconds, ignored_exceptions=[WebDriverException]).until(lambda it: holds())


def tap_to_next_page(driver, css: str) -> None:
    """Tap, and return once the next page stands. The page that is left is known by a mark on it."""
    driver.execute_script("document.documentElement.dataset.left = '1'")
    driver.find_element("css selector", css).click()
    stands = "return document.readyState === 'complete' && !document.documentElement.dataset.left"
    until(driver, lambda: driver.execute_script(stands))


def barriers(driver, *, of_looks: bool = False) -> list[str]:
    """What keeps people out of the open page, as axe-core finds it: WCAG 2.2 A and AA, and good practice.

    `of_looks`: only what the width of the screen and its colours change.
    """
    driver.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
    if not driver.execute_script("return Boolean(window.axe)"):
        driver.execute_script(AXE.read_text())
    asked = ("rule", AXE_RULES_OF_LOOKS) if of_looks else ("tag", AXE_TAGS)
    return driver.execute_async_script(RUN_AXE, *asked)
