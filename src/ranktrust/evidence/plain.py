"""Findings as JSON holds them, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ranktrust.gate import Finding


def finding_as_plain(finding: Finding) -> dict[str, Any]:
    """A finding with its table as a list of rows; numbers to six digits, null where there is none."""
    table = finding.table if finding.table.index.name is None else finding.table.reset_index()
    rows = [{str(name): _number(value) for name, value in row.items()} for row in table.to_dict("records")]
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "table": rows,
    }


def _number(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return None if not np.isfinite(value) else float(f"{value:.6g}")
    return value.item() if isinstance(value, np.generic) else value


def finding_from_plain(item: Mapping[str, Any]) -> Finding:
    """The finding that `finding_as_plain` wrote; its table has lost its index."""
    return Finding(item["name"], item["verdict"], item["sentence"], item["remedy"], pd.DataFrame(item["table"]))
