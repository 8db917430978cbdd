"""A small panel and what follows from it, for tests of the room decide and of its pages."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from league_tables import CODES, NAMES, levels, tiny_run

from ranktrust.assemble import assemble, ledger_of
from ranktrust.decide import Decisions, decide, nearest, write_decisions, write_similar
from ranktrust.ledger import write_ledger
from ranktrust.panel import Benchmark, Indicator, Panel, Standard, check_panel
from ranktrust.study import read_study

SURGICAL = Path(__file__).resolve().parent.parent / "studies" / "surgical.toml"
PERIOD = "2025-06-01/2025-06-30"


def tiny_panel(**declared: Any) -> Panel:
    """Eight trusts in two regions and three boards, with one covariate; `declared` changes the indicator."""
    trusts = pd.DataFrame(
        {
            "name": list(NAMES), "region": ["North"] * 4 + ["South"] * 4,
            "icb": ["One", "One", "Two", "Two", "Three", "Three", "Three", "Three"],
            "type": "Acute trust", "subtype": "Acute - Small",
        },
        index=pd.Index(CODES, name="trust"),
    )  # fmt: skip
    observations = pd.DataFrame(
        {"trust": CODES, "indicator": "tiny_4h", "period": PERIOD, "numerator": 61.0, "denominator": 100.0}
    )
    given = {
        "title": "Seen within four hours", "kind": "proportion", "best": "highest", "unit": "of attendances",
        "domain": "urgent care", "comparability": "direct", "benchmark": Benchmark(0.6, "made up"),
        "standard": Standard("target", 0.65, 0.01, "made up"),
    }  # fmt: skip
    return check_panel(
        observations=observations,
        trusts=trusts,
        indicators={"tiny_4h": Indicator(name="tiny_4h", **{**given, **declared})},
        context=pd.DataFrame({"deprivation": np.arange(8.0) ** 2}, index=trusts.index),
    )


def tiny_decisions(*, ranked: bool = True, **declared: Any) -> Decisions:
    """What follows from the levels of `league_tables`."""
    return decide(levels(), tiny_panel(**declared), ranked=ranked, prob=0.95)


def decided_run(folder: Path) -> Path:
    """The tiny run with what follows from it."""
    panel = tiny_panel()
    write_decisions(tiny_decisions(), tiny_run(folder) / "tables")
    write_similar(nearest(panel.context, panel.trusts["type"], count=3), folder / "tables")
    return folder


def gated_run(folder: Path, **changes: Any) -> Path:
    """The decided run with the account of some data and a manifest, to which `changes` are made."""
    run, study = decided_run(folder), read_study(SURGICAL)
    write_ledger(ledger_of(study, assemble(study)), run / "tables")
    manifest = {
        "schema_version": 1,
        "run_id": "20260101T000000Z-0",
        "created": "2026-01-01T00:00:00+00:00",
        "study": {"name": "tiny", "title": "A tiny study", "question": "=HYPERLINK(1)?"},
        "indicators": [{"name": "tiny_4h", "gate_passed": True}],
        "gate_passed": True,
    }
    (run / "manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")
    return run
