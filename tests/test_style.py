"""The wording rules catch what they should, and no template or notebook breaks them."""

import json
from pathlib import Path

import pytest
from wording import style

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((PROJECT / "src" / "ranktrust" / "publish" / "templates").rglob("*.j2"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The worst trust in England", "forbidden: worst"),
        ("One of the failing trusts", "forbidden: failing trust"),
        ("Our best hospital", "forbidden: best hospital"),
        ("It is very probably better.", "hedge alone: probably"),
        ("It is ranked 12 among them.", "bare rank: is ranked 12"),
        ("Order \u2014 an illusion", "dash: \u2014"),
    ],
)
def test_a_breach_is_found(text, fault):
    assert fault in style.faults_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "It improved with a probability of 98%: very probably better.",
        "12 to 40 of 118",
        "Rank 1 is the highest value.",
        "The true rank is as likely here as there.",
        "2 of 8 checks failed",
    ],
)
def test_a_plain_sentence_passes(text):
    assert style.faults_of(text) == []


def test_a_row_is_read_as_one_and_programs_are_not_read():
    page = "<table><tr><th>Ash</th><td>98%</td><td>very probably better</td></tr></table><pre>worst</pre><p>a</p>"
    assert style.blocks_of(page) == ["Ash98%very probably better", "a"]
    assert style.blocks_of('<svg aria-label="12 of 40"></svg>') == ["12 of 40"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_shames_or_crowns(path):
    faults = [fault for block in style.blocks_of(path.read_text(encoding="utf-8")) for fault in style.faults_of(block)]
    assert [fault for fault in faults if not fault.startswith("hedge")] == []


@pytest.mark.parametrize("path", sorted((PROJECT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_words_of_a_notebook_break_a_rule(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert [fault for text in texts for block in text.split("\n\n") for fault in style.faults_of(block)] == []
