"""Split-half noise of the indicators in data/: how much of a period's figure is short-term noise.

For each trust the periods are split into odd and even ones and each half is pooled: logit p = log(y + 1/2) -
log(n - y + 1/2). The difference of the two halves, less what all trusts share, has variance 2 x (noise of one half) +
(sampling variances of both halves), the latter 1 / (n p (1 - p)). So

    noise of one half = (Var(odd - even) - mean of summed sampling variances) / 2
    noise of the whole = noise of one half / 2     (the whole pools two halves of half the length)
    between = Var(logit of the whole) - mean sampling variance of the whole      (level and noise together)
    share = noise of the whole / between           (a first source of `unattributed_share`, this period)

Trusts weigh equally. Half counts count as they are. Intervals: 2,000 bootstrap samples of trusts, seed 1.
Noise that lasts longer than a period is shared by both halves and not seen here: the share is a lower bound.

Run: python benchmarks/split_half.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data"
CASES = {"ae_4h": 12, "cancer_28d": 10, "cancer_62d": 10, "cancelled_28d": 4}


def counts(table: str, periods: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Numerators and denominators, shape (trust, period), of general acute trusts with every one of the last periods."""
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


def split_half(y: np.ndarray, n: np.ndarray) -> dict[str, float]:
    """Noise of the whole period, spread between trusts (both sds on the logit scale), share, and reliability."""
    odd, even = (logit_and_variance(y[:, i::2].sum(1), n[:, i::2].sum(1)) for i in (0, 1))
    level, sampling = logit_and_variance(y.sum(1), n.sum(1))
    noise = (np.var(odd[0] - even[0], ddof=1) - np.mean(odd[1] + even[1])) / 4
    between = np.var(level, ddof=1) - sampling.mean()
    return {
        "sampling sd": np.sqrt(sampling.mean()),
        "noise of a half": np.sign(noise) * np.sqrt(2 * abs(noise)),
        "noise of the whole": np.sign(noise) * np.sqrt(abs(noise)),
        "between sd": np.sqrt(between),
        "share": noise / between,
        "r(odd, even)": np.corrcoef(odd[0], even[0])[0, 1],
    }


def main() -> None:
    """Print one row an indicator."""
    rng = np.random.default_rng(1)
    lines = {}
    for table, periods in CASES.items():
        y, n, absent = counts(table, periods)
        picks = rng.integers(len(y), size=(2000, len(y)))
        shares = [split_half(y[pick], n[pick])["share"] for pick in picks]
        low, high = np.quantile(shares, [0.025, 0.975])
        lines[table] = {
            "trusts": len(y),
            "periods": periods,
            **split_half(y, n),
            "share 95 %": f"{low:.3f} to {high:.3f}",
        }
        lines[table]["left out"] = ", ".join(absent) or "-"
    print(pd.DataFrame(lines).T.to_string(float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
