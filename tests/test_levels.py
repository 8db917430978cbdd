import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import slow_ranks
from rank_draws import named, normals
from scipy.stats import norm

from ranktrust.errors import UsageError
from ranktrust.ranks import group_means, rank_groups, rank_within, rerank, summarise_ranks, within_table

laws = settings(deadline=None, max_examples=40, derandomize=True)
GROUPS = {"T0": "North", "T1": "South", "T2": "North", "T3": "South", "T4": "North"}
VOLUMES = {"T0": 1.0, "T1": 3.0, "T2": 1.0, "T3": 1.0, "T4": 2.0}
panels = st.integers(4, 6).flatmap(lambda draws: arrays(np.int64, (2, draws, 5), elements=st.integers(0, 4)))


@laws
@given(panels)
def test_ranks_within_a_group_are_counted_among_its_trusts_alone(values):
    summaries = rank_within(named(values), GROUPS, best="highest")
    assert list(summaries) == ["North", "South"]
    for group, at in {"North": [0, 2, 4], "South": [1, 3]}.items():
        pmf = slow_ranks.rank_pmf(values[:, :, at].reshape(-1, len(at)).tolist())
        table = summaries[group].table
        assert table["trust"].to_numpy().tolist() == [f"T{i}" for i in at]
        np.testing.assert_allclose(table["rank_pmf"], np.array(pmf, dtype=float), rtol=0, atol=1e-12)


@laws
@given(panels)
def test_the_mean_of_a_group_is_the_weighted_one_of_each_draw(values):
    means = group_means(named(values), GROUPS, VOLUMES, group_dim="region")
    north = (values[..., 0] + values[..., 2] + 2 * values[..., 4]) / 4
    south = (3 * values[..., 1] + values[..., 3]) / 4
    assert means.dims == ("chain", "draw", "region")
    np.testing.assert_allclose(means.sel(region="North"), north, rtol=0, atol=1e-12)
    np.testing.assert_allclose(means.sel(region="South"), south, rtol=0, atol=1e-12)


def test_a_subset_is_not_the_table_cut_up():
    """T1 is surely between T0 and T2 in their region; among all, trusts of other regions stand between."""
    draws = normals(np.arange(9.0), np.full(9, 0.3), seed=1, draws=250)
    groups = {f"T{i}": "ABC"[i % 3] for i in range(9)}
    within = rank_within(draws, groups, best="highest", top=1)
    assert within["A"].table["expected_rank"].to_numpy() == pytest.approx([3, 2, 1], abs=0.01)
    assert summarise_ranks(draws, best="highest").table["expected_rank"].to_numpy()[0] == pytest.approx(9, abs=0.1)
    assert within["A"].table.equals(rerank(draws, ["T0", "T3", "T6"], best="highest", top=1).table)


def test_one_table_of_all_groups_has_a_row_a_trust():
    draws = normals(np.arange(5.0), np.ones(5), seed=2, draws=250)
    summaries = rank_within(draws, pd.Series(GROUPS), best="lowest")
    frame = within_table(summaries)
    assert frame["trust"].tolist() == ["T0", "T2", "T4", "T1", "T3"]
    assert frame["group"].tolist() == ["North"] * 3 + ["South"] * 2
    assert frame["n"].tolist() == [3, 3, 3, 2, 2]
    assert frame["top"].tolist() == [1] * 5
    assert frame["expected_rank"][:3].is_monotonic_increasing
    assert frame["expected_rank"][3] == summaries["South"].table["expected_rank"].values[0]
    assert frame.groupby("group")["expected_rank"].sum().tolist() == pytest.approx([6, 3])


def test_a_trust_alone_in_its_group_has_an_empty_row():
    draws = normals(np.arange(5.0), np.ones(5), seed=2, draws=250)
    groups = GROUPS | {"T3": "West", "T1": "South"}
    summaries = rank_within(draws, groups, best="lowest")
    assert list(summaries) == ["North"]
    frame = within_table(summaries, groups).set_index("trust")
    assert frame["n"].to_dict() == {"T0": 3, "T2": 3, "T4": 3, "T1": 1, "T3": 1}
    assert frame.loc[["T1", "T3"], "group"].tolist() == ["South", "West"]
    assert frame.loc[["T1", "T3"]].drop(columns=["group", "n"]).isna().to_numpy().all()
    assert frame.loc[["T0", "T2", "T4"]].notna().to_numpy().all()


def test_regions_are_ranked_by_their_means_with_errors():
    draws = normals([0.0, 0.4, 1.0, 0.6, 0.5], np.full(5, 0.3), seed=3)
    summary = rank_groups(draws, GROUPS, VOLUMES, best="highest", group_dim="region", top=1)
    mean, sd = 0.5 - 0.45, 0.3 * np.sqrt((1 + 1 + 4) / 16 + (9 + 1) / 16)
    exact, found = norm.cdf(mean / sd), summary.table["p_top"].sel(region="North").item()
    assert abs(found - exact) < 4 * summary.table["p_top_mcse"].sel(region="North").item()
    assert summary.trust_dim == "region"
    assert summary.n == 2


def test_the_scale_is_the_callers_and_may_change_the_order():
    """One trust at 0.01 and one at 0.5 against two at 0.2: worse as a share of patients, better in mean logits."""
    share = np.tile([0.01, 0.2, 0.5, 0.2], (1, 4, 1)) + 1e-6 * np.arange(4)[None, :, None]
    groups, volumes = dict(zip(["T0", "T1", "T2", "T3"], "ABAB", strict=True)), {f"T{i}": 1.0 for i in range(4)}
    first = []
    for draws in (named(share), named(np.log(share / (1 - share)))):
        table = rank_groups(draws, groups, volumes, best="lowest", group_dim="region", top=1).table
        first.append(table["region"].values[int(table["p_top"].values.argmax())])
    assert first == ["B", "A"]


def test_reversing_direction_mirrors_regions():
    draws = normals(np.arange(5.0), np.ones(5), seed=4, draws=250)
    high, low = (rank_groups(draws, GROUPS, VOLUMES, best=b, group_dim="region").table for b in ("highest", "lowest"))
    assert (high["rank_pmf"].values == low["rank_pmf"].values[:, ::-1]).all()


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (dict.fromkeys(["T0", "T1", "T2", "T3"], "North"), "no group for trust T4"),
        (
            {f"T{i}": f"Region {i}" for i in range(5)},
            "every group has one trust alone",
        ),
        (GROUPS | {"T0": float("nan")}, "no group for trust T0"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, message):
    with pytest.raises(UsageError, match=message):
        rank_within(named(np.zeros((1, 4, 5))), groups, best="highest")


@pytest.mark.parametrize(
    ("volumes", "dim", "message"),
    [
        ({"T0": 1.0}, "region", "no volume for trust T1, T2, T3, T4"),
        (VOLUMES | {"T0": -1.0}, "region", "volumes of T0 are not numbers of 0 or more"),
        (VOLUMES | {"T1": 0.0, "T3": 0.0}, "region", "no trust of South has any volume"),
        (VOLUMES, "trust", "group_dim 'trust' is already a dimension"),
    ],
)
def test_volumes_that_do_not_fit_are_refused(volumes, dim, message):
    with pytest.raises(UsageError, match=message):
        group_means(named(np.zeros((1, 4, 5))), GROUPS, volumes, group_dim=dim)
