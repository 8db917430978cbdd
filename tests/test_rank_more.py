"""Each file of `ranktrust rank` beyond the first tables holds what the library computes from the same draws."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rank_draws import named, normals

from ranktrust import ranks
from ranktrust.cli import main
from ranktrust.errors import DataError
from ranktrust.ranks.companions import read_companion

MEAN, SD = np.array([0.0, 1.0, 0.5, 0.2, -0.4, 0.9]), np.full(6, 0.4)
NAMES = [f"T{at}" for at in range(6)]
DRAWS = normals(MEAN, SD, seed=3, draws=200)
GROUP = ["n", "s", "n", "s", "n", "s"]
VOLUME = [10.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def run(*arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code or 0


def wide(draws, path):
    frame = pd.DataFrame(draws.values.reshape(-1, draws.sizes["trust"]), columns=draws["trust"].values)
    frame.insert(0, ".chain", np.repeat(range(draws.sizes["chain"]), draws.sizes["draw"]))
    frame.to_csv(path, index=False)
    return path


def by_trust(path):
    return pd.read_csv(path).set_index("trust")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """One call with everything that can be given."""
    folder = tmp_path_factory.mktemp("more")
    before = named(DRAWS.values[:, :, ::-1] - 0.1, NAMES)
    pd.DataFrame({"trust": NAMES, "estimate": MEAN, "standard_error": SD}).to_csv(folder / "e.csv", index=False)
    pd.DataFrame({"trust": NAMES[::-1], "group": GROUP[::-1], "volume": VOLUME[::-1]}).to_csv(
        folder / "g.csv", index=False
    )
    given = ["--delta", 0.2, "--target", 0.3, "--fdr", 0.2, "--capacity", 2, "--top", 2, "--bottom", 3]
    given += ["--estimates", folder / "e.csv", "--groups", folder / "g.csv"]
    given += ["--before", wide(before, folder / "before.csv"), "--best", "highest", "--out", folder / "out"]
    assert run("rank", wide(DRAWS, folder / "d.csv"), *given) == 0
    return folder / "out", before


def precision(out):
    return pd.read_csv(out / "precision.csv").set_index("statement")


def test_the_cumulative_law_and_the_fewest_places(out):
    law = ranks.rank_law(DRAWS, best="highest")
    np.testing.assert_allclose(by_trust(out[0] / "rank_cdf.csv"), law["rank_cdf"])
    written, found = by_trust(out[0] / "highest_mass.csv"), ranks.highest_mass_set(DRAWS, best="highest")
    np.testing.assert_allclose(written["probability"], found["probability"])
    for trust, text in written["places"].items():
        ends = [[int(end) for end in run.split("-")] for run in str(text).split()]
        places = [place for run in ends for place in range(run[0], run[-1] + 1)]
        assert places == (1 + np.flatnonzero(found["in_set"].sel(trust=trust))).tolist()


def test_margins_between_trusts(out):
    for name, power in (("expected_excess", 1), ("expected_square_excess", 2)):
        found = ranks.expected_excess(DRAWS, power, best="highest")["expected_excess"]
        np.testing.assert_allclose(by_trust(out[0] / f"{name}.csv"), found)


def test_columns_of_the_sets_and_of_poth(out):
    written = by_trust(out[0] / "ranks.csv")
    deviation = ranks.simultaneous_sets(DRAWS, best="highest", method="deviation").table
    order, tops = ranks.partial_order(DRAWS, best="highest").table, ranks.top_sets(DRAWS, 2, best="highest")
    summary = ranks.summarise_ranks(DRAWS, best="highest")
    for ours, theirs in (
        ("deviation_lower", deviation["set_lower"]), ("deviation_upper", deviation["set_upper"]),
        ("order_lower", order["place_lower"]), ("order_upper", order["place_upper"]),
        ("poth_without", ranks.poth_without_each(summary)["poth_without"]),
    ):  # fmt: skip
        np.testing.assert_allclose(written[ours], theirs, err_msg=ours)
    for ours, members in (("in_top_by_order", tops.by_order), ("in_top_by_list", tops.by_list)):
        assert written.index[written[ours] == 1].tolist() == [name for name in NAMES if name in members]
    best = pd.read_csv(out[0] / "poth_of_best.csv")
    assert best["k"].tolist() == [2, 3, 4, 5, 6]
    np.testing.assert_allclose(best["poth_of_best"], ranks.poth_of_best(summary))


def test_lists_of_trusts_to_name_within_capacity_and_rate(out):
    written, costs = pd.read_csv(out[0] / "selection.csv"), precision(out[0])
    found = {
        "top": ranks.select_end(DRAWS, 2, best="highest", end="top", capacity=2, fdr=0.2),
        "bottom": ranks.select_end(DRAWS, 3, best="highest", end="bottom", capacity=2, fdr=0.2),
        "above": ranks.select_beyond(DRAWS, 0.5, direction="above", capacity=2, fdr=0.2),
        "below": ranks.select_beyond(DRAWS, 0.1, direction="below", capacity=2, fdr=0.2),
    }
    assert any(each.named for each in found.values())
    for name, each in found.items():
        rows = written[written["list"] == name].set_index("trust")
        assert rows.index[rows["selected"]].tolist() == each.named
        np.testing.assert_allclose(rows["p_belongs"], each.table["p_belongs"])
        assert costs.loc[f"named_{name}", "value"] == len(each.named)
        for cost in ("false_discoveries", "omissions", "posterior_fdr"):
            assert costs.loc[f"named_{name}_{cost}", "value"] == pytest.approx(each.table[cost].item())
            assert costs.loc[f"named_{name}_{cost}", "mcse"] == pytest.approx(each.table[f"{cost}_mcse"].item())


def test_a_margin_and_a_target(out):
    written, found = by_trust(out[0] / "equivalence.csv"), ranks.equivalence_rank(DRAWS, 0.2, best="highest")
    for name in found:
        np.testing.assert_allclose(written[name], found[name], err_msg=name)
    by = ranks.p_above_by(DRAWS, 0.2, best="highest")["p_above_by"]
    np.testing.assert_allclose(by_trust(out[0] / "p_above_by.csv"), by)
    against, labels = by_trust(out[0] / "against.csv"), ranks.band_against(DRAWS, 0.3, delta=0.2, fdr=0.2).table
    assert against["band"].tolist() == labels["band"].values.tolist()
    np.testing.assert_allclose(against["p_within"], labels["p_within"])
    wrong = labels["wrong_labels"].sel(label="above").item()
    assert precision(out[0]).loc["against_above_wrong_labels", "value"] == pytest.approx(wrong)


def test_sets_without_a_posterior_and_how_much_is_not_noise(out):
    written = by_trust(out[0] / "estimate_sets.csv")
    estimate, error = (pd.Series(values, NAMES) for values in (MEAN, SD))
    at_once = ranks.rank_sets(estimate, best="highest", standard_error=error)
    each = ranks.rank_sets(estimate, best="highest", standard_error=error, coverage="marginal")
    for name, sets in (("simultaneous", at_once), ("marginal", each)):
        for end in ("lower", "upper"):
            np.testing.assert_array_equal(written[f"{name}_{end}"], sets.table[f"rank_{end}"])
    assert written.index[written["may_be_top"]].tolist() == ranks.tau_best(at_once, 2)
    assert written.index[written["may_be_bottom"]].tolist() == ranks.tau_worst(at_once, 3)
    spread = DRAWS.std("trust", ddof=1).values.ravel()
    share = spread**2 / (spread**2 + 0.16)
    assert precision(out[0]).loc["rankability", "value"] == pytest.approx(share.mean())
    np.testing.assert_allclose(written["reliability"], share.mean())


def test_ranks_within_groups_and_of_groups(out):
    groups = dict(zip(NAMES, GROUP, strict=True))
    written = by_trust(out[0] / "within_groups.csv")
    found = ranks.within_table(ranks.rank_within(DRAWS, groups, best="highest")).set_index("trust")
    assert written["group"].to_dict() == groups
    np.testing.assert_allclose(written["expected_rank"], found["expected_rank"])
    volumes = dict(zip(NAMES, VOLUME, strict=True))
    regions = ranks.rank_groups(DRAWS, groups, volumes, best="highest", group_dim="group").table
    ranked = pd.read_csv(out[0] / "group_ranks.csv").set_index("group")
    np.testing.assert_allclose(ranked["expected_rank"], regions["expected_rank"])


def test_movement_since_an_earlier_period(out):
    folder, before = out
    found = ranks.rank_stability(before, DRAWS, best="highest", places=1)
    written = by_trust(folder / "stability.csv")
    for name in ("p_moved", "p_improved", "p_rank_improved"):
        np.testing.assert_allclose(written[name], found.table[name])
    rows = precision(folder)
    assert rows.loc["expected_spearman_with_before", "value"] == pytest.approx(found.expected_spearman)
    assert rows.loc["expected_spearman_with_before", "mcse"] == pytest.approx(found.expected_spearman_mcse)
    assert rows.loc["moved_is_more_than_places", "value"] == 1


def test_an_earlier_period_of_the_same_file(tmp_path):
    both = xr.concat([-DRAWS, DRAWS], pd.Index(["2024", "2025"], name="period"))
    xr.DataTree.from_dict({"posterior": xr.Dataset({"outcome": both})}).to_netcdf(tmp_path / "fit.nc")
    options = ("--best", "highest", "--select", "period=2025", "--before", "period=2024", "--out", tmp_path / "out")
    assert run("rank", tmp_path / "fit.nc", *options) == 0
    found = ranks.rank_stability(-DRAWS, DRAWS, best="highest", places=1)
    np.testing.assert_allclose(by_trust(tmp_path / "out" / "stability.csv")["p_moved"], found.table["p_moved"])


def test_what_was_not_asked_for_is_not_left_from_an_earlier_call(tmp_path, capsys):
    path, folder = wide(DRAWS, tmp_path / "d.csv"), tmp_path / "out"
    plain = ("rank", path, "--best", "highest", "--out", folder)
    assert run(*plain, "--delta", 0.1) == 0
    assert (folder / "equivalence.csv").is_file()
    (folder / "notes.csv").write_text("mine\n")
    capsys.readouterr()
    assert run(*plain, "--json") == 0
    assert not (folder / "equivalence.csv").exists()
    assert (folder / "notes.csv").is_file()
    assert set(json.loads(capsys.readouterr().out)["named"]) == {"top", "bottom"}


TEXT = "trust,estimate,standard_error\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trust,estimate\nT0,1\n", ["no column standard_error", "Its columns are trust, estimate"]),
        ("name\nT0\n", ["no column trust", "no column estimate"]),
        (TEXT + "T0,1,1\nT0,x,1\nT9,1,inf\n", ["no row for T1", "not among the draws: T9", "more than one row for T0",
                                               "column estimate: not a number for T0", "not a number for T9"]),
        ("", ["not readable as CSV"]),
    ],
)  # fmt: skip
def test_all_faults_of_a_companion_at_once(tmp_path, text, words):
    path = tmp_path / "e.csv"
    path.write_text(text, encoding="utf-8")
    columns = ("estimate", "standard_error")
    with pytest.raises(DataError) as caught:
        read_companion(path, ["T0", "T1"], columns=columns, numbers=columns)
    for each in words:
        assert each in str(caught.value)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--delta", -1], 2, "delta must be a finite number, 0 or more"),
        (["--fdr", 1], 2, "fdr must lie between 0 and 1"),
        (["--capacity", 7], 2, "capacity must lie between 0 and the number of trusts, 6"),
        (["--target", "nan"], 2, "must be a finite number"),
        (["--estimates", "absent.csv"], 2, "absent.csv cannot be opened"),
        (["--before", "absent.csv"], 2, "no file absent.csv"),
        (["--before", "period=1"], 2, "no dimension to select from"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(tmp_path, capsys, options, code, message):
    path = wide(DRAWS, tmp_path / "d.csv")
    assert run("rank", path, "--best", "highest", "--out", tmp_path / "out", *options) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
