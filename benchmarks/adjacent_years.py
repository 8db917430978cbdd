"""Drift between adjacent windows: how much of a period's figure does not last, for `unattributed_share` (long run).

Two windows of equal length that follow each other share nothing but what lasts. On the link scale (log odds of a
proportion, log ratio of deaths), with x_1 and x_2 a trust's figures in the two windows,

    not lasting = excess variance of (x_2 - x_1) / 2      less what sampling alone would give; per window
    between     = mean of the excess variances of x_1 and x_2      level, noise and drift together
    share       = not lasting / between

where the change that all trusts share is taken out, and excess variances are the moment estimators of split_half.py
(each trust the same weight, or weighted by precision). It holds the noise that lasts less than a window as well, so it
is the whole of what the long run cannot keep, as far as one window sees: drift slower than that is not seen, and the
share is a lower bound for longer runs. Windows shorter than a year hold season too, where trusts differ in it.

Cases from data/: two years of A&E, the two halves of what there is of cancer and cancelled operations. SHMI has one
year in data/; its releases of 2011 to 2014 are read from the folder of published files (RANKTRUST_SHARED, else
../shared), pairs of releases twelve months apart, which share no month; tau is that of the official over-dispersed
limits, as `official_tau` solves it. Intervals: 2,000 bootstrap samples of trusts, seed 1.

Run: python benchmarks/adjacent_years.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from split_half import counts, excess_variance, logit_and_variance

PROJECT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RANKTRUST_SHARED") or PROJECT.parent / "shared")
WINDOWS = {"ae_4h": 12, "cancer_28d": 5, "cancer_62d": 5, "cancelled_28d": 2}
RELEASES = (("2011-october", "2012-october"), ("2012-october", "2013-october"),
            ("2012-april", "2013-april"), ("2013-april", "2014-april"))  # fmt: skip
Window = tuple[np.ndarray, np.ndarray]
"""Values on the link scale and their sampling variances, by trust."""


def share(one: Window, two: Window, *, by_precision: bool) -> dict[str, float]:
    """Sd of what does not last and between trusts (signed, link scale), and the share."""
    power = -1.0 if by_precision else 0.0
    change = one[1] + two[1]
    lost = excess_variance(two[0] - one[0], change, change**power) / 2
    between = np.mean([excess_variance(x, v, v**power) for x, v in (one, two)])
    return {"not lasting": np.sign(lost) * np.sqrt(abs(lost)), "between": np.sqrt(between), "share": lost / between}


def describe(one: Window, two: Window, rng: np.random.Generator) -> dict[str, float | str]:
    """Every figure printed of one pair of windows."""
    n = len(one[0])
    picks = rng.integers(n, size=(2000, n))
    found: dict[str, float | str] = {"trusts": n, "r(first, second)": np.corrcoef(one[0], two[0])[0, 1]}
    found["sd of change"] = np.std(two[0] - one[0], ddof=1)
    for name, by_precision in (("equal", False), ("precision", True)):
        found |= {f"{key}, {name}": value for key, value in share(one, two, by_precision=by_precision).items()}
        parts = [[(x[pick], v[pick]) for x, v in (one, two)] for pick in picks]
        low, high = np.quantile([share(*part, by_precision=by_precision)["share"] for part in parts], [0.025, 0.975])
        found[f"95 %, {name}"] = f"{low:.3f} to {high:.3f}"
    return found


def windows(table: str, length: int) -> tuple[Window, Window]:
    """The last two windows of `length` periods of the trusts that have all of both."""
    y, n, _ = counts(table, 2 * length)
    parts = (slice(length), slice(length, None))
    first, second = (logit_and_variance(y[:, part].sum(1), n[:, part].sum(1)) for part in parts)
    return first, second


def release(name: str) -> pd.DataFrame:
    """One release of SHMI by provider."""
    path = SHARED / "published" / "shmi" / f"shmi-{name}.csv"
    rows = pd.read_csv(path, encoding="cp1252").set_index("PROVIDER")
    return rows.loc[rows["OBSERVED"].notna(), ["OBSERVED", "EXPECTED", "OD_UL"]].astype(float)


def mortality(first: str, second: str) -> tuple[Window, Window]:
    """Log ratios of deaths and 1 / observed, of providers in both releases."""
    both = [release(name) for name in (first, second)]
    common = both[0].index.intersection(both[1].index)
    deaths = [(rows.loc[common, "OBSERVED"].to_numpy(), rows.loc[common, "EXPECTED"].to_numpy()) for rows in both]
    one, two = ((np.log(observed / expected), 1 / observed) for observed, expected in deaths)
    return one, two


def official_tau(name: str) -> float:
    """The sd between trusts in the official limits: (log OD_UL / 1.96)^2 = tau^2 + 1 / expected, median over trusts."""
    rows = release(name)
    squares = (np.log(rows["OD_UL"]) / 1.959964) ** 2 - 1 / rows["EXPECTED"]
    return float(np.sqrt(squares.median()))


def main() -> None:
    """Print one column a pair of windows."""
    rng = np.random.default_rng(1)
    found = {f"{name} ({length} + {length})": describe(*windows(name, length), rng) for name, length in WINDOWS.items()}
    print(pd.DataFrame(found).to_string(float_format=lambda value: f"{value:.3f}"))
    if not (SHARED / "published" / "shmi").is_dir():
        print("\nSHMI left out: the folder of published files is not there (set RANKTRUST_SHARED)")
        return
    pairs = {f"{one}, {two}": describe(*mortality(one, two), rng) for one, two in RELEASES}
    print("\nSHMI\n" + pd.DataFrame(pairs).to_string(float_format=lambda value: f"{value:.3f}"))
    names = sorted({name for pair in RELEASES for name in pair})
    print("\ntau of the official limits: " + ", ".join(f"{name} {official_tau(name):.3f}" for name in names))


if __name__ == "__main__":
    main()
