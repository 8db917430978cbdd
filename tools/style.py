#!/usr/bin/env python3
"""Read every sentence of a run's pages by the wording rules: python tools/style.py FOLDER. Exits 1 if any breaks one.

Standard library only. The rules: no words that shame or crown, no verbal hedge without a number in the same block, no
rank without its interval, no dash for effect. What a model file or a program says word for word, in <pre>, is not read.
"""

import argparse
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

FORBIDDEN = re.compile(
    r"\bworst\b|\bfailing (?:trust|hospital|provider)|\bbest (?:hospital|trust|provider)"
    r"|\b(?:top|bottom|poor|low|high) performers?\b|\bpoor (?:care|trust|hospital|performance)\b"
    r"|\bbad (?:care|trust|hospital)|\blaggards?\b|\bwinners?\b|\blosers?\b|\bname and shame\b"
    r"|\bunsafe (?:trust|hospital)|\bleague leaders?\b|\bbeats?\b",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:probably|(?<!as )likely|likelier|likeliest|unlikely|possibly|perhaps|presumably|certainly|arguably|somewhat"
    r"|fairly)\b",
    re.IGNORECASE,
)
BARE_RANK = re.compile(
    r"(?<!middle )\b(?:is|was|stands?|comes?) (?:rank|ranked|place) \d+\b(?! (?:to|is|of \d+ in this draw))",
    re.IGNORECASE,
)
DASH = re.compile(r"\u2014")
BLOCKS = frozenset(
    {"p", "li", "caption", "figcaption", "h1", "h2", "h3", "dd", "dt", "tr", "summary", "legend", "title"}
)
SKIPPED = frozenset({"style", "script", "pre", "code"})


class Blocks(HTMLParser):
    """The texts of a page's blocks: of a table, each row is one; labels of pictures are blocks of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: "list[str]" = []
        self._open: "list[list[str]]" = []
        self._tags: "list[str]" = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: "list[tuple[str, str | None]]") -> None:
        """Begin a block, and take the label of a picture."""
        self.found += [value for name, value in attrs if name == "aria-label" and value and tag == "svg"]
        self._skipped += tag in SKIPPED
        if tag in BLOCKS:
            self._tags.append(tag)
            self._open.append([])

    def handle_endtag(self, tag: str) -> None:
        """End a block; a row's text holds that of its cells."""
        self._skipped -= tag in SKIPPED and self._skipped > 0
        while tag in BLOCKS and tag in self._tags:
            done = self._tags.pop()
            self.found.append(" ".join("".join(self._open.pop()).split()))
            if done == tag:
                break

    def handle_data(self, data: str) -> None:
        """Text belongs to every block that is open around it, so that a list in a row keeps the row's numbers."""
        if not self._skipped:
            for block in self._open:
                block.append(data)


def blocks_of(text: str) -> "list[str]":
    """The texts of the blocks of a page, in the order in which they end."""
    reader = Blocks()
    reader.feed(text)
    return [block for block in reader.found if block]


def faults_of(block: str) -> "list[str]":
    """Which rules the text of one block breaks, each with the words that break it."""
    hedges = [] if re.search(r"\d", block) else [f"hedge alone: {found}" for found in HEDGE.findall(block)]
    named = (("forbidden", FORBIDDEN), ("bare rank", BARE_RANK), ("dash", DASH))
    return [*hedges, *(f"{name}: {match[0]}" for name, rule in named for match in rule.finditer(block))]


def faults_in(page: Path) -> "list[str]":
    """Every breach of a page: rule, words and the block they stand in."""
    blocks = dict.fromkeys(blocks_of(page.read_text(encoding="utf-8")))
    return [f"{page.name}: {fault} in: {block[:160]}" for block in blocks for fault in faults_of(block)]


def main() -> int:
    """Check every page below a folder; print the breaches and how much was read."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a run or a publication")
    pages = sorted(parser.parse_args().folder.rglob("*.html"))
    if not pages:
        sys.exit("no page there")
    found = [fault for page in pages for fault in faults_in(page)]
    print("\n".join([*found, f"{len(pages)} pages read, {len(found)} breaches"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
