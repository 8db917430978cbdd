"""What a caption ends with: of whom a picture is, when, and whose figures it rests on."""

from pathlib import Path

from ranktrust.league import read_facts, source_sentence
from ranktrust.publish.loaded import Loaded, indicators_of


def source_of(run: Path, *indicators: str) -> str:
    """Population, periods and publishers of these indicators of a run folder; of all it has where none is named.

    Empty where the run has no table, as on a page of data alone.
    """
    names = indicators or indicators_of(run, None)
    facts = [read_facts(run / "tables", name) for name in names]
    return source_sentence(*facts) if facts else ""


def acting_caption(run: Loaded, shown: str) -> str:
    """The caption of a picture of every ranked indicator: what it shows, of whom, when, and whose figures they are."""
    return f"{shown} {source_sentence(*(run.tables[name].facts for name in run.ranked()))}"
