"""Do rank statements hold as often as they say? Simulated panels whose posterior is known exactly, so no sampler runs.

    theta_i ~ Normal(0, tau),    y_i ~ Normal(theta_i, s_i),    w_i = tau^2 / (tau^2 + s_i^2)
    theta_i | y ~ Normal(w_i y_i, sqrt(w_i) s_i)

s_i = 1 / sqrt(expected deaths) of the 118 trusts of data/shmi.csv, tau = 0.12 (the sd between trusts of the SHMI on the
log scale). Each panel draws theta and y anew and ranks independent draws of the posterior. A statement that promises a
number (the posterior content of an interval, the misordered pairs of a report card, the false discoveries of a list)
must show it on average, within three Monte Carlo errors; one that claims a least probability must reach it less two.
Errors are over panels, because the trusts of a panel share it.

Run: python benchmarks/rank_coverage.py [panels]
"""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust import ranks

DATA = Path(__file__).resolve().parents[1] / "data"
PROBS = (0.5, 0.8, 0.95)
CLAIM = 0.95
DELTA = 0.05
SEED = 20261122
type Floats = np.ndarray
type Found = dict[str, tuple[float, float]]
"""By statement, what one panel promised (a claim is the same in all) and what the truth showed."""


@dataclass(frozen=True)
class Setting:
    """Standard errors, spread of the truth, draws in each of four chains, and draws of the frequentist sets."""

    error: Floats
    tau: float = 0.12
    draws: int = 500
    size: int = 5_000

    @property
    def n(self) -> int:
        return len(self.error)

    @property
    def k(self) -> int:
        return (self.n + 1) // 4

    @property
    def names(self) -> list[str]:
        return [f"T{at:03d}" for at in range(self.n)]


@dataclass(frozen=True)
class Panel:
    """One simulated panel: true ranks (1 best), estimates, and two sets of draws of the exact posterior.

    The highest is best. Statements are made from `draws`; `fresh` ones judge the content of an interval, because places
    chosen by their mass in a set of draws hold less than that set says.
    """

    truth: Floats
    rank: Floats
    estimate: Floats
    draws: xr.DataArray
    fresh: xr.DataArray


def shmi_setting() -> Setting:
    """Standard errors of log observed over expected, of the trusts of the SHMI."""
    return Setting(1 / np.sqrt(pd.read_csv(DATA / "shmi.csv")["expected"].to_numpy(dtype=float)))


def simulate(setting: Setting, generator: np.random.Generator) -> Panel:
    truth = generator.normal(0, setting.tau, setting.n)
    estimate = generator.normal(truth, setting.error)
    weight = setting.tau**2 / (setting.tau**2 + setting.error**2)
    shape = (4, setting.draws, setting.n)
    draws, fresh = (
        xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": setting.names})
        for values in (generator.normal(weight * estimate, np.sqrt(weight) * setting.error, shape) for _ in range(2))
    )
    return Panel(truth, 1 + np.argsort(np.argsort(-truth)), estimate, draws, fresh)


def marginal(panel: Panel) -> Found:
    """Each interval's posterior content and coverage, means over trusts; and how much fuller its own draws see it."""
    found = {}
    own, law = (ranks.rank_law(each, best="highest")["rank_pmf"].to_numpy() for each in (panel.draws, panel.fresh))
    for prob in PROBS:
        tail = ranks.rank_interval(panel.draws, best="highest", prob=prob)
        short = ranks.shortest_interval(panel.draws, best="highest", prob=prob)
        inside = {
            "equal-tailed": between(tail["rank_lower"], tail["rank_upper"]),
            "shortest": between(short["rank_short_lower"], short["rank_short_upper"]),
            "highest mass": ranks.highest_mass_set(panel.draws, best="highest", prob=prob)["in_set"].to_numpy(),
        }
        for name, members in inside.items():
            covered = members[np.arange(len(law)), panel.rank - 1].mean()
            content = float((law * members).sum(axis=1).mean())
            found[f"{name} {prob:.0%} interval"] = (content, float(covered))
            excess = float((own * members).sum(axis=1).mean()) - content
            found[f"{name} {prob:.0%}: content in its own draws less that in fresh ones"] = (np.nan, excess)
    return found


def between(lower: xr.DataArray, upper: xr.DataArray) -> Floats:
    places = np.arange(1, lower.size + 1)
    return (places >= lower.to_numpy()[:, None]) & (places <= upper.to_numpy()[:, None])


