"""Published results repeated: what was published, what this software gives, how far apart, and how far they may be.

A tolerance is the last printed digit, the Monte Carlo error of either side at four standard errors, or the published
interval itself where that is all that was printed. What needs a sampler is handed in as draws or tables.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import binom

from ranktrust.ranks import funnel_bands, poth, poth_mcse, rank_sets, summarise_ranks
from ranktrust.ranks.report_card import best_order, blocks_of, cut
from ranktrust.vocabulary import CHAIN, DRAW, TRUST
from ranktrust.words import count_text

PLACE: Final = Path(__file__).parent / "references"
POTH_OF_SMOKING: Final = 0.669210015691945
"""By R package poth 0.3-0 from the P-scores of netmeta 3.3-1."""
COLUMNS: Final = ("study", "what", "published", "ours", "difference", "tolerance", "verdict")
_BRISTOL: Final = {"deaths": 41, "operations": 143, "excess": 24.1, "lower": 12.0, "upper": 34.0}
_SIZE: Final = 400_000


@dataclass(frozen=True)
class Row:
    """One published figure beside ours. `study` is a key of sources.json; `difference` is not negative."""

    study: str
    what: str
    published: str
    ours: str
    difference: float
    tolerance: float

    @property
    def verdict(self) -> str:
        """`reproduced` where the difference is within the tolerance."""
        return "reproduced" if self.difference <= self.tolerance else "not reproduced"


def sources() -> dict[str, dict[str, str]]:
    """Title, source and licence of every study, by its key."""
    found: dict[str, dict[str, str]] = json.loads((PLACE / "sources.json").read_text(encoding="utf-8"))
    return found


def rows_table(rows: list[Row]) -> pd.DataFrame:
    """The rows as a table with COLUMNS."""
    return pd.DataFrame([[getattr(row, name) for name in COLUMNS] for row in rows], columns=list(COLUMNS))


def reference(name: str) -> pd.DataFrame:
    """A table of references, indexed by its first column."""
    return pd.read_csv(PLACE / f"{name}.csv", index_col=0, keep_default_na=False)


def without_sampler(official: pd.DataFrame) -> list[Row]:
    """The rows that no sampler is needed for. `official` has observed, expected and official_band of data/shmi.csv."""
    return [*shmi_rows(), shmi_bands(official), *pisa_rows(), names_row(), smoking_row()]


def shmi_rows() -> list[Row]:
    """Over-dispersed limits and bands of a release, as printed to four digits."""
    table = reference("shmi_2014")
    found = funnel_bands(table["observed"].astype(float), table["expected"].astype(float), form="log").table
    apart = max(float((found[end].round(4) - table[end]).abs().max()) for end in ("lower", "upper"))
    same, n = int((found["band"] == table["band"]).sum()), len(table)
    return [
        Row(
            "shmi_2014", f"limits of {n} trusts, to four digits", "as printed", f"{apart:.4f} away at most", apart, 5e-5
        ),
        Row("shmi_2014", "bands", f"{n} bands", f"{same} the same", n - same, 0),
    ]


def shmi_bands(official: pd.DataFrame) -> Row:
    """Bands of the release in data/, from rounded deaths."""
    found = funnel_bands(official["observed"], official["expected"], form="log").table
    same, n = int((found["band"] == official["official_band"]).sum()), len(official)
    return Row("shmi", "bands from deaths rounded to 5", f"{n} bands", f"{same} the same", n - same, 0)


def pisa_rows() -> list[Row]:
    """Simultaneous rank sets of csranks, and the country whose set is narrowest."""
    table = reference("pisa_2018")
    found = rank_sets(table["score"], best="highest", standard_error=table["standard_error"], size=_SIZE).table
    ours = {end: found[f"rank_{end}"].to_series() for end in ("lower", "upper")}
    moved = sum(int((ours[end] != table[f"rank_{end}"]).sum()) for end in ours)
    widths = [float((upper - lower + 1).mean()) for lower, upper in
              ((table["rank_lower"], table["rank_upper"]), (ours["lower"], ours["upper"]))]  # fmt: skip
    return [
        Row("pisa_2018", "bounds of 38 rank sets", f"{2 * len(table)} bounds", f"{moved} others", moved, 0),
        Row("pisa_2018", "mean width in places", f"{widths[0]:.3f}", f"{widths[1]:.3f}", abs(widths[0] - widths[1]), 0),
    ]


def names_row() -> Row:
    """Grades of 76 names at lambda 0.25, from the published probabilities of their pairs."""
    table = reference("names_76")
    above = table.drop(columns="grade").to_numpy(dtype=np.float64)
    grade = cut(blocks_of(above, best_order(above)), 0.25).grade
    sizes = [np.bincount(part)[1:].tolist() for part in (table["grade"].to_numpy(), grade)]
    text = [" and ".join(map(str, part)) + " names" for part in sizes]
    return Row("names_76", "grades at lambda 0.25", text[0], text[1], int((grade != table["grade"]).sum()), 0)


def smoking_row() -> Row:
    """POTH of four treatments from draws of their effects, whose covariance follows from the errors of contrasts."""
    table = reference("smoking")
    names = [str(name) for name in table.index]
    error = table[[f"error_{name}" for name in names]].to_numpy(dtype=np.float64)
    against = error[0] ** 2
    covariance = (against[:, None] + against - error**2) / 2
    rng = np.random.default_rng(1)
    drawn = rng.multivariate_normal(table["effect"].to_numpy(float), covariance, (4, _SIZE // 4), method="eigh")
    draws = xr.DataArray(drawn, dims=(CHAIN, DRAW, TRUST), coords={TRUST: names})
    ours = poth(summarise_ranks(draws, best="highest"))
    tolerance = 4 * poth_mcse(draws, best="highest")
    return Row("smoking", "POTH", f"{POTH_OF_SMOKING:.4f}", f"{ours:.4f}", abs(ours - POTH_OF_SMOKING), tolerance)


def surgical_rows(published: pd.DataFrame, ours: pd.DataFrame, effect: str) -> list[Row]:
    """Means and rank intervals of twelve hospitals. `effect` is `re`, the pooled model, or `fixed`, each alone.

    Means may differ by four errors of simulation, published and ours at an effective size of 5,000; ranks by one place.
    """
    words = {"re": "pooled", "fixed": "each alone"}[effect]
    ours = ours.loc[published.index]
    apart = (ours["estimate"] - published[f"{effect}_mean"]).abs()
    most = str(apart.idxmax())
    error = float(published[f"{effect}_sd"].max()) * (2 / 5000) ** 0.5
    ends = {"rank_lower": "rank_lower", "rank_median": "median_rank", "rank_upper": "rank_upper"}
    places = max(float((ours[own] - published[f"{effect}_{name}"]).abs().max()) for name, own in ends.items())
    far = f"{count_text(int(places), 'place')} away at most"
    first = [str(values.idxmin()) for values in (published[f"{effect}_mean"], ours["estimate"])]
    return [
        Row("surgical", f"posterior means, {words}", f"{published[f'{effect}_mean'][most]:.5f} ({most})",
            f"{ours['estimate'][most]:.5f}", float(apart[most]), 4 * error),
        Row("surgical", f"rank intervals and medians, {words}", "36 places", far,
            places, 1),
        Row("surgical", f"lowest mean, {words}", first[0], first[1], float(first[0] != first[1]), 0),
    ]  # fmt: skip


def bristol_rows(new: xr.DataArray) -> list[Row]:
    """Excess deaths over what the other eleven hospitals lead to expect, and whether Bristol is in conflict with them.

    `new` are draws of the log odds of a new hospital under the law of the eleven, (chain, draw). The published analysis
    took the mix of operations into account, so its 95 % interval is the tolerance. The conflict is twice the
    probability of as many deaths or more at a new hospital, ties by half, times the twelve hospitals that could have
    been asked (Bonferroni).
    """
    share = 1 / (1 + np.exp(-new.to_numpy()))
    deaths, operations = _BRISTOL["deaths"], _BRISTOL["operations"]
    excess = deaths - operations * share
    lower, upper = np.quantile(excess, [0.025, 0.975])
    beyond = np.asarray(binom.sf(deaths, operations, share) + binom.sf(deaths - 1, operations, share)) / 2
    conflict = min(1.0, 12 * 2 * float(beyond.mean()))
    ours = f"{excess.mean():.1f} ({lower:.0f} to {upper:.0f})"
    published = f"{_BRISTOL['excess']} ({_BRISTOL['lower']:.0f} to {_BRISTOL['upper']:.0f})"
    return [
        Row("bristol", "excess deaths among 41, with 95% interval", published, ours,
            abs(float(excess.mean()) - _BRISTOL["excess"]), (_BRISTOL["upper"] - _BRISTOL["lower"]) / 2),
        Row("bristol", "p value of as many deaths, times twelve", "an outlier", f"{conflict:.2g}", conflict, 0.05),
    ]  # fmt: skip
