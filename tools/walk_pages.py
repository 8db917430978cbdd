#!/usr/bin/env python3
"""Walk every page of a run or a publication in Chromium: python tools/walk_pages.py FOLDER --axe axe.min.js.

At 320, 768 and 1440 pixels, light and dark, folded parts closed and open, each page may print no error on the console,
ask for nothing but itself, scroll the body sideways nowhere, hide no control from the keyboard, have no control lower
than 44 pixels, let no cell's text run past the cell, and break no rule of axe-core at WCAG 2.2 AA. Cells are measured
at 1200 and 1280 pixels as well. The same with every script blocked by the page's content security policy. Exits 1 if
any page breaks one.

Needs Playwright (pip install playwright), a Chromium on PATH or the one that CHROMIUM names, and axe-core's own file
(npm pack axe-core, then package/axe.min.js); without --axe its rules are left out and the closing line says so. With
--done FILE a walk that was cut short goes on: a page of the same bytes found without fault is not walked again.
"""

import argparse
import hashlib
import re
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from screenshots import FLAGS, find_browser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTHS = (320, 768, 1440)
BETWEEN = (1200, 1280)
"""Widths at which a wide table is narrowest: only what runs out of its place is looked for there."""
SCHEMES = ("light", "dark")
BLOCKED = "blocked"
SCRIPT_SOURCE = re.compile(r"script-src 'sha256-[^']+'")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SMALLEST = 44
LONGEST = 6000
"""Presses of the tab key after which a page is given up."""

OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
CLOSE_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = false; })"
SIDEWAYS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
WIDEST = """() => Array.from(document.body.querySelectorAll('*'))
  .filter((one) => one.getBoundingClientRect().right > document.scrollingElement.clientWidth + 0.5)
  .slice(0, 3).map((one) => one.outerHTML.slice(0, 90))"""
CONTROLS = """() => {
  window.walkSeen = new Set();
  document.addEventListener('focusin', (event) => window.walkSeen.add(event.target));
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]');
  window.walkControls = Array.from(all).filter((one) => one.checkVisibility({ visibilityProperty: true }));
  return window.walkControls.length;
}"""
MISSED = """() => window.walkControls.filter((one) => !window.walkSeen.has(one)).slice(0, 5)
  .map((one) => one.outerHTML.slice(0, 90))"""
REACHED = "() => window.walkControls.every((one) => window.walkSeen.has(one))"
LOW = """(smallest) => Array.from(document.querySelectorAll('button, input, select, summary'))
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < smallest - 0.5)
  .slice(0, 3).map((one) => `${one.getBoundingClientRect().height.toFixed(0)} px ${one.outerHTML.slice(0, 90)}`)"""
OVERPRINTED = """() => Array.from(document.querySelectorAll('tbody :is(td, th), thead th'))
  .filter((one) => one.checkVisibility() && getComputedStyle(one.closest('thead, tbody')).position !== 'absolute')
  .filter((one) => {
    const text = document.createRange();
    text.selectNodeContents(one);
    const edge = one.getBoundingClientRect().right + 0.5;
    return Array.from(text.getClientRects()).some((part) => part.right > edge);
  }).slice(0, 3).map((one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 120))"""
COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that look at colours. No other can answer otherwise in the dark, as the page is the same."""
AXE = """(only) => axe.run(document, { runOnly: only, resultTypes: ['violations'] })
  .then((found) => found.violations.map((one) =>
    `${one.id} (${one.nodes.length}): ${one.help}; ${one.nodes[0].html.slice(0, 120)}`))"""


def pages_of(folder: Path) -> "list[str]":
    """Every page below the folder, by its address there, the index first."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    return sorted(found, key=lambda name: (name.count("/"), name != "index.html", name))


def without_scripts(page: str) -> str:
    """The page under a policy that lets no script run."""
    return SCRIPT_SOURCE.sub("script-src 'none'", page)


class Pages(SimpleHTTPRequestHandler):
    """Serves the folder as it is and, below /blocked/, with every script forbidden."""

    def do_GET(self) -> None:
        """Answer with the file; of a page below /blocked/ with its policy changed."""
        if not self.path.startswith(f"/{BLOCKED}/"):
            super().do_GET()
            return
        self.path = self.path.removeprefix(f"/{BLOCKED}")
        place = Path(self.translate_path(self.path))
        if place.suffix != ".html" or not place.is_file():
            super().do_GET()
            return
        body = without_scripts(place.read_text(encoding="utf-8")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: object) -> None:
        """Say nothing of each request."""


@contextmanager
def served(folder: Path) -> "Iterator[str]":
    """The address under which the folder is served to this machine alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def watched(page: Any, address: str, *, blocked: bool) -> "list[str]":
    """A list that fills with the page's errors and with requests for anything but the page."""
    faults: list[str] = []

    def said(message: Any) -> None:
        expected = blocked and "Content Security Policy" in message.text
        if message.type == "error" and not expected:
            faults.append(f"console: {message.text[:160]}")

    def asked(request: Any) -> None:
        if request.url.split("#")[0] != address and not request.url.startswith("data:"):
            faults.append(f"request: {request.url[:160]}")

    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(f"error: {str(error)[:160]}"))
    page.on("request", asked)
    return faults


