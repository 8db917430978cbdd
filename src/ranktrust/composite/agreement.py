"""How far our scoring gives back what was published: segments and ranks from averages, and metric by metric."""

import numpy as np
import pandas as pd

from ranktrust.composite.official import PLACED, metric_scores, official_ranks, override, segment_of
from ranktrust.study import Official
from ranktrust.vocabulary import TRUST, Best


def reproduction(table: pd.DataFrame, official: Official) -> pd.DataFrame:
    """Segment and rank that the rule gives the published averages, beside the published ones, for every listed trust.

    `table` comes from `place_absent`. Columns average_score, in_deficit, segment, rank, our_segment_before,
    our_segment, our_rank, agrees.
    """
    scores = table["average_score"].to_numpy(float)
    raw = segment_of(scores, official)
    ours = override(raw, table["in_deficit"].to_numpy(bool), official.override)
    columns = {"our_segment_before": raw, "our_segment": ours, "our_rank": official_ranks(ours, scores)}
    rows = table.assign(**columns)
    rows = rows.assign(agrees=(rows["our_segment"] == rows["segment"]) & (rows["our_rank"] == rows["rank"]))
    kept = ["average_score", "in_deficit", "segment", "rank", *columns, "agrees"]
    return rows.loc[~rows[PLACED], kept]


def compare_metric(ours: pd.Series, published: pd.Series, scores: pd.Series, *, best: Best) -> dict[str, float]:
    """Agreement of one metric: our figures with the published values, and our scores with published scores.

    All are by trust, `ours` and `published` on the scale of the publication. `n` trusts have both values; their
    correlation, mean absolute difference, and the mean and largest difference between the scores of the two. `scored`
    trusts have a published score; with the largest difference of our score of the published value from it.
    """
    both = pd.concat({"ours": ours, "published": published}, axis=1).dropna()
    found = {"n": float(len(both)), "scored": 0.0, "largest_from_published": np.nan}
    if len(both) > 1:
        scored = [metric_scores(both[name].to_numpy(), best=best) for name in ("ours", "published")]
        apart = np.abs(scored[0] - scored[1])
        found |= {
            "correlation": float(both["ours"].corr(both["published"])),
            "difference": float((both["ours"] - both["published"]).abs().mean()),
            "score_difference": float(apart.mean()),
            "largest_score_difference": float(apart.max()),
        }
    given = pd.concat({"value": published, "score": scores}, axis=1).dropna()
    if len(given) > 1:
        again = metric_scores(given["value"].to_numpy(), best=best)
        found |= {"scored": float(len(given)), "largest_from_published": float(np.abs(again - given["score"]).max())}
    return found


def deduced_scores(domain: pd.Series, values: pd.Series, *, best: Best, others: tuple[int, ...]) -> pd.DataFrame:
    """Published scores of one metric of a domain of two, the other of which has whole scores.

    Twice the domain's score less one of `others` is the metric's score; the whole number that brings it nearest to our
    score of the published value is taken. Columns ours, published and difference, by trust: where the rule is right the
    difference is at most what rounding and trusts that are not listed allow.
    """
    both = pd.concat({"domain": domain, "value": values}, axis=1).dropna()
    ours = metric_scores(both["value"].to_numpy(), best=best)
    candidates = 2 * both["domain"].to_numpy()[:, None] - np.array(others)
    nearest = candidates[np.arange(len(both)), np.abs(candidates - ours[:, None]).argmin(axis=1)]
    rows = {"ours": ours, "published": nearest, "difference": ours - nearest}
    return pd.DataFrame(rows, index=both.index.rename(TRUST))
