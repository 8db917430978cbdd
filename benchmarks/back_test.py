"""Predictive honesty over time: python benchmarks/back_test.py [MONTHS], after set-up.

A&E, general acute trusts with figures in all 26 months. For each of the last MONTHS (12) months t + 1, the trajectory
statement is fitted to the 13 months up to t, and says where every trust's *observed* figure of t + 1 will stand: level
from the law of the next month given the path, one month's noise, and counting error at the denominator of t. The
national path takes one more step; ranks do not depend on it. Against it:

    last month        the rank at t, moved by every change from one month to the next that was seen up to t
    mean of window    the rank of the mean logit of 12 months, moved by its changes to the month after
    a year before     the rank of the same month a year before, moved by every change over twelve months up to t
    no pooling        each trust's Beta(1/2, 1/2) posterior of month t alone, with counting error: no noise, no movement

The first three forecast the share likewise: the logit that they begin with, moved by changes of logits (by 2,000 of
them at most).

Scores, lower is better: ranked probability score of the rank (Epstein 1969), sum over k of (F(k) - 1{rank <= k})^2
/ (n - 1); negative log score of the rank, each place given 1 / (10 n) more; and the continuous ranked probability score
of the share seen within four hours, in percentage points. Differences are paired by trust and month; their standard
errors come from means over blocks of three months.
"""

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.evidence.back_test import STATEMENT
from ranktrust.files import sha256_of, write_json
from ranktrust.fit import Sampling, fit
from ranktrust.gate import series_diagnostics
from ranktrust.model import load_model
from ranktrust.panel import Indicator
from ranktrust.study import read_study
from ranktrust.vocabulary import SCHEMA_VERSION

SEED, WINDOW, BLOCK, DRAWS = 20261123, 13, 3, 2000
SAMPLING = Sampling(draws=2000, tune=1000, chains=4, target_accept=0.8)
PRIORS = {"national": (0.0, 1.75), "step": (4.0, 35.0), "s": 0.75, "beta": 0.3}
RESULTS = Path(__file__).resolve().parents[1] / "src/ranktrust/evidence/references"


def figures():
    """The panel by month of trusts with all months, and its counts (month by trust)."""
    panel = assemble(read_study(find_asset("studies", "acute")), summed=False)["ae_4h"]
    rows = panel.observations
    wide = {
        name: rows.pivot_table(index="period", columns="trust", values=name) for name in ("numerator", "denominator")
    }
    whole = wide["denominator"].notna().all()
    return panel, *(frame.loc[:, whole] for frame in wide.values())


def logits(y, n):
    return np.log(y + 0.5) - np.log(n - y + 0.5)


def ranks_of(values):
    """Rank 1 for the largest along the last axis; a tie goes to the first."""
    return (-values).argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable") + 1


def window_panel(panel, y, n):
    """The logits of these months as estimates with standard errors, one row a trust and month."""
    own = panel.only
    rows = y.melt(ignore_index=False, value_name="y").reset_index()
    rows["n"] = n.melt(value_name="n")["n"]
    rows = rows.assign(indicator=own.name, estimate=logits(rows["y"], rows["n"]))
    rows["standard_error"] = np.sqrt(1 / (rows["y"] + 0.5) + 1 / (rows["n"] - rows["y"] + 0.5))
    indicator = Indicator(
        name=own.name, title=own.title, kind="estimate", best=own.best, unit=own.unit, domain=own.domain,
        comparability=own.comparability,
    )  # fmt: skip
    kept = rows[["trust", "indicator", "period", "estimate", "standard_error"]]
    trusts = panel.trusts.loc[list(y.columns)]
    return panel.derive(
        indicators={own.name: indicator}, observations=kept, trusts=trusts, context=panel.context.loc[trusts.index],
        missing=panel.missing.iloc[:0],
    )  # fmt: skip


def next_month(paths, parts, times, rng):
    """Levels of the month after the last, draw by trust.

    `paths` are total (draw, trust, month), what context explains (draw, trust) and the national path (draw, month).

    `parts` are s, share, moving, persistence and step by draw. Distances from the national path are jointly normal over
    months (models/trajectory_proportion.py); the path takes a step of the sd `step`.
    """
    total, adjustment, national = paths
    lags = np.abs(np.r_[times, times[-1] + 1][:, None] - np.r_[times, times[-1] + 1][None, :])
    levels = np.empty(total.shape[:2])
    for draw, (s, share, moving, persistence, step) in enumerate(parts):
        lasting = (1 - share) * (1 - moving + moving * persistence**lags)
        law = s**2 * (lasting + share * np.eye(len(lags)))
        weight = np.linalg.solve(law[:-1, :-1], law[:-1, -1])
        distance = total[draw] - adjustment[draw][:, None] - national[draw]
        sd = np.sqrt(law[-1, -1] - weight @ law[:-1, -1])
        path = national[draw, -1] + step * rng.normal()
        levels[draw] = path + adjustment[draw] + distance @ weight + sd * rng.normal(size=total.shape[1])
    return levels