def probabilities(panel: Panel, setting: Setting) -> Found:
    """P(above) and P(top k) in fifths: the share of cases a probability promises, and the share that was so."""
    above = ranks.p_above(panel.draws, best="highest")["p_above"].to_numpy()
    pairs = above[np.triu_indices(setting.n, k=1)]
    true = (panel.truth[:, None] > panel.truth)[np.triu_indices(setting.n, k=1)]
    top = ranks.p_top(panel.draws, setting.k, best="highest")["p_top"].to_numpy()
    return {
        **by_fifth("P(above)", pairs, true),
        **by_fifth(f"P(top {setting.k})", top, panel.rank <= setting.k),
    }


def by_fifth(name: str, promised: Floats, true: Floats) -> Found:
    part = np.minimum((5 * promised).astype(int), 4)
    n = len(promised)
    return {
        f"{name}, {20 * at} to {20 * at + 20}%": (promised[part == at].sum() / n, true[part == at].sum() / n)
        for at in range(5)
    }


def report_card(panel: Panel) -> Found:
    """Pairs that grades split the wrong way round, of all pairs and of those split."""
    table = ranks.grade_trusts(panel.draws, best="highest").table
    grade = table["grade"].to_numpy()
    split = grade[:, None] < grade
    wrong = float((split & (panel.truth[:, None] < panel.truth)).sum())
    pairs = len(grade) * (len(grade) - 1) / 2
    found = {"misordered of all pairs": (table["discordance"].item(), wrong / pairs)}
    if split.any():
        found["misordered of split pairs"] = (table["discordance_separated"].item(), wrong / split.sum())
    return {**found, "all split pairs in order": (table["p_all_correct"].item(), float(wrong == 0))}


def lists(panel: Panel, setting: Setting) -> Found:
    """False discoveries and omissions of selected lists, a panel; and wrong labels against a target."""
    draws, truth = panel.draws, panel.truth
    chosen = {
        f"top {setting.k}": (
            ranks.select_end(draws, setting.k, best="highest", end="top"), panel.rank <= setting.k
        ),
        f"bottom {setting.k}": (
            ranks.select_end(draws, setting.k, best="highest", end="bottom"), panel.rank > setting.n - setting.k
        ),
        f"above {DELTA}": (ranks.select_beyond(draws, DELTA, direction="above"), truth > DELTA),
    }  # fmt: skip
    found = {}
    for name, (selection, belongs) in chosen.items():
        taken = selection.table["selected"].to_numpy()
        wrong, missed = float((taken & ~belongs).sum()), float((belongs & ~taken).sum())
        found[f"{name}: false discoveries"] = (selection.table["false_discoveries"].item(), wrong)
        found[f"{name}: omissions"] = (selection.table["omissions"].item(), missed)
    labels = ranks.band_against(draws, 0.0, delta=DELTA).table
    true = np.select([truth > DELTA, truth < -DELTA], ["above", "below"], "within")
    given = labels["band"].to_numpy()
    wrong = float(((given != "undecided") & (given != true)).sum())
    return {**found, "wrong labels against a target": (labels["wrong_labels"].sum().item(), wrong)}


def together(panel: Panel, setting: Setting) -> Found:
    """Sets that claim to hold for all trusts at once."""
    found, draws, rank = {}, panel.draws, panel.rank
    for method in ("quantile", "deviation"):
        table = ranks.simultaneous_sets(draws, best="highest", prob=CLAIM, method=method).table
        held = ((rank >= table["set_lower"]) & (rank <= table["set_upper"])).all()
        found[f"simultaneous sets, {method}"] = (CLAIM, float(held))
    surely = ranks.partial_order(draws, best="highest", prob=CLAIM).table["above"].to_numpy()
    found["certain partial order"] = (CLAIM, float(not (surely & (panel.truth[:, None] < panel.truth)).any()))
    sets = ranks.top_sets(draws, setting.k, best="highest", prob=CLAIM)
    return {**found, **holds_top(setting, rank, {"by order": sets.by_order, "by list": sets.by_list})}


def holds_top(setting: Setting, rank: Floats, members: Mapping[str, list]) -> Found:
    top = {name for name, place in zip(setting.names, rank, strict=True) if place <= setting.k}
    return {f"top {setting.k} within the set {name}": (CLAIM, float(top <= set(own))) for name, own in members.items()}


