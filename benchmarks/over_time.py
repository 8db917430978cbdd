"""Statements over several periods or indicators: python benchmarks/over_time.py [NAME ...], after set-up.

`area`: A&E, 118 trusts by 26 months, logits with their standard errors. `counts`: the same with the exact counts and
over-dispersion. `profile`: the seven indicators of the study acute in one period. `panel`: a simulated panel of 118
trusts, 22 months and 8 proportions. For each: seconds to compile, seconds to sample 4 x 1,000 draws after 1,000 of
tuning, divergences, and the least bulk and tail ESS over every parameter, path and level, with what has each.
"""

import sys
import time

import numpy as np
import pandas as pd

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.fit import Sampling, fit, simulate
from ranktrust.gate import series_diagnostics
from ranktrust.model import load_model
from ranktrust.panel import Indicator, check_panel, join_indicators
from ranktrust.study import read_study

SEED = 20261122
SAMPLING = Sampling(draws=1000, tune=1000, target_accept=0.8)
PROPORTION = {"national": (0.0, 1.75), "step": (4.0, 35.0), "s": 0.75, "beta": 0.3}
JUDGED = (
    "total",
    "outcome",
    "national",
    "step",
    "s",
    "moving",
    "persistence",
    "unattributed_share",
    "correlation_root",
    "beta",
)


def acute(**options):
    return assemble(read_study(find_asset("studies", "acute")), **options)


def counts():
    return acute(summed=False)["ae_4h"], "trajectory_proportion", {}


def area():
    """The empirical logits of the same counts, as estimates on the scale of log odds."""
    panel, name, _ = counts()
    rows, own = panel.observations, panel.only
    yes, no = rows["numerator"] + 0.5, rows["denominator"] - rows["numerator"] + 0.5
    figures = {"estimate": np.log(yes / no), "standard_error": np.sqrt(1 / yes + 1 / no)}
    indicator = Indicator(
        name=own.name, title=own.title, kind="estimate", best=own.best, unit=own.unit, domain=own.domain,
        comparability=own.comparability,
    )  # fmt: skip
    kept = rows[["trust", "indicator", "period"]].assign(**figures)
    return (
        panel.derive(indicators={own.name: indicator}, observations=kept),
        name.replace("proportion", "estimate"),
        PROPORTION,
    )


def profile():
    panel = join_indicators(acute())
    shares = [item.shares["this_period"].numbers for item in panel.indicators.values()]
    return panel, "profile", {"unattributed_share": tuple(number for share in shares for number in share)}


def panel(trusts=118, periods=22, indicators=8):
    """Drawn from the statement itself, denominators of 300 to 30,000."""
    rng = np.random.default_rng(SEED)
    codes = [f"T{place:03d}" for place in range(trusts)]
    names = [f"indicator_{place}" for place in range(indicators)]
    starts = pd.date_range("2024-01-01", periods=periods, freq="MS")
    labels = [f"{day.date()}/{(day + pd.offsets.MonthEnd()).date()}" for day in starts]
    rows = pd.MultiIndex.from_product([names, labels, codes], names=["indicator", "period", "trust"]).to_frame(
        index=False
    )
    size = np.tile(np.exp(rng.uniform(np.log(300), np.log(30_000), (indicators, 1, trusts))), (1, periods, 1)).ravel()
    rows = rows.assign(denominator=np.round(size), numerator=0.0)
    table = pd.DataFrame(
        {"name": codes, "region": "", "icb": "", "type": "", "subtype": ""}, index=pd.Index(codes, name="trust")
    )
    definitions = {
        name: Indicator(name=name, title=name, kind="proportion", best="highest", unit="units", domain="made up",
                        comparability="direct")
        for name in names
    }  # fmt: skip
    empty = check_panel(observations=rows, trusts=table, indicators=definitions)
    drawn = simulate(empty, load_model("profile_trajectory"), draws=1, seed=np.random.SeedSequence(SEED))
    return (
        empty.derive(
            observations=empty.observations.assign(numerator=drawn["data"]["y"].to_numpy().ravel().astype(float))
        ),
        "profile_trajectory",
        {},
    )


def weakest(tree):
    """The least bulk and tail ESS, and what has each."""
    found = {}
    for name, values in tree["posterior"].data_vars.items():
        if name not in JUDGED or not values.size:
            continue
        others = [dim for dim in values.dims if dim not in {"chain", "draw"}]
        array = values.transpose(*others, "chain", "draw").to_numpy()
        table = series_diagnostics(array.reshape(-1, *array.shape[-2:]))
        found[name] = table.loc[~table["constant"], ["ess_bulk", "ess_tail"]].min()
    frame = pd.DataFrame(found).T
    return [(float(frame[kind].min()), frame[kind].idxmin()) for kind in ("ess_bulk", "ess_tail")]


def measure(name):
    data, statement, priors = CASES[name]()
    marks = []
    report = lambda step, _fraction: marks.append((step, time.perf_counter()))  # noqa: E731 - one line
    tree = fit(
        data, load_model(statement), seed=np.random.SeedSequence(SEED), sampling=SAMPLING, priors=priors,
        predictive=False, report=report,
    )  # fmt: skip
    ended = time.perf_counter()
    first = dict(reversed(marks))
    (bulk, of_bulk), (tail, of_tail) = weakest(tree)
    divergent = int(tree["sample_stats"]["diverging"].sum())
    compiled, sampled = first["sample"] - first["compile"], ended - first["sample"]
    cells = (
        f"{name:8} {statement:22} {compiled:9.1f} {sampled:9.1f} {divergent:6}",
        f"{bulk:8.0f} {of_bulk:18} {tail:8.0f}",
    )
    print(*cells, of_tail, flush=True)


CASES = {"area": area, "counts": counts, "profile": profile, "panel": panel}

if __name__ == "__main__":
    print("case     statement               compile s  sample s diverg     bulk of                     tail of")
    for asked in sys.argv[1:] or CASES:
        measure(asked)
