"""Write README.md of this folder from template.md, numbers and pictures made anew: python docs/worked/write.py."""

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import shmi

from ranktrust import figures, ranks

HERE = Path(__file__).resolve().parent
BEST = "lowest"
TARGET, DELTA = 1.0, 0.05
LOSSES = {"expected_rank": "squared", "absolute": "absolute", "top_k": "top_k"}


def save(drawing, name, folder):
    """Write the wide form of a drawing on white; its words stand beside it in the page."""
    start = drawing.wide.index(">") + 1
    ground = '<rect width="100%" height="100%" fill="white"/>'
    (folder / f"{name}.svg").write_text(f"{drawing.wide[:start]}{ground}{drawing.wide[start:]}", encoding="utf-8")
    return f"![{drawing.alt}]({name}.svg)"


def one_trust(table, name):
    """The numbers of one trust in a rank table."""
    names = ("expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper", "ess_rank")
    chances = ("p_top", "p_top_mcse", "p_bottom", "p_bottom_mcse")
    row = {column: table[column].sel(trust=name).item() for column in names}
    row |= {column: 100 * table[column].sel(trust=name).item() for column in chances}
    return {f"one_{column}": value for column, value in row.items()}


def width(table, lower="rank_lower", upper="rank_upper"):
    """Mean number of places of an interval."""
    return float((table[upper] - table[lower] + 1).mean())


def simple(draws, summary):
    """Numbers of the law of ranks, its summaries, intervals and pairs."""
    table = summary.table
    expected = table["expected_rank"].to_series()
    one, first, other = (str((expected - place).abs().idxmin()) for place in (30, 25, 45))
    above = table["p_above"].to_numpy()
    pair = ranks.pairs_above(draws, [(first, other)], best=BEST).iloc[0]
    near = np.triu((above > 0.05) & (above < 0.95), k=1).sum()
    equal = ranks.equivalence_rank(draws, DELTA, best=BEST)
    both = {"trust": first, "other_trust": other}
    mass = ranks.highest_mass_set(draws, best=BEST)["in_set"].sum("rank")
    shortest = ranks.shortest_interval(draws, best=BEST)
    return {
        **one_trust(table, one),
        "one": one,
        "first": first,
        "other": other,
        "n": summary.n,
        "k": summary.top,
        "law": ", ".join(f"{100 * p:.1f} %" for p in table["rank_pmf"].sel(trust=one).to_numpy()[27:32]),
        "sucra": ranks.sucra(draws, best=BEST)["sucra"].sel(trust=one).item(),
        "percentile": ranks.sucra(draws, best=BEST)["percentile"].sel(trust=one).item(),
        "width": width(table),
        "shortest": width(shortest, "rank_short_lower", "rank_short_upper"),
        "mass": float(mass.mean()),
        "pair": pair["p_above"],
        "pair_mcse": pair["p_above_mcse"],
        "open_pairs": 100 * near / (summary.n * (summary.n - 1) / 2),
        "by": ranks.p_above_by(draws, DELTA, best=BEST)["p_above_by"].sel(both).item(),
        "excess": ranks.expected_excess(draws, 1.0, best=BEST)["expected_excess"].sel(both).item(),
        "equal": equal["equivalence_rank"].sel(trust=one).item(),
        "maybe_best": int((equal["p_best_or_equivalent"] > 0.05).sum()),
    }


def at_once(draws, summary):
    """Numbers of statements about all trusts at once, with what is drawn of them."""
    sets, deviation = (ranks.simultaneous_sets(draws, best=BEST, method=name) for name in ("quantile", "deviation"))
    order, top = ranks.partial_order(draws, best=BEST), ranks.top_sets(draws, summary.top, best=BEST)
    found = {
        "sets": width(sets.table, "set_lower", "set_upper"),
        "deviation": width(deviation.table, "set_lower", "set_upper"),
        "held_out": 100 * sets.content.held_out,
        "held_out_mcse": 100 * sets.content.held_out_mcse,
        "top_order": len(top.by_order),
        "top_list": len(top.by_list),
    }
    return found, sets, order


