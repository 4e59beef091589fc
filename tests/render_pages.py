"""Every page as a picture, at phone and desktop width and as printed, from a real server on the simulated network.

`python -m tests.render_pages FOLDER` writes the pictures and says which page scrolls sideways, cuts
text off, puts text on text, or made the browser complain. Look at each: the numbers do not tell how a page feels.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.browser import DESK, PHONE, complaints, open_browser, sideways
from tests.sending import today_utc
from tests.servers import Databases, LiveHeadsup

PAPER = (688, 973)  # A4 at 96 px an inch, less 14 mm on each side; Letter is wider

PUBLIC = (
    "/", "/?area=lakeland-hills&level=caution", "/trends/", "/trends/lakeland-harbour/xylazine/",
    "/trends/lakeland-harbour/medetomidine/", "/trends/lakeland-river/fentanyl/?family=strip",
    "/trends/lakeland-hills/fentanyl/", "/trends/lakeland-harbour/expected/", "/trends/lakeland-harbour/together/",
    "/trends/lakeland-harbour/amounts/", "/trends/lakeland-north/xylazine/areas/",
    "/trends/lakeland-harbour/xylazine/beside/?from=2026-10&with_from=2026-01&with_to=2026-06",
    "/trends/lakeland-harbour/medetomidine/ar/",
    "/help/", "/help/lakeland-harbour/", "/help/?open_now=true&lang=es",
    "/results/", "/about/", "/about/data/", "/data/",
    "/methods/", "/methods/fentanyl-strip/", "/methods/?lang=es", "/nothing-here/", "/staff/sign-in/", "/?lang=es",
    "/trends/lakeland-harbour/medetomidine/?lang=es", "/results/?lang=es", "/wall/", "/ar/", "/about/record/",
    "/substances/", "/substances/?q=dope", "/substances/fentanyl/", "/substances/xylazine/?lang=es",
    "/substances/opioid/", "/substances/lactose/", "/substances/fentnyl/",
)  # fmt: skip
STAFF = (
    "/staff/", "/staff/new/", "/staff/again/", "/staff/quality/", "/staff/lots/", "/staff/import/", "/desk/",
    "/staff/services/", "/staff/services/new/", "/staff/services/import/", "/staff/services/at/harbour-room/",
    "/staff/review/rules/", "/staff/review/rules/lab_named_opioid/words/", "/staff/drills/",
    "/staff/figures/", "/staff/figures/?substance=xylazine&expected=fentanyl&interval=month",
    "/staff/figures/?substance=fentanyl&family=strip&lang=es", "/staff/figures/sites/?substance=xylazine",
    "/staff/figures/sites/?substance=xylazine&expected=fentanyl&form=powder", "/staff/exports/new/", "/staff/exports/",
    "/staff/second/",
)  # fmt: skip

# Text that is wider than its own box. On a phone a table may scroll within its box; there is room for it on a desk,
# and nothing scrolls on paper.
CUT_OFF = """
const scrolling = arguments[0];
return [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
  const s = getComputedStyle(e);
  if (s.position === 'absolute' || s.display === 'inline' || s.clipPath !== 'none') return false;
  if (!e.textContent.trim()) return false;
  if (e.closest('[hidden], svg, details:not([open])')) return false;
  if (scrolling && (['auto', 'scroll'].includes(s.overflowX) || e.closest('.scrolls'))) return false;
  const hidden = e.scrollWidth > e.clientWidth + 1 && s.overflowX !== 'visible';
  return e.clientWidth > 0
      && (hidden || e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
}).slice(0, 5).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 40));
"""

# Two lines of text on each other, by more than letters of one line may reach into the next.
ON_EACH_OTHER = """
const isClipped = (e, box) => {
  for (let at = e; at !== document.documentElement; at = at.parentElement) {
    const s = getComputedStyle(at), around = at.getBoundingClientRect();
    if (s.clipPath !== 'none') return true;
    if (s.overflowY !== 'visible' && (box.bottom > around.bottom + 1 || box.top < around.top - 1)) return true;
  }
};
const lines = [];
for (const e of document.querySelectorAll('main *, header *, footer *')) {
  if (e.closest('svg, option, [hidden], details:not([open])') || !e.checkVisibility()) continue;
  for (const node of e.childNodes) {
    if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > 3 && box.height > 3 && !isClipped(e, box)) lines.push([e, box]);
  }
}
lines.sort((one, other) => one[1].top - other[1].top);
const found = [];
for (let i = 0; i < lines.length && found.length < 5; i++) {
  const [e, a] = lines[i];
  for (let j = i + 1; j < lines.length && lines[j][1].top < a.bottom - 4; j++) {
    const [f, b] = lines[j];
    const deep = a.bottom - b.top, wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    if (wide > 2 && Math.min(deep, b.height) > Math.min(a.height, b.height) / 3)
      found.push(e.textContent.trim().slice(0, 30) + ' | ' + f.textContent.trim().slice(0, 30));
  }
}
return found.slice(0, 5);
"""


def faults(driver, *, is_narrow: bool) -> list[str]:
    """What is wrong with the page that is open, in words."""
    found = []
    if (wider := sideways(driver)) > 0:
        found.append(f"scrolls sideways by {wider} px")
    found += [f"cut off: {each}" for each in driver.execute_script(CUT_OFF, is_narrow)]
    found += [f"on each other: {each}" for each in driver.execute_script(ON_EACH_OTHER)]
    return found + [said for said in complaints(driver) if "404" not in said]


def save(driver, file: Path) -> None:
    """The whole page, not only what fits the screen."""
    import base64

    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
    file.write_bytes(base64.b64decode(shot["data"]))


def sign_in(driver, server: LiveHeadsup) -> None:
    server.manage("make_person", "--name", "ada", "--role", "coordinator")
    server.manage("make_person", "--name", "ada", "--role", "collector", "--site", "harbour-exchange")
    link = server.manage("make_person", "--name", "ada", "--role", "community_reviewer").stdout.strip()
    driver.get(server.url + "/staff/link/" + link.rstrip("/").rsplit("/", 1)[-1] + "/")
    driver.find_element("css selector", "main form button").click()


def pages_of(driver, server: LiveHeadsup) -> Iterator[str]:
    """All addresses: those known, and one of each kind that has an id."""
    yield from PUBLIC
    driver.get(server.url + "/?state=all")
    links = re.findall(r'href="(/alerts/[0-9a-f-]{36}/)"', driver.page_source)
    yield from dict.fromkeys(links)
    yield from (f"{links[0]}seen/", f"{links[0]}seen/?lang=es")
    sign_in(driver, server)
    yield "/staff/password/"
    yield from STAFF
    for address in (f"/staff/?day={today_utc() - timedelta(days=1)}", "/desk/"):
        driver.get(server.url + address)
        linked = r'href="(/staff/(?:samples|review/(?:signals|alerts))/[0-9a-f-]+/)"'
        yield from list(dict.fromkeys(re.findall(linked, driver.page_source)))[:2]
    driver.get(server.url + "/staff/")


def render(server: LiveHeadsup, folder: Path) -> list[str]:
    """Write a picture of every page at each size; gives the faults found."""
    found = []
    for name, size in (("phone", PHONE), ("desk", DESK), ("paper", PAPER)):
        with open_browser(size) as driver:
            for address in pages_of(driver, server):
                driver.get(server.url + address)
                if size == PAPER:
                    as_printed(driver)
                found += [f"{name} {address} {fault}" for fault in faults(driver, is_narrow=size == PHONE)]
                slug = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:60] or "home"
                save(driver, folder / f"{name}-{slug}.png")
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    return found


def as_printed(driver) -> None:
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})


def prepared(folder: Path) -> LiveHeadsup:
    """A server on a fresh simulated network."""
    server = LiveHeadsup(folder, Databases(folder, None).fresh())
    server.manage("demo")
    server.manage("rules", "--approve-all", "--hold", "0", "--no-caps")
    return server.start()


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        server = prepared(Path(data))
        try:
            found = render(server, folder)
        finally:
            server.stop()
    print("\n".join(found) or "No page scrolls sideways, cuts text off or puts text on text.")
    print(f"Pictures are in {folder}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