def frequentist(panel: Panel, setting: Setting, seed: int) -> Found:
    """Rank sets of estimates and their errors alone."""
    estimate, error = (pd.Series(values, setting.names) for values in (panel.estimate, setting.error))
    options = {"best": "highest", "standard_error": error, "prob": CLAIM, "size": setting.size, "seed": seed}
    all_at_once = ranks.rank_sets(estimate, **options)
    found = {}
    for name, sets in (
        ("simultaneous", all_at_once),
        ("marginal", ranks.rank_sets(estimate, coverage="marginal", **options)),
    ):
        lower, upper = sets.table["rank_lower"].to_numpy(), sets.table["rank_upper"].to_numpy()
        held = (panel.rank >= lower) & (panel.rank <= upper)
        found[f"frequentist, {name}"] = (CLAIM, float(held.all() if name == "simultaneous" else held.mean()))
        found[f"places of frequentist sets, {name}"] = (np.nan, float((upper - lower + 1).mean()))
    best = {"of the frequentist best": ranks.tau_best(all_at_once, setting.k)}
    return {**found, **holds_top(setting, panel.rank, best)}


def widths(panel: Panel) -> Found:
    """Mean number of places of the posterior's own sets, beside those of the frequentist ones."""
    tail = ranks.rank_interval(panel.draws, best="highest", prob=CLAIM)
    sets = ranks.simultaneous_sets(panel.draws, best="highest", prob=CLAIM).table
    return {
        "places of equal-tailed 95% intervals": (np.nan, float((tail["rank_upper"] - tail["rank_lower"] + 1).mean())),
        "places of simultaneous sets, quantile": (np.nan, float((sets["set_upper"] - sets["set_lower"] + 1).mean())),
    }


def one(setting: Setting, seed: np.random.SeedSequence) -> Found:
    """Everything of one panel."""
    panel = simulate(setting, np.random.default_rng(seed))
    return {
        **marginal(panel), **probabilities(panel, setting), **report_card(panel), **lists(panel, setting),
        **together(panel, setting), **frequentist(panel, setting, seed.spawn_key[-1]), **widths(panel),
    }  # fmt: skip


def judged(panels: list[Found]) -> pd.DataFrame:
    """One row a statement: promised, shown, their difference with its Monte Carlo error, and the verdict."""
    rows = []
    for name in dict.fromkeys(name for panel in panels for name in panel):
        promised, shown = np.array([panel[name] for panel in panels if name in panel]).T
        gap = shown - promised
        error = gap.std(ddof=1) / np.sqrt(len(gap)) if len(gap) > 1 else np.nan
        claimed = bool((promised == CLAIM).all())
        rows.append((name, claimed, len(gap), promised.mean(), shown.mean(), gap.mean(), error))
    table = pd.DataFrame(rows, columns=["statement", "claim", "panels", "promised", "shown", "difference", "error"])
    claims = table["claim"]
    kept = np.where(
        claims, table["difference"] >= -2 * claim_error(table), table["difference"].abs() <= 3 * table["error"]
    )
    return table.assign(rule=np.where(claims, "at least", "equal"), kept=kept | table["promised"].isna())


def claim_error(table: pd.DataFrame) -> pd.Series:
    """Error of a claimed share, not less than that of the claim itself where it is met in every panel."""
    return np.maximum(table["error"], np.sqrt(CLAIM * (1 - CLAIM) / table["panels"]))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    start, panels = time.perf_counter(), []
    with ProcessPoolExecutor() as pool:
        for at, found in enumerate(pool.map(partial(one, shmi_setting()), seeds(count)), start=1):
            panels.append(found)
            if at % 50 == 0:
                print(f"{at} of {count} panels, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    show(judged(panels))


def seeds(count: int) -> list[np.random.SeedSequence]:
    return np.random.SeedSequence(SEED).spawn(count)


def show(table: pd.DataFrame) -> None:
    print("| statement | rule | promised | shown | difference | its error | kept |\n|---|---|--:|--:|--:|--:|---|")
    for row in table.itertuples():
        if np.isnan(row.promised):
            print(f"| {row.statement} | | | {row.shown:.3g} | | | |")
            continue
        numbers = f"{row.promised:.4f} | {row.shown:.4f} | {row.difference:+.4f} | {row.error:.4f}"
        print(f"| {row.statement} | {row.rule} | {numbers} | {'yes' if row.kept else 'NO'} |")


if __name__ == "__main__":
    main()