def chosen(draws, summary):
    """Numbers of orders, lists, bands and grades, and the grades."""
    orders = ranks.orderings(summary).table["ratio"].to_series()
    named = ranks.select_end(draws, summary.bottom, best=BEST, end="bottom")
    against = ranks.band_against(draws, TARGET, delta=DELTA).table
    labels = pd.Series(against["band"].to_numpy()).value_counts()
    grades, sure = ranks.grade_trusts(draws, best=BEST), ranks.grade_trusts(draws, best=BEST, lambda_=0.05)
    found = {
        **{f"ratio_{name}": 100 * orders[name, loss] for name, loss in LOSSES.items()},
        "r_listed": int((ranks.r_values(summary) <= summary.top / summary.n + 1e-9).sum()),
        "named": len(named.named),
        "named_fd": named.table["false_discoveries"].item(),
        "named_omitted": named.table["omissions"].item(),
        **{f"label_{name}": int(labels.get(name, 0)) for name in ("above", "within", "below", "undecided")},
        "label_wrong": float(against["wrong_labels"].sum()),
        "grades": grades.grades,
        "separated": 100 * grades.table["separated"].item(),
        "wrong": 100 * grades.table["discordance_separated"].item(),
        "tau": grades.table["tau"].item(),
        "cards": len(ranks.grade_frontier(draws, best=BEST)),
        "grades_sure": sure.grades,
    }
    return found, grades


def precise(draws, summary, rows):
    """Numbers of how precise the whole is, of sets without a posterior, funnels and levels; the funnel."""
    y, error = shmi.estimates(rows)
    order = summary.table["expected_rank"].to_series().sort_values().index
    truth = ranks.agreement_with_truth(draws, order, best=BEST)
    kinds = ("marginal", "simultaneous")
    single, whole = (ranks.rank_sets(y, best=BEST, standard_error=error, coverage=kind) for kind in kinds)
    funnel = ranks.funnel_bands(rows["observed"], rows["expected"], form="log")
    volumes, groups = rows["expected"].to_dict(), rows["region"].to_dict()
    regions = ranks.rank_groups(draws, groups, volumes, best=BEST, group_dim="region")
    within = ranks.within_table(ranks.rank_within(draws, groups, best=BEST))
    outside = funnel.table["band"].value_counts()
    found = {
        "poth": ranks.poth(summary),
        "poth_mcse": ranks.poth_mcse(draws, best=BEST),
        "positions": float(ranks.entropy(summary)["entropy_positions"].median()),
        "rankability": 100 * float(np.mean(ranks.rankability([shmi.TAU], error.to_numpy()))),
        "spearman": truth["expected_spearman"].item(),
        "kendall": truth["expected_kendall"].item(),
        "marginal": width(single.table),
        "simultaneous": width(whole.table),
        "tau_worst": len(ranks.tau_worst(whole, 10)),
        "funnel_high": int(outside.get("higher", 0)),
        "funnel_low": int(outside.get("lower", 0)),
        "regions": regions.n,
        "region_width": width(regions.table),
        "within_width": width(within),
        "within_n": float(within["n"].mean()),
    }
    return found, funnel


def values_and_pictures(folder):
    """Everything that the template names."""
    rows = shmi.panel()
    draws = shmi.draws(rows)
    summary = ranks.summarise_ranks(draws, best=BEST)
    found = simple(draws, summary)
    (more, sets, order), (lists, grades) = at_once(draws, summary), chosen(draws, summary)
    rest, funnel = precise(draws, summary, rows)
    pictures = {
        "curves": figures.rank_curves_drawing(summary, trusts=[found["first"], found["one"], found["other"]]),
        "intervals": figures.rank_intervals_drawing(summary, sets=sets),
        "pairs": figures.pair_matrix_drawing(summary),
        "heat": figures.rank_heat_drawing(summary),
        "layers": figures.hasse_drawing(order),
        "ladder": figures.grade_ladder_drawing(grades),
        "dots": figures.quantile_dots_drawing(summary, trust=found["one"]),
        "funnel": figures.funnel_plot_drawing(funnel, rows["expected"]),
    }
    words = {f"picture_{name}": save(drawing, name, folder) for name, drawing in pictures.items()}
    return {**found, **more, **lists, **rest, **words, "delta": DELTA}


def page(folder):
    """The text of README.md; pictures are written to `folder`."""
    filled = (HERE / "template.md").read_text(encoding="utf-8").format(**values_and_pictures(folder))
    return "\n\n".join(map(reflowed, filled.rstrip().split("\n\n"))) + "\n"


def reflowed(block):
    """A paragraph in lines of at most 120; headings and pictures stay as they are."""
    return block if block.startswith(("#", "!")) else textwrap.fill(block.replace("\n", " "), 120)


if __name__ == "__main__":
    (HERE / "README.md").write_text(page(HERE), encoding="utf-8")