def model_forecast(panel, y, n, cache, rng):
    """Draws of the next month's share, draw by trust, and how long the fit took."""
    began = time.monotonic()
    window = window_panel(panel, y, n)
    seed = np.random.SeedSequence(SEED)
    tree = fit(window, load_model(STATEMENT), seed=seed, sampling=SAMPLING, priors=PRIORS, cache=cache,
               predictive=False)  # fmt: skip
    names = ("s", "unattributed_share", "moving", "persistence", "step")
    judged(tree, names)
    rows = tree["posterior"].to_dataset()
    rows = rows.stack(sample=("chain", "draw")).transpose("sample", ...)  # noqa: PD013 - xarray
    parts = np.stack([rows[name].to_numpy() for name in names], axis=1)
    adjustment = rows["beta"].to_numpy() @ window["context"].T
    total = rows["total"].transpose("sample", "trust", "period").to_numpy()
    paths = (total, adjustment, rows["national"].to_numpy())
    levels = next_month(paths, parts, window["period_time"], rng)
    return counted(levels, n.iloc[-1].to_numpy(), rng), time.monotonic() - began


def judged(tree, names):
    """Say the largest R-hat and smallest bulk ESS of these parameters, and how many draws diverged."""
    posterior = tree["posterior"].to_dataset()
    table = series_diagnostics(np.stack([posterior[name].transpose("chain", "draw").to_numpy() for name in names]))
    diverged = int(tree["sample_stats"]["diverging"].sum())
    print(
        f"  R-hat {table['rhat'].max():.4f}, ESS {table['ess_bulk'].min():.0f}, {diverged} divergent", file=sys.stderr
    )


def counted(levels, n, rng):
    """Shares that counting n patients at these levels would give."""
    return rng.binomial(n.astype(int), 1 / (1 + np.exp(-levels))) / n


def no_pooling(y, n, rng):
    chance = rng.beta(y + 0.5, n - y + 0.5, size=(DRAWS, len(y)))
    return rng.binomial(n.astype(int), chance) / n


def kernel_pmf(now, changes, n):
    """P(rank) of each trust: its rank `now` moved by every one of `changes`, what leaves 1..n left out."""
    counts = np.bincount(np.asarray(changes) + n, minlength=2 * n + 1)
    places = np.arange(1, n + 1)
    pmf = counts[places[None, :] - now[:, None] + n] + 1e-12
    return pmf / pmf.sum(axis=1, keepdims=True)


def rank_pmf(shares):
    """P(rank) of each trust from draws of shares, draw by trust."""
    ranks, n = ranks_of(shares), shares.shape[1]
    return np.stack([np.bincount(ranks[:, i], minlength=n + 1)[1:] for i in range(n)]) / len(ranks)


def rank_scores(pmf, rank):
    """Ranked probability score and negative smoothed log score of each trust."""
    n = len(rank)
    step = rank[:, None] <= np.arange(1, n + 1)
    rps = ((pmf.cumsum(axis=1) - step) ** 2).sum(axis=1) / (n - 1)
    smooth = (pmf[np.arange(n), rank - 1] + 1 / (10 * n)) / 1.1
    return rps, -np.log(smooth)


def crps(draws, value):
    """Continuous ranked probability score of each trust from draws (draw by trust): E|X - y| - E|X - X'| / 2."""
    ordered, size = np.sort(draws, axis=0), len(draws)
    weight = 2 * np.arange(1, size + 1) - size - 1
    spread = (weight[:, None] * ordered).sum(axis=0) * 2 / size**2
    return np.abs(draws - value).mean(axis=0) - spread / 2


def changes_up_to(values, means, t):
    """Changes of `values` (month by trust) seen up to month t, by baseline, and the value that each begins with.

    `means` are by month those of the twelve months up to it; values are ranks or logits.
    """
    none = np.zeros(values.shape[1], values.dtype)
    return {
        "last month": (values[t], np.diff(values[: t + 1], axis=0).ravel()),
        "mean of window": (means[t], np.concatenate([values[u + 1] - means[u] for u in range(11, t)] or [none])),
        "a year before": (values[t - 11], (values[12 : t + 1] - values[: t - 11]).ravel()),
    }


