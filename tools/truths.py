"""Simulated panels whose truth is known, one a statement: python tools/truths.py writes tests/truths/ anew.

Each is drawn from its statement as the docstring in models/ says it, in plain NumPy: outcome first, then the
unattributed part, whose sum is total, then the figures. Under heavy tails both parts of a trust share its own variance.
"""

import json
import sys
from pathlib import Path

import numpy as np

SEED = 20261122
TRUSTS, REGIONS = 32, 4
FOLDER = Path(__file__).resolve().parent.parent / "tests" / "truths"
HYPER = {
    "ratio": {"mu": 0.05, "s": 0.15, "beta": 0.1, "omega": 0.08, "unattributed_share": 0.15},
    "proportion": {"mu": 1.0, "s": 0.5, "beta": -0.3, "omega": 0.3, "unattributed_share": 0.1},
    "estimate": {"mu": 6.5, "s": 0.3, "beta": 0.15, "omega": 0.15, "unattributed_share": 0.05},
}
LEVELS = {
    "ratio_independent": lambda rng: np.log(rng.gamma(1.0, 1.0, TRUSTS)),
    "proportion_independent": lambda rng: log_odds(rng.beta(1.0, 1.0, TRUSTS)),
    "estimate_independent": lambda rng: rng.normal(5.0, 25.0, TRUSTS),
    "surgical_bugs": lambda rng: rng.normal(-2.5, 0.4, TRUSTS),
}
STATEMENTS = {
    **{name: HYPER[name] for name in HYPER},
    **{f"{name}_student": {**numbers, "nu": 4.0} for name, numbers in HYPER.items()},
    "proportion_half_counts": HYPER["proportion"],
    **{name: {} for name in LEVELS},
    "surgical_bugs": {"mu": -2.5, "sigma": 0.4},
}


def log_odds(p):
    """The log odds of proportions."""
    return np.log(p) - np.log1p(-p)


def zero_sum(rng, n):
    """Standard normal values given that they sum to zero."""
    values = rng.normal(size=n)
    return values - values.mean()


def pooled_levels(rng, truth, x, region):
    """The region effects and the three levels, from the top down."""
    effect = zero_sum(rng, REGIONS)
    adjustment = truth["beta"] * x
    m = truth["mu"] + truth["omega"] * effect[region] + adjustment
    nu, b = truth.get("nu"), 1 - truth["unattributed_share"]
    w = np.ones(TRUSTS) if nu is None else 1 / rng.gamma(nu / 2, 2 / nu, TRUSTS)
    own, noise = rng.normal(0, truth["s"] * np.sqrt(w * np.array([[b], [1 - b]])))
    return {"total": m + own + noise, "outcome": m + own, "performance": m + own - adjustment}


def figures_of(rng, kind, total, *, halves):
    """The published figures of trusts at these levels."""
    size = rng.integers(150, 900, TRUSTS).astype(float)
    if kind == "ratio":
        return {"observed": rng.poisson(size * np.exp(total)).astype(float), "expected": size}
    if kind == "estimate":
        error = 1.5 / np.sqrt(size)
        return {"estimate": rng.normal(total, error), "standard_error": error}
    p = 1 / (1 + np.exp(-total))
    if not halves:
        return {"numerator": rng.binomial(size.astype(int), p).astype(float), "denominator": size}
    numerator = rng.binomial(size.astype(int) - 1, p) + rng.binomial(3, p) / 2
    return {"numerator": numerator, "denominator": size + 0.5}


def truth_of(name):
    """The seed, the parameters, the levels and the figures of one statement, as they go into its file."""
    rng = np.random.default_rng([SEED, list(STATEMENTS).index(name)])
    kind = "proportion" if name == "surgical_bugs" else name.split("_")[0]
    x, region = rng.normal(size=TRUSTS), rng.permutation(np.arange(TRUSTS) % REGIONS)
    if name in LEVELS:
        total = LEVELS[name](rng)
        levels = dict.fromkeys(("total", "outcome", "performance"), total)
    else:
        levels = pooled_levels(rng, STATEMENTS[name], x, region)
    figures = figures_of(rng, kind, levels["total"], halves=name == "proportion_half_counts")
    columns = {"region": [f"R{place}" for place in region], "x": x, **levels, **figures}
    return {
        "schema_version": 1,
        "model": name,
        "kind": kind,
        "seed": [SEED, list(STATEMENTS).index(name)],
        "truth": STATEMENTS[name],
        "trusts": {
            f"T{place:02d}": {
                column: values[place] if column == "region" else float(values[place])
                for column, values in columns.items()
            }
            for place in range(TRUSTS)
        },
    }


def main():
    """Write the files of the statements named on the command line, or of all."""
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or STATEMENTS:
        text = json.dumps(truth_of(name), indent=1) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
