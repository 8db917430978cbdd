"""The page of worked examples says what its script computes, and shows the pictures that it draws."""

import re
import runpy
from html import unescape
from pathlib import Path

import pytest

HEADINGS = (
    "Rank pmf", "Expected rank", "Rank intervals", "P(top k)", "P(above)", "expected excess", "Simultaneous",
    "partial order", "hold the top k", "best for a loss", "r-values", "false discovery", "against a value", "Grades",
    "POTH", "Rankability", "Movement", "Mogstad", "Funnels", "among groups",
)  # fmt: skip
WORKED = Path(__file__).resolve().parent.parent / "docs" / "worked"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The text of the page made anew, and the folder of its pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(WORKED))
        folder = tmp_path_factory.mktemp("worked")
        return runpy.run_path(str(WORKED / "write.py"))["page"](folder), folder


def test_every_number_and_every_word_of_a_picture_is_computed(made):
    text, _ = made
    assert text == (WORKED / "README.md").read_text(encoding="utf-8"), "run `python docs/worked/write.py`"


def test_the_pictures_are_those_that_are_drawn(made):
    _, folder = made
    names = sorted(path.name for path in WORKED.glob("*.svg"))
    assert names == sorted(path.name for path in folder.glob("*.svg"))
    for name in names:
        words = [
            re.search(r'aria-label="([^"]*)"', (place / name).read_text(encoding="utf-8")) for place in (WORKED, folder)
        ]
        assert words[0]
        assert unescape(words[0][1]) == unescape(words[1][1])


def test_no_trust_is_named_and_every_public_statement_has_its_paragraph(made):
    text, _ = made
    assert "NHS" not in text
    for heading in HEADINGS:
        assert heading in text, heading