def moved(now, changes, rng):
    """Draws of shares, draw by trust: the logits `now`, moved by changes seen, by DRAWS of them at most."""
    some = changes if len(changes) <= DRAWS else rng.choice(changes, DRAWS, replace=False)
    return 1 / (1 + np.exp(-(now + some[:, None])))


def one_month(panel, y, n, t, cache):
    """The scores of every forecast of month t + 1, a row a forecast and trust."""
    rng = np.random.default_rng([SEED, t])
    shares, logit = (y / n).to_numpy(), logits(y, n).to_numpy()
    ranks, size = ranks_of(shares), y.shape[1]
    means = {u: logit[u - 11 : u + 1].mean(axis=0) for u in range(11, t + 1)}
    ours, seconds = model_forecast(panel, y.iloc[t - WINDOW + 1 : t + 1], n.iloc[t - WINDOW + 1 : t + 1], cache, rng)
    alone = no_pooling(y.iloc[t].to_numpy(), n.iloc[t].to_numpy(), rng)
    drawn = {"trajectory": ours, "no pooling": alone}
    pmfs = {name: rank_pmf(shares_drawn) for name, shares_drawn in drawn.items()}
    placed = {u: ranks_of(mean) for u, mean in means.items()}
    pmfs |= {name: kernel_pmf(*found, size) for name, found in changes_up_to(ranks, placed, t).items()}
    drawn |= {name: moved(*found, rng) for name, found in changes_up_to(logit, means, t).items()}
    rows = []
    for name, pmf in pmfs.items():
        rps, log = rank_scores(pmf, ranks[t + 1])
        level = 100 * crps(drawn[name], shares[t + 1])
        rows.append(pd.DataFrame({"month": y.index[t + 1][:7], "forecast": name, "trust": y.columns, "rps": rps,
                                  "log": log, "crps": level}))  # fmt: skip
    print(f"{y.index[t + 1][:7]}: fitted in {seconds:.0f} s", file=sys.stderr, flush=True)
    return pd.concat(rows)


def summary(scores):
    """Mean scores by forecast, and differences from the trajectory with block standard errors."""
    by_month = scores.groupby(["forecast", "month"])[["rps", "log", "crps"]].mean()
    own = by_month.loc["trajectory"]
    rows = []
    for name, part in by_month.groupby("forecast"):
        apart = part.droplevel("forecast") - own
        blocks = apart.groupby(np.arange(len(apart)) // BLOCK).mean()
        error = blocks.std(ddof=1) / np.sqrt(len(blocks))
        row = {"forecast": name, **part.mean().round(4)}
        rows.append(row | {f"{key}_less_ours": round(apart[key].mean(), 4) for key in apart}
                    | {f"{key}_error": round(error[key], 4) for key in apart})  # fmt: skip
    return pd.DataFrame(rows).set_index("forecast").sort_values("rps")


def markdown(table):
    """The table of benchmarks/README.md."""
    heads = ("forecast", "ranked probability score", "less the trajectory's", "log score", "less",
             "share, percentage points", "less")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---|--:|--:|--:|--:|--:|--:|"]
    for name, row in table.iterrows():
        cells = [name]
        for key, digits in (("rps", 4), ("log", 3), ("crps", 3)):
            less = f"{row[f'{key}_less_ours']:.{digits}f} ± {row[f'{key}_error']:.{digits}f}"
            cells += [f"{row[key]:.{digits}f}", "" if name == "trajectory" else less]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(months=12):
    panel, y, n = figures()
    cache = {}
    scores = pd.concat([one_month(panel, y, n, t, cache) for t in range(len(y) - 1 - months, len(y) - 1)])
    table = summary(scores)
    table.to_csv(RESULTS / "back_test.csv")
    seen = sorted(scores["month"].unique())
    facts = {"indicator": panel.only.name, "measured": date.today().isoformat(), "trusts": y.shape[1],
             "months": months, "first": seen[0], "last": seen[-1], "window": WINDOW, "block": BLOCK,
             "model_sha256": sha256_of(find_asset("models", STATEMENT))}  # fmt: skip
    write_json(RESULTS / "back_test.json", {"schema_version": SCHEMA_VERSION, **facts})
    print(f"{y.shape[1]} trusts, {months} months")
    print(markdown(table))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
