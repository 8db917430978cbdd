#!/usr/bin/env python3
"""Photograph the pages of a run at desktop and phone width: python tools/screenshots.py RUN docs/screenshots.

Standard library only. Uses a headless Chromium from PATH (or the one that CHROMIUM names); the pages need no network.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = {"desktop": (1440, 2000), "phone": (390, 2400)}
TALLER = {"league": {"desktop": 600, "phone": 1600}}
"""How much more of a page is photographed, by the first word of its name: of a league table some rows."""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def find_browser() -> str:
    """The path of a Chromium, or an exit that says what is missing."""
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, (named,) if named else BROWSERS)), None)
    if found is None:
        sys.exit(f"no {named or 'Chromium'} on PATH (looked for {', '.join(BROWSERS)}); install one or set CHROMIUM")
    return found


def photograph(browser: str, page: Path, picture: Path, size: "tuple[int, int]") -> Path:
    """Write a picture of the top of `page` to `picture`."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"]
        command += [f"--screenshot={picture.resolve()}", page.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    if not picture.is_file():
        sys.exit(f"{browser} wrote no picture of {page}")
    return picture


def main() -> None:
    """Photograph every page, or those named with --only, at each width."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="a run folder, such as outputs/acute/latest")
    parser.add_argument("out", type=Path, help="where the pictures go")
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="names of pages without .html; when left out, all but those of single trusts",
    )
    arguments = parser.parse_args()
    found = [arguments.run / "index.html", *sorted((arguments.run / "pages").glob("*.html"))]
    wanted = arguments.only or [page.stem for page in found if not page.stem.startswith("trust_")]
    pages = [page for page in found if page.is_file() and page.stem in wanted]
    if not pages:
        sys.exit(f"no such page in {arguments.run}")
    browser = find_browser()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for page in pages:
        more = TALLER.get(page.stem.partition("_")[0], {})
        for name, (width, height) in WIDTHS.items():
            size = (width, height + more.get(name, 0))
            print(photograph(browser, page, arguments.out / f"{page.stem}_{name}.png", size))


if __name__ == "__main__":
    main()
