import csv
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from ranktrust.errors import UsageError
from ranktrust.ranks import funnel_bands, overdispersed_limits, poisson_limits

laws = settings(deadline=None, max_examples=40, derandomize=True)
PUBLISHED_Z = 2 * norm.cdf(1.959964) - 1
"""The coverage of 1.959964, to which FunnelPlotR and the SHMI round."""
BANDS = {"1": "higher", "2": "as expected", "3": "lower"}


def series(values, prefix="T"):
    return pd.Series(np.asarray(values, dtype=float), index=[f"{prefix}{i}" for i in range(len(values))])


def published(path):
    """Rows of a release: latin-1, and from April 2013 a blank and a copyright row at the end."""
    with path.open(encoding="latin-1", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["OBSERVED"]]
    return pd.DataFrame(rows).set_index("PROVIDER")


@pytest.mark.parametrize(
    ("release", "tau_squared"),
    [
        ("2011-october", 0.003672),
        ("2012-april", 0.003842),
        ("2012-july", 0.003307),
        ("2012-october", 0.003020),
        ("2013-april", 0.002897),
        ("2013-october", 0.002955),
        ("2014-april", 0.002673),
    ],
)
def test_published_shmi_limits_and_bands_to_the_last_digit(shared, release, tau_squared):
    frame = published(shared / "published" / "shmi" / f"shmi-{release}.csv")
    numbers = frame[["OBSERVED", "EXPECTED", "OD_LL", "OD_UL", "PO_LL", "PO_UL"]].astype(float)
    found = funnel_bands(numbers["OBSERVED"], numbers["EXPECTED"], form="log")
    assert round(found.tau_squared, 6) == tau_squared
    assert len(frame) > 140
    assert (found.table["band"] == frame["OD_BANDING"].str[0].map(BANDS)).all()
    limits = [found.table["lower"], found.table["upper"], *poisson_limits(numbers["EXPECTED"].to_numpy())]
    for ours, theirs in zip(limits, ("OD_LL", "OD_UL", "PO_LL", "PO_UL"), strict=True):
        assert (np.round(ours, 4) == numbers[theirs]).all()


def test_figures_are_those_of_funnelplotr(shared):
    """FunnelPlotR 0.6.0, medpar, data type SR, SHMI method, trim 0.1; it rounds expected deaths to two digits."""
    folder = shared / "oracles" / "funnel"
    given_figures = pd.read_csv(folder / "medpar_agg_input.csv").set_index("provnum")
    theirs = pd.read_csv(folder / "source_SR_SHMI.csv")
    whole = pd.read_csv(folder / "phi_tau2.csv")
    found = funnel_bands(given_figures["num"], given_figures["den"].round(2), form="log", prob=PUBLISHED_Z)
    assert found.phi == pytest.approx(whole["phi"].item(), abs=1e-10)
    assert found.tau_squared == pytest.approx(whole["tau2"].item(), abs=1e-10)
    assert (found.table["kept"].to_numpy() == theirs["Wuzscore"].notna()).all()
    for ours, name in {"z": "Uzscore", "lower": "OD95LCL", "upper": "OD95UCL"}.items():
        np.testing.assert_allclose(found.table[ours], theirs[name], rtol=0, atol=1e-10)


def test_funnel_curves_are_those_of_funnelplotr(shared):
    curve = pd.read_csv(shared / "oracles" / "funnel" / "limits_SR_SHMI.csv")
    tau_squared = 0.0284102322745188
    for prob, z, tag in [(0.95, 1.959964, "95"), (0.998, 3.090232, "998")]:
        plain = poisson_limits(curve["number_seq"].to_numpy(), prob=prob)
        wide = overdispersed_limits(
            curve["s"].to_numpy(), form="log", target=1, tau_squared=tau_squared, prob=2 * norm.cdf(z) - 1
        )
        for ours, name in zip((*plain, *wide), ("ll", "ul", "odll", "odul"), strict=True):
            np.testing.assert_allclose(ours, curve[f"{name}{tag}"], rtol=1e-10)


def by_hand(form, of, to, target):
    """Transformed figure and its sampling error, one trust at a time."""
    if form == "log":
        return math.log(of / to) - math.log(target), 1 / math.sqrt(to)
    if form == "square_root":
        return math.sqrt(of / to) - math.sqrt(target), 1 / (2 * math.sqrt(to))
    if form == "arcsine":
        return math.asin(math.sqrt(of / to)) - math.asin(math.sqrt(target)), 1 / (2 * math.sqrt(to))
    error = math.sqrt(of / (of + 0.5) ** 2 + to / (to + 0.5) ** 2)
    return math.log((of + 0.5) / (to + 0.5)) - math.log(target), error


