"""Split-half noise of the indicators in data/: how much of a period's figure is short-term noise.

For each trust the periods are split into odd and even ones and each half is pooled: logit p = log(y + 1/2) -
log(n - y + 1/2). The difference of the two halves, less what all trusts share, has variance 2 x (noise of one half) +
(sampling variances of both halves), the latter 1 / (n p (1 - p)). So

    noise of one half = excess variance of (odd - even) / 2
    noise of the whole = noise of one half / 2      (the whole pools two halves of half the length)
    between = excess variance of the logit of the whole       (level and noise together)
    share = noise of the whole / between            (a first source of `unattributed_share`, this period)

The excess variance is the moment estimator: weighted sum of squares about the weighted mean, less what sampling alone
would give. Twice: every trust with equal weight, and weighted by precision, 1 / sampling variance (DerSimonian and
Laird), because small denominators (cancelled operations) would rule the first. Half counts count as they are. An
excess below zero means less variation than binomial, and is printed as such. Intervals: 2,000 bootstrap samples of
trusts, seed 1.
Noise that lasts longer than a period is shared by both halves and not seen here: the share is a lower bound.

Run: python benchmarks/split_half.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data"
CASES = {"ae_4h": 12, "cancer_28d": 10, "cancer_62d": 10, "cancelled_28d": 4}


def counts(table: str, periods: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Numerators and denominators (trust, period) of general acute trusts with all of the last periods; who has not."""
    trusts = pd.read_csv(DATA / "trusts.csv")
    specialist = trusts["subtype"] == "Acute - Specialist"
    general = set(trusts["trust"][trusts["subtype"].str.startswith("Acute - ", na=False) & ~specialist])
    rows = pd.read_csv(DATA / f"{table}.csv")
    rows = rows[rows["trust"].isin(general)]
    both = rows.pivot_table(index="trust", columns="period_start", values=["numerator", "denominator"])
    y, n = (both[name].iloc[:, -periods:] for name in ("numerator", "denominator"))
    whole = n.notna().all(axis=1)
    return y[whole].to_numpy(), n[whole].to_numpy(), sorted(general - set(n.index[whole]))


def logit_and_variance(y: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Empirical logit of y of n, and its binomial sampling variance."""
    return np.log(y + 0.5) - np.log(n - y + 0.5), 1 / (y + 0.5) + 1 / (n - y + 0.5)


def excess_variance(x: np.ndarray, sampling: np.ndarray, weight: np.ndarray) -> float:
    """Variance of x between trusts beyond its sampling variance, by moments with the given weights."""
    total = weight.sum()
    squares = (weight * (x - (weight * x).sum() / total) ** 2).sum()
    expected = (weight * sampling * (1 - weight / total)).sum()
    return (squares - expected) / (total - (weight**2).sum() / total)


def split_half(y: np.ndarray, n: np.ndarray, *, by_precision: bool) -> dict[str, float]:
    """Noise of the whole period and spread between trusts (sds on the logit scale, signed), and the share."""
    odd, even = (logit_and_variance(y[:, i::2].sum(1), n[:, i::2].sum(1)) for i in (0, 1))
    level, sampling = logit_and_variance(y.sum(1), n.sum(1))
    halves = odd[1] + even[1]
    power = -1.0 if by_precision else 0.0
    noise = excess_variance(odd[0] - even[0], halves, halves**power) / 4
    between = excess_variance(level, sampling, sampling**power)
    return {"noise": np.sign(noise) * np.sqrt(abs(noise)), "between": np.sqrt(between), "share": noise / between}


def describe(y: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> dict[str, float | str]:
    """Every figure printed of one indicator."""
    odd, even = (logit_and_variance(y[:, i::2].sum(1), n[:, i::2].sum(1))[0] for i in (0, 1))
    sampling = logit_and_variance(y.sum(1), n.sum(1))[1]
    found: dict[str, float | str] = {"trusts": len(y), "median sampling sd": np.sqrt(np.median(sampling))}
    found["r(odd, even)"] = np.corrcoef(odd, even)[0, 1]
    picks = rng.integers(len(y), size=(2000, len(y)))
    for name, by_precision in (("equal", False), ("precision", True)):
        found |= {f"{key}, {name}": value for key, value in split_half(y, n, by_precision=by_precision).items()}
        shares = [split_half(y[pick], n[pick], by_precision=by_precision)["share"] for pick in picks]
        low, high = np.quantile(shares, [0.025, 0.975])
        found[f"95 %, {name}"] = f"{low:.3f} to {high:.3f}"
    return found


def main() -> None:
    """Print one column an indicator."""
    rng = np.random.default_rng(1)
    lines = {}
    for table, periods in CASES.items():
        y, n, absent = counts(table, periods)
        lines[table] = {"periods": periods, "left out": ", ".join(absent) or "-", **describe(y, n, rng)}
    print(pd.DataFrame(lines).to_string(float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
