"""The data of the explorer on a league page, and its script: plain, inlined, allowed by its digest alone."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from ranktrust.decide import Decisions, has_decisions, read_decisions
from ranktrust.league import LeagueTable
from ranktrust.publish.html import TEMPLATES, Html
from ranktrust.publish.loaded import Pairs, pairs_of
from ranktrust.publish.names import trust_page
from ranktrust.publish.trust_more import CLEAR, dots_of
from ranktrust.words import probability_text, short_name

MARK: Final = 'id="explorer-data"'
COMPARE_MARK: Final = 'id="compare-data"'
SCRIPTS: Final = {MARK: "explorer.js", COMPARE_MARK: "compare.js"}
"""Where a page has this, it has the script of that name."""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def explorer_script(mark: str = MARK) -> str:
    """The script that belongs to a mark, as it stands in every page that has its data."""
    return "\n" + (TEMPLATES / SCRIPTS[mark]).read_text(encoding="utf-8")


def policy_of(script: str) -> str:
    """The content security policy of a page: no script at all, or this one by its digest."""
    if not script:
        return _POLICY
    return f"{_POLICY}; script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def explorer(table: LeagueTable, run: Path) -> Html:
    """What the explorer reads: trusts in the table's order, texts of all pairs, a few draws of the order.

    Nothing where the run has no decisions on the indicator. Every text is made here, by the rules of the page.
    """
    folder, name = run / "tables", table.facts.indicator
    if not table.has_numbers or not has_decisions(folder, name):
        return Html("")
    decided = read_decisions(folder, name)
    data = {"noun": table.facts.noun, **_trusts(table, decided), **_pairs(table, decided), **_steps(table, decided)}
    return data_block(data, MARK)


def data_block(data: Mapping[str, Any], mark: str) -> Html:
    """What a script reads, as a block that no browser runs or takes for markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return Html(f'<script type="application/json" {mark}>{text}</script>')


def _trusts(table: LeagueTable, decided: Decisions) -> dict[str, Any]:
    """Code, name, region, type, numbers to sort by and page of every row, and what the numbers are."""
    sorts = _sorts(table)
    subtypes = decided.frames["trusts"]["subtype"]
    numbers = pd.DataFrame(sorts, index=table.rows.index).round(5).to_numpy().tolist()
    rows = [
        [code, short_name(row["trust_name"]), row["region"], str(subtypes.get(code, "")), keys, trust_page(str(code))]
        for (code, row), keys in zip(table.rows.iterrows(), numbers, strict=True)
    ]
    return {"trusts": rows, "sorts": list(sorts)}


def _sorts(table: LeagueTable) -> dict[str, pd.Series]:
    """The columns that rows may be put in order by: none where no order is stated, and never a single rank."""
    rows = table.rows
    if not table.facts.ranked:
        return {}
    return {
        "Estimate": rows["estimate"],
        "Width of the rank interval": rows["rank_upper"] - rows["rank_lower"] + 1,
        "P(top quarter)": rows["p_top_quarter"],
        "P(bottom quarter)": rows["p_bottom_quarter"],
    }


def _pairs(table: LeagueTable, decided: Decisions) -> dict[str, Any]:
    """Of each pair of rows i < j: text of P(i better), of P(j better), error, dots and side; nothing without pairs."""
    if not len(decided.frames["pairs"]):
        return {}
    return pair_texts(pairs_of(decided.frames["pairs"]), [str(code) for code in table.rows.index])


def pair_texts(pairs: Pairs, codes: Sequence[str]) -> dict[str, Any]:
    """Of each pair i < j of `codes`, all of which have a row: texts both ways, error, dots and side."""
    cells = [_cell(pairs, one, other) for at, one in enumerate(codes) for other in codes[at + 1 :]]
    texts, errors = (dict.fromkeys(column) for column in ([t for c in cells for t in c[:2]], [c[2] for c in cells]))
    place, fault = ({text: at for at, text in enumerate(known)} for known in (texts, errors))
    return {
        "texts": list(texts),
        "errors": list(errors),
        "pair": [place[cell[0]] for cell in cells],
        "back": [place[cell[1]] for cell in cells],
        "error": [fault[cell[2]] for cell in cells],
        "dots": [cell[3] for cell in cells],
        "side": "".join(cell[4] for cell in cells),
    }


def _cell(pairs: Pairs, one: str, other: str) -> tuple[str, str, str, int, str]:
    chance = pairs.of(one, other)
    assert chance is not None
    p, mcse, ess = chance
    side = "=" if 1 - CLEAR < p < CLEAR else ">" if p >= CLEAR else "<"
    back = probability_text(1 - p, mcse, ess)
    return probability_text(p, mcse, ess), back, f"{100 * mcse:.2g}", dots_of(p), side


def _steps(table: LeagueTable, decided: Decisions) -> dict[str, Any]:
    steps = decided.frames["steps"]
    if not len(steps):
        return {}
    return {"steps": np.asarray(steps.loc[list(table.rows.index)].to_numpy(), dtype=int).T.tolist()}


def script_markup(script: str) -> Markup:
    """The script as markup for the page's end."""
    return Markup(script)  # noqa: S704 - our own file