@laws
@given(
    st.sampled_from(["log", "square_root", "arcsine", "ratio"]),
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=3, max_size=25),
)
def test_every_form_is_its_formula_in_loops(form, pairs):
    of, to = [a for a, _ in pairs], [a + b for a, b in pairs]
    found = funnel_bands(series(of), series(to), form=form)
    assert found.target == (sum(of) / sum(to) if form in {"arcsine", "ratio"} else 1)
    worked = [by_hand(form, a, b, found.target) for a, b in zip(of, to, strict=True)]
    kept = sorted((away / error, 1 / error**2) for away, error in worked)
    cut = math.floor(0.1 * len(kept))
    kept = kept[cut : len(kept) - cut]
    phi = sum(z**2 for z, _ in kept) / len(kept)
    weight, square = sum(w for _, w in kept), sum(w**2 for _, w in kept)
    tau_squared = max(0.0, (len(kept) * phi - (len(kept) - 1)) / (weight - square / weight))
    assert found.phi == pytest.approx(phi, rel=1e-9, abs=1e-9)
    assert found.tau_squared == pytest.approx(tau_squared, rel=1e-6, abs=1e-9)
    np.testing.assert_allclose(found.table["z"], [away / error for away, error in worked], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("form", ["log", "square_root", "arcsine", "ratio"])
def test_one_in_twenty_is_outside_where_only_the_spread_differs(form):
    """Figures made with the very spread that the limits allow: 5 % fall outside, and tau comes back (trim 0)."""
    generator = np.random.default_rng(4)
    to = generator.integers(2000, 6000, size=4000).astype(float)
    middle = {"log": 1.0, "square_root": 1.0, "arcsine": 0.3, "ratio": 0.5}[form]
    theta = generator.normal(0, 0.1, size=4000)
    if form == "log":
        of = generator.poisson(to * np.exp(theta))
    elif form == "square_root":
        of = generator.poisson(to * (1 + theta) ** 2)
    elif form == "arcsine":
        of = generator.binomial(to.astype(int), np.sin(np.arcsin(np.sqrt(middle)) + theta) ** 2)
    else:
        of = generator.poisson(to * middle * np.exp(theta))
        to = generator.poisson(to).astype(float)
    found = funnel_bands(series(of), series(to), form=form, trim=0, target=middle)
    outside = (found.table["band"] != "as expected").mean()
    assert found.tau_squared == pytest.approx(0.01, rel=0.1)
    assert abs(outside - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 4000)


def test_trimming_is_by_count_and_winsorising_by_quantile():
    expected = series([100.0] * 12)
    observed = series([20, 90, 92, 95, 97, 99, 101, 103, 105, 108, 110, 300])
    dropped = funnel_bands(observed, expected, form="square_root")
    assert dropped.table.index[~dropped.table["kept"]].tolist() == ["T0", "T11"]
    assert dropped.tau_squared == 0
    z = 20 * (np.sqrt(observed / 100) - 1)
    winsorised = funnel_bands(observed, expected, form="square_root", outliers="winsorise")
    assert winsorised.phi == pytest.approx(np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2))
    assert funnel_bands(observed, expected, form="square_root", trim=0).phi > 10 * winsorised.phi


def test_limits_stay_on_the_scale_and_bands_are_strict():
    lower, upper = overdispersed_limits(np.array([1.0]), form="arcsine", target=0.5, tau_squared=4.0)
    assert (lower.item(), upper.item()) == (0, 1)
    assert overdispersed_limits(np.array([1.0]), form="square_root", target=1, tau_squared=9.0)[0].item() == 0
    table = funnel_bands(series([150, 100, 60]), series([100] * 3), form="log", trim=0).table
    assert table["band"].tolist() == ["as expected"] * 3
    alone = funnel_bands(series([150, *[100] * 20, 60]), series([100] * 22), form="log").table["band"]
    assert alone.iloc[[0, 1, -1]].tolist() == ["higher", "as expected", "lower"]


@pytest.mark.parametrize(
    ("of", "to", "options", "message"),
    [
        ([0, 1, 2], [1, 1, 1], {"form": "log"}, 'figures of T0 have no transform of form "log"'),
        ([2, 1, 1], [1, 1, 1], {"form": "arcsine"}, "figures of T0"),
        ([1, 1, 1], [1, 0, 1], {"form": "square_root"}, "figures of T1"),
        ([0, 1, 1], [0, 0, 1], {"form": "ratio"}, "figures of T0 have"),
        ([1, 1, 1], [1, 1, 1], {"form": "logit"}, "form must be one of log, square_root, arcsine, ratio"),
        ([1, 1], [1, 1], {"form": "log"}, "at least three trusts"),
        ([1, 1, 1], [1, 1, 1], {"form": "log", "trim": 0.5}, "trim must lie"),
        ([1, 1, 1], [1, 1, 1], {"form": "log", "target": 0.0}, "the target 0.0 is not on the scale"),
        ([1, 1, 1], [1, 1, 1], {"form": "log", "outliers": "keep"}, "outliers must be"),
    ],
)
def test_what_has_no_funnel_is_refused(of, to, options, message):
    with pytest.raises(UsageError, match=message):
        funnel_bands(series(of), series(to), **options)


def test_figures_of_other_trusts_are_refused():
    with pytest.raises(UsageError, match="same unique names in the same order"):
        funnel_bands(series([1, 2, 3]), series([1, 2, 3], "U"), form="log")
