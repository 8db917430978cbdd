"""What figures say of their own reliability, on figures whose truth is known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_panels import indicator, small_panel
from views import published, sensitivity

from ranktrust.evidence import reliability_table
from ranktrust.evidence.agreement import adjacent, correlation_of, odd_even, on_link_scale, verdict_of
from ranktrust.evidence.sentences import reliability_sentences
from ranktrust.panel import Share, check_panel, sum_periods
from ranktrust.ranks import rankability

TRUSTS, SIZE = 400, 4000
CODES = [f"T{place:03d}" for place in range(TRUSTS)]


def month(place):
    start = pd.Timestamp("2023-01-01") + pd.DateOffset(months=place)
    return f"{start:%Y-%m-%d}/{start + pd.offsets.MonthEnd():%Y-%m-%d}"


def shares(this_period=0.01, long_run=0.1):
    return {name: Share(1e6 * mean, 1e6 * (1 - mean), 1.0, "made up")
            for name, mean in (("this_period", this_period), ("long_run", long_run))}  # fmt: skip


def monthly(periods, *, noise, drift=0.0, spread=0.4, declared=None, seed=3):
    """Monthly counts of trusts with log odds outcome + drift of the year + noise of the month."""
    random = np.random.default_rng(seed)
    years = drift * random.normal(size=(TRUSTS, 1 + periods // 12))
    level = spread * random.normal(size=(TRUSTS, 1)) + years[:, np.arange(periods) // 12]
    level = level + noise * random.normal(size=(TRUSTS, periods))
    counts = random.binomial(SIZE, 1 / (1 + np.exp(-level)))
    rows = pd.DataFrame({
        "trust": np.repeat(CODES, periods), "indicator": "x", "period": [month(k) for k in range(periods)] * TRUSTS,
        "numerator": counts.ravel().astype(float), "denominator": float(SIZE),
    })  # fmt: skip
    blank = dict.fromkeys(("region", "icb", "type", "subtype"), "")
    trusts = pd.DataFrame({"name": CODES, **blank}, index=pd.Index(CODES, name="trust"))
    return check_panel(observations=rows, trusts=trusts, indicators={"x": indicator(shares=declared or shares())})


def fitted(panel, *, s, share=0.01):
    """Draws as a fit would leave them: total at the figures, s near its truth."""
    value, _ = on_link_scale(panel.observations, "proportion")
    s_draws = s + np.random.default_rng(5).normal(0, 0.002, (2, 50))
    total = xr.DataArray(np.broadcast_to(value, (2, 50, len(value))), dims=("chain", "draw", "trust"))
    parts = {
        "total": total,
        "s": (("chain", "draw"), s_draws),
        "unattributed_share": (("chain", "draw"), np.full((2, 50), share)),
    }
    return xr.Dataset(parts)


def table_of(panel, months=12, *, s=0.4):
    summed = sum_periods(panel, months)
    return reliability_table(panel, months, summed, fitted(summed, s=s)).set_index("method")


def test_halves_raised_to_the_whole_give_the_reliability_of_a_year():
    noise, spread, sampling = 0.3, 0.4, 4.1 / SIZE  # mean of 1 / (n p (1 - p)) at these levels
    found = table_of(monthly(12, noise=noise, spread=spread)).loc["odd_even"]
    truth = spread**2 / (spread**2 + (noise**2 + sampling) / 12)
    error = (found["upper"] - found["lower"]) / 3.92
    assert abs(found["reliability"] - truth) < 3 * error
    assert 0 < error < 0.01
    assert found["correlation"] < found["reliability"]
    assert found["reliability"] == pytest.approx(2 * found["correlation"] / (1 + found["correlation"]))


def test_years_that_follow_each_other_lose_the_drift_too():
    found = table_of(monthly(24, noise=0.1, drift=0.2)).loc["adjacent"]
    truth = 0.4**2 / (0.4**2 + 0.2**2 + 0.1**2 / 12)
    assert abs(found["reliability"] - truth) < 3 * (found["upper"] - found["lower"]) / 3.92
    assert found["periods"] == 12
    assert found["scenario"] == "long_run"


@pytest.mark.parametrize(("declared", "verdict"), [(0.0001, "too_low"), (0.045, "agrees"), (0.3, "too_high")])
def test_a_share_is_held_against_the_halves(declared, verdict):
    """The noise of a month is 0.3, so that of the year a share of 0.3^2 / 12 / (0.4^2 + 0.3^2 / 12) = 0.045."""
    found = table_of(monthly(12, noise=0.3, declared=shares(this_period=declared)), s=0.41)
    assert found.loc["odd_even", "verdict"] == verdict


def test_the_verdicts_are_said_in_words():
    def said(declared):
        panel = monthly(12, noise=0.3, declared=shares(this_period=declared))
        return " ".join(
            reliability_sentences(sensitivity(published("ud"), reliability=table_of(panel, s=0.41).reset_index()))
        )

    assert "so the share that it sets aside is too low" in said(0.0001)
    assert "more aside as noise than they show" in said(0.3)
    assert (
        "Odd and even periods (6 periods each), raised to the length of both, agree with a reliability of 0.9"
        in said(0.045)
    )


def test_a_claim_is_compared_with_both_ends_of_the_interval():
    found = {"lower": 0.8, "upper": 0.9}
    claims = (None, (0.7, 0, 1), (0.85, 0, 1), (0.95, 0, 1))
    assert [verdict_of(found, claim) for claim in claims] == ["not_claimed", "too_high", "agrees", "too_low"]


def test_where_no_earlier_window_is_whole_the_halves_of_the_window_are_compared():
    panel = monthly(7, noise=0.1)
    parts = adjacent(panel, 12)
    assert parts.periods == 3
    rows = panel.observations.query("trust == 'T000'").sort_values("period")["numerator"].to_numpy()
    sums = [rows[1:4].sum(), rows[4:7].sum()]
    assert [parts.first[0], parts.second[0]] == pytest.approx(
        [np.log(y + 0.5) - np.log(3 * SIZE - y + 0.5) for y in sums]
    )
    assert not parts.halves


def test_one_period_says_nothing_of_itself():
    panel = monthly(1, noise=0.1)
    assert odd_even(panel, 12) is None
    assert adjacent(panel, 12) is None
    found = table_of(panel).reset_index()
    assert found["method"].tolist() == ["rankability"]
    said = reliability_sentences(sensitivity(published("ud"), reliability=found))
    assert said[0].startswith("There is one period of figures")


def test_estimates_are_never_added_up():
    panel = small_panel((1.0, 2.0, 3.0), (0.1, 0.1, 0.1), kind="estimate")
    assert odd_even(panel, 12) is None
    assert adjacent(panel, 12) is None


def test_trusts_with_a_gap_are_left_out_of_the_correlation():
    whole = monthly(12, noise=0.1)
    rows = whole.observations
    panel = whole.derive(observations=rows[~((rows["trust"] == "T007") & (rows["period"] == month(4)))])
    assert table_of(panel).loc["odd_even", "trusts"] == TRUSTS - 1
    assert table_of(panel).loc["rankability", "trusts"] == TRUSTS


def test_rankability_is_that_of_the_ranks_room():
    summed = sum_periods(monthly(12, noise=0.3), 12)
    draws = fitted(summed, s=0.41, share=0.045)
    lost = 0.045 * draws["s"] ** 2
    _, variance = on_link_scale(summed.observations, "proportion")
    tau = np.sqrt((draws["total"].var("trust") - lost).to_numpy().ravel())
    wanted = rankability(tau, np.sqrt(variance + float(lost.mean()))).mean()
    assert reliability_table(summed, 12, summed, draws).set_index("method").loc[
        "rankability", "claimed"
    ] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("kind", "figures", "value", "variance"),
    [
        ("proportion", (3.0, 10.0), np.log(3.5 / 7.5), 1 / 3.5 + 1 / 7.5),
        ("ratio", (12.0, 10.0), np.log(1.25), 1 / 12.5),
        ("estimate", (7.0, 0.2), 7.0, 0.04),
    ],
)
def test_figures_on_the_link_scale(kind, figures, value, variance):
    panel = small_panel((figures[0],), (figures[1],), kind=kind)
    found = on_link_scale(panel.observations, kind)
    assert [float(part[0]) for part in found] == pytest.approx([value, variance])


def test_the_interval_is_the_same_for_the_same_seed():
    parts = odd_even(monthly(12, noise=0.3), 12)
    weight = np.ones(TRUSTS)
    assert correlation_of(parts, weight) == correlation_of(parts, weight)
    assert correlation_of(parts, weight)["correlation"] == pytest.approx(np.corrcoef(parts.first, parts.second)[0, 1])