def sizes(page: Any, axe: str) -> "Iterator[tuple[str, str]]":
    """What is wrong at each width and scheme, folded parts closed and open, and where."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        only = {"type": "tag", "values": TAGS} if scheme == SCHEMES[0] else {"type": "rule", "values": COLOUR_RULES}
        for width in (*WIDTHS, *(BETWEEN if scheme == SCHEMES[0] else ())):
            page.set_viewport_size({"width": width, "height": 900})
            where = f"{width} {scheme}"
            for change in (CLOSE_ALL, OPEN_ALL):
                page.evaluate(change)
                if page.evaluate(SIDEWAYS) > 0:
                    yield f"the body scrolls sideways: {page.evaluate(WIDEST)}", where
                yield from ((f"too low: {one}", where) for one in page.evaluate(LOW, SMALLEST))
                yield from ((f"past its cell: {one}", where) for one in page.evaluate(OVERPRINTED))
            if axe and width in WIDTHS:
                yield from ((f"axe: {one}", where) for one in page.evaluate(AXE, only))


def grouped(found: "Iterable[tuple[str, str]]") -> "list[str]":
    """Each fault once, with everywhere it was found."""
    places: dict[str, dict[str, None]] = {}
    for fault, where in found:
        places.setdefault(fault, {})[where] = None
    return [f"{fault} [{', '.join(where)}]" for fault, where in places.items()]


def keyboard(page: Any) -> "Iterator[str]":
    """Controls that the tab key does not reach, all folded parts open."""
    page.evaluate(OPEN_ALL)
    count = page.evaluate(CONTROLS)
    if not count:
        return
    for press in range(min(2 * count + 20, LONGEST)):
        page.keyboard.press("Tab")
        if press >= count - 1 and press % 10 == 0 and page.evaluate(REACHED):
            return
    yield from (f"keyboard: not reached: {one}" for one in page.evaluate(MISSED))


def walk(browser: Any, address: str, name: str, *, axe: str, blocked: bool) -> "list[str]":
    """Everything wrong with one page, with its scripts or with them blocked."""
    target = f"{address}/{BLOCKED}/{name}" if blocked else f"{address}/{name}"
    page = browser.new_page(viewport={"width": WIDTHS[0], "height": 900})
    faults = watched(page, target, blocked=blocked)
    page.goto(target)
    found = list(keyboard(page))
    if axe:
        page.evaluate(axe)
    found += grouped(sizes(page, axe))
    page.close()
    kind = " (scripts blocked)" if blocked else ""
    return [f"{name}{kind}: {fault}" for fault in dict.fromkeys([*faults, *found])]


def has_script(folder: Path, name: str) -> bool:
    """Whether the page allows a script, so that it is another page without it."""
    return SCRIPT_SOURCE.search((folder / name).read_text(encoding="utf-8")) is not None


def main() -> int:
    """Walk the pages, print what is wrong and how much was walked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a run or a publication")
    parser.add_argument("--axe", type=Path, help="axe-core's own file, axe.min.js")
    parser.add_argument("--only", nargs="*", default=[], help="names of pages without .html; when left out, all")
    parser.add_argument("--done", type=Path, help="a file of what was walked without fault; made or added to")
    given = parser.parse_args()
    names = [name for name in pages_of(given.folder) if not given.only or Path(name).stem in given.only]
    if not names:
        sys.exit(f"no such page in {given.folder}")
    if find_spec("playwright") is None:
        sys.exit(
            "Playwright is not installed: pip install playwright, outside the environment of ranktrust if you like"
        )
    axe = given.axe.read_text(encoding="utf-8") if given.axe else ""
    jobs = [(name, False) for name in names] + [(name, True) for name in names if has_script(given.folder, name)]
    before = marks(given.done)
    walked = [job for job in jobs if mark(given.folder, job, axe) not in before]
    found = walk_all(given.folder, walked, axe, given.done)
    if len(walked) < len(jobs):
        print(f"{len(jobs) - len(walked)} pages of the same bytes were walked before without fault")
    without = "" if axe else ", without axe-core's rules"
    print(f"{len(jobs)} pages walked{without}, {len(names)} of them different, {found} faults")
    return 1 if found else 0


def mark(folder: Path, job: "tuple[str, bool]", axe: str) -> str:
    """What a page without fault is remembered by: its bytes, whether scripts were blocked, and what it was held to."""
    name, blocked = job
    parts = ((folder / name).read_bytes(), str(blocked).encode(), axe.encode(), Path(__file__).read_bytes())
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def marks(done: "Path | None") -> "set[str]":
    """The marks of the pages that were walked without fault."""
    return set(done.read_text(encoding="utf-8").split()) if done is not None and done.is_file() else set()


def walk_all(folder: Path, jobs: "list[tuple[str, bool]]", axe: str, done: "Path | None" = None) -> int:
    """Walk each page, print its faults as they are found, and count them."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only a walk needs it

    count = 0
    with served(folder) as address, sync_playwright() as play:
        flags = [flag for flag in FLAGS if flag != "--headless"]
        browser = play.chromium.launch(executable_path=find_browser(), args=flags)
        for name, blocked in jobs:
            faults = walk(browser, address, name, axe=axe, blocked=blocked)
            count += len(faults)
            if done is not None and not faults:
                with done.open("a", encoding="utf-8") as file:
                    file.write(mark(folder, (name, blocked), axe) + "\n")
            print("\n".join(faults), end="\n" if faults else "", flush=True)
        browser.close()
    return count


if __name__ == "__main__":
    sys.exit(main())
