#!/usr/bin/env python3
"""Build the documentation site: python tools/site.py [FOLDER], by default dist/docs.

Warnings are errors, and a page that would load something from the network is one too. The folder can be read as it is,
without a server.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = '<!doctype html><meta charset="utf-8"><title>ranktrust</title>\n'
FIRST += '<meta http-equiv="refresh" content="0; url=docs/index.html"><a href="docs/index.html">ranktrust</a>\n'
LOADS = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|<link\b(?![^>]*\brel=[\"']?canonical)[^>]*\bhref\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"'\s)]+)",
    re.IGNORECASE,
)


def build(out: Path) -> str:
    """Build every page into `out`; return what Sphinx said against it, empty where it is content."""
    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", "docs", "-d", str(out.with_name(out.name + ".cache"))]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ".", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    (out / "index.html").write_text(FIRST, encoding="utf-8")
    if not done.returncode:
        return ""
    return (done.stdout + done.stderr).strip() or f"Sphinx ended with {done.returncode} and said nothing"


def loaded_from_elsewhere(text: str) -> list[str]:
    """Return every address that a page or a style sheet would load from the network; links to follow are none."""
    return [next(filter(None, found)) for found in LOADS.findall(text)]


def network_of(out: Path) -> list[str]:
    """Return what the site would load from the network, by file."""
    files = [path for path in sorted(out.rglob("*")) if path.suffix in {".html", ".css", ".svg"}]
    return [
        f"{path.relative_to(out)}: {address}"
        for path in files
        for address in loaded_from_elsewhere(path.read_text(encoding="utf-8"))
    ]


def main(arguments: Sequence[str]) -> int:
    """Build the site and say where it begins, or what is wrong with it."""
    out = Path(arguments[0]) if arguments else ROOT / "dist" / "docs"
    out.mkdir(parents=True, exist_ok=True)
    said = build(out.resolve()) or "\n".join(network_of(out))
    print(said or (out / "index.html").resolve(), file=sys.stderr if said else sys.stdout)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
