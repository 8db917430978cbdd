import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rank_draws import autocorrelated, normals

from ranktrust import __version__, ranks
from ranktrust.cli import main
from ranktrust.errors import DataError, FitError, UsageError
from ranktrust.ranks import tables
from ranktrust.ranks.files import read_draws

TABLES = sorted(tables.TABLES)
MEAN, SD = np.array([0.0, 1.0, 0.5, 0.2]), np.ones(4)


def run(*arguments):
    """Exit code of one command."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code or 0


def wide(draws, path, *, chain=True):
    """Write (chain, draw, trust) draws as a wide CSV."""
    frame = pd.DataFrame(draws.values.reshape(-1, draws.sizes["trust"]), columns=draws["trust"].values)
    if chain:
        frame.insert(0, ".chain", np.repeat(range(draws.sizes["chain"]), draws.sizes["draw"]))
    frame.to_csv(path, index=False)
    return path


def exactly(path):
    """Read a CSV with Python's float, which gives back the number written."""
    frame = pd.read_csv(path, dtype=str)
    return frame.astype({name: float for name in frame if name != "trust"})


def write(tmp_path, text):
    path = tmp_path / "draws.csv"
    path.write_text(text, encoding="utf-8")
    return path


def netcdf(tmp_path, **variables):
    path = tmp_path / "fit.nc"
    xr.DataTree.from_dict({"posterior": xr.Dataset(variables), "observed_data": xr.Dataset()}).to_netcdf(path)
    return path


def test_tables_hold_what_the_library_computes(tmp_path, capsys):
    draws = normals(MEAN, SD, seed=1, draws=200)
    assert run("rank", wide(draws, tmp_path / "d.csv"), "--best", "lowest", "--top", 2, "--out", tmp_path / "out") == 0
    table = ranks.summarise_ranks(draws, best="lowest", top=2).table
    written = exactly(tmp_path / "out" / "ranks.csv").set_index("trust")
    assert list(written.columns) == list(tables.RANK_COLUMNS)
    for name in tables.SUMMARY_COLUMNS:
        np.testing.assert_array_equal(written[name], table[name], err_msg=name)
    for name in ("rank_pmf", "p_above"):
        matrix = exactly(tmp_path / "out" / f"{name}.csv").set_index("trust")
        np.testing.assert_array_equal(matrix, table[name])
        assert list(matrix.index) == ["T0", "T1", "T2", "T3"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == TABLES
    note = capsys.readouterr().err
    assert "ranking 4 (T0, T1, T2, T3), best lowest, top 2, bottom 1; 800 draws in 4 chains" in note


FIRST = "expected_rank,expected_rank_mcse,median_rank,rank_lower,rank_upper,p_top,p_top_mcse,p_bottom,p_bottom_mcse"


def test_new_tables_hold_what_the_library_computes(tmp_path):
    draws, out = normals(MEAN, SD / 4, seed=20, draws=200), tmp_path / "out"
    path = wide(draws, tmp_path / "d.csv")
    assert run("rank", path, "--best", "highest", "--top", 2, "--set-prob", 0.8, "--out", out) == 0
    header = (out / "ranks.csv").read_text().splitlines()[0]
    assert header.startswith(
        f"trust,{FIRST},ess_rank,sucra,percentile,rank_short_lower,rank_short_upper,set_lower,set_upper,"
    )
    assert ",r_value,entropy_positions,grade,deviation_lower," in header
    written = exactly(out / "ranks.csv").set_index("trust")
    sets = ranks.simultaneous_sets(draws, best="highest", prob=0.8)
    np.testing.assert_array_equal(written["set_lower"], sets.table["set_lower"])
    np.testing.assert_array_equal(written["set_upper"], sets.table["set_upper"])
    summary = ranks.summarise_ranks(draws, best="highest", top=2)
    np.testing.assert_array_equal(written["r_value"], ranks.r_values(summary))
    np.testing.assert_allclose(written["sucra"], ranks.sucra(draws, best="highest")["sucra"], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(written["entropy_positions"], ranks.entropy(summary)["entropy_positions"])
    grades = ranks.grade_trusts(draws, best="highest")
    np.testing.assert_array_equal(written["grade"], grades.table["grade"])
    frontier = pd.read_csv(out / "grades.csv")
    assert ((frontier["lambda_from"] <= 0.25) & (frontier["lambda_to"] >= 0.25)).any()
    assert frontier["grades"].is_monotonic_increasing
    edges = pd.read_csv(out / "partial_order.csv")
    order = ranks.partial_order(draws, best="highest", prob=0.8)
    assert edges[["trust", "other"]].to_numpy().tolist() == order.edges.to_numpy().tolist()
    assert len(edges) > 0
    assert list(edges.columns) == ["trust", "other", "p_above", "p_above_mcse", "ess", "bound"]


def test_orders_are_written_best_first_with_their_losses(tmp_path):
    draws, out = normals(MEAN, SD, seed=21, draws=200), tmp_path / "out"
    assert run("rank", wide(draws, tmp_path / "d.csv"), "--best", "highest", "--out", out) == 0
    written = pd.read_csv(out / "orderings.csv")
    found = ranks.orderings(ranks.summarise_ranks(draws, best="highest"))
    assert list(written.columns) == ["order", "loss", "expected_loss", "ratio_to_random", "place", "trust"]
    assert written["order"].unique().tolist() == found.table["order"].values.tolist()
    for order, rows in written.groupby("order"):
        assert rows["place"].tolist() == [1, 2, 3, 4]
        places = found.table["place"].sel(order=order)
        assert rows["trust"].tolist() == places["trust"].values[np.argsort(places.values)].tolist()
        assert rows["expected_loss"].iloc[0] == pytest.approx(found.own_loss(order)[0])
        assert rows["ratio_to_random"].iloc[-1] == pytest.approx(found.own_loss(order)[1])
    assert written.loc[written["order"] == "expected_rank", "trust"].tolist() == ["T1", "T2", "T3", "T0"]


def test_precision_says_how_often_each_set_held(tmp_path, capsys):
    draws, out = normals(MEAN, SD, seed=22, draws=200), tmp_path / "out"
    path = wide(draws, tmp_path / "d.csv")
    assert run("rank", path, "--best", "highest", "--set-prob", 0.9, "--out", out, "--json") == 0
    written = pd.read_csv(out / "precision.csv").set_index("statement")
    summary = ranks.summarise_ranks(draws, best="highest")
    assert written.loc["poth", "value"] == pytest.approx(ranks.poth(summary))
    agreement = ranks.agreement_with_truth(draws, ["T1", "T2", "T3", "T0"], best="highest")
    for name in ("expected_spearman", "expected_kendall"):
        assert written.loc[name, "value"] == pytest.approx(agreement[name].item())
        assert written.loc[name, "mcse"] == pytest.approx(agreement[f"{name}_mcse"].item())
    content = ranks.simultaneous_sets(draws, best="highest", prob=0.9).content
    assert written.loc["set_content_held_out", "value"] == pytest.approx(content.held_out)
    for name in ("set", "certain_pairs", "top_set_by_list"):
        assert written.loc[f"{name}_content_final", "value"] >= 0.9
    printed = json.loads(capsys.readouterr().out)
    assert printed["set_prob"] == 0.9
    tops = ranks.top_sets(draws, 1, best="highest", prob=0.9)
    assert (printed["top_set_by_order"], printed["top_set_by_list"]) == (tops.by_order, tops.by_list)
    assert {row["statement"] for row in printed["precision"]} == set(written.index)


def test_the_chain_column_is_heeded(tmp_path):
    draws = autocorrelated(MEAN, seed=2, rho=0.9, draws=100)
    with_chain = read_draws(wide(draws, tmp_path / "a.csv"))
    without = read_draws(wide(draws, tmp_path / "b.csv", chain=False))
    np.testing.assert_array_equal(with_chain, draws)
    assert dict(without.sizes) == {"chain": 1, "draw": 400, "trust": 4}


def test_the_order_column_orders_each_chain(tmp_path):
    draws = autocorrelated(MEAN, seed=3, rho=0.9, draws=50)
    frame = exactly(wide(draws, tmp_path / "a.csv"))
    frame.insert(1, ".iteration", list(range(1, 51)) * 4)
    frame.sample(frac=1, random_state=1).sort_values(".chain", kind="stable").to_csv(tmp_path / "b.csv", index=False)
    np.testing.assert_array_equal(read_draws(tmp_path / "b.csv"), draws)


def test_errors_grow_when_draws_are_autocorrelated(tmp_path):
    found = {}
    for rho in (0.0, 0.9):
        path = wide(autocorrelated(MEAN, seed=4, rho=rho, draws=1000), tmp_path / f"{rho}.csv")
        assert run("rank", path, "--best", "highest", "--out", tmp_path / f"{rho}") == 0
        found[rho] = pd.read_csv(tmp_path / f"{rho}" / "ranks.csv")
    for name in ("expected_rank_mcse", "p_top_mcse", "p_bottom_mcse"):
        assert (found[0.9][name] > 2 * found[0.0][name]).all(), name


def test_a_netcdf_tree_gives_what_a_csv_gives(tmp_path):
    draws = normals(MEAN, SD, seed=5, draws=50)
    two = xr.concat([draws, -draws], pd.Index(["2024", "2025"], name="period"))
    run("rank", wide(draws, tmp_path / "d.csv"), "--best", "highest", "--out", tmp_path / "csv")
    path = netcdf(tmp_path, total=two)
    options = ("--best", "lowest", "--var", "total", "--select", "period=2025", "--out", tmp_path / "nc")
    assert run("rank", path, *options) == 0
    for name in TABLES:
        assert (tmp_path / "nc" / name).read_bytes() == (tmp_path / "csv" / name).read_bytes()


def test_json_on_stdout(tmp_path, capsys):
    path = wide(normals(MEAN, SD, seed=6, draws=20), tmp_path / "d.csv")
    run("rank", path, "--best", "highest", "--out", tmp_path / "out", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["schema_version"], printed["n"], printed["samples"]) == (1, 4, 80)
    assert [row["trust"] for row in printed["ranks"]] == ["T0", "T1", "T2", "T3"]
    assert sum(row["expected_rank"] for row in printed["ranks"]) == pytest.approx(10)


def test_an_ess_that_does_not_exist_is_null_in_json(tmp_path, capsys):
    path = write(tmp_path, "a,b\n" + "1,2\n" * 4)
    assert run("rank", path, "--best", "highest", "--out", tmp_path / "out", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["smallest_ess_rank"] is None
    assert [row["ess_rank"] for row in printed["ranks"]] == [None, None]
    assert [row["expected_rank"] for row in printed["ranks"]] == [2, 1]


def test_tables_that_were_there_are_replaced(tmp_path):
    out = tmp_path / "out"
    for best in ("highest", "lowest"):
        run("rank", wide(normals(MEAN, SD, seed=7, draws=20), tmp_path / "d.csv"), "--best", best, "--out", out)
    assert pd.read_csv(out / "ranks.csv")["expected_rank"].idxmin() == 0
    assert sorted(path.name for path in out.iterdir()) == TABLES


@pytest.mark.parametrize("blow", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_stays(tmp_path, monkeypatch, blow):
    path = wide(normals(MEAN, SD, seed=8, draws=20), tmp_path / "d.csv")
    calls = []

    def fail(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise blow

    monkeypatch.setattr(tables.os, "fsync", fail)
    code = run("rank", path, "--best", "highest", "--out", tmp_path / "out")
    assert code == (130 if isinstance(blow, KeyboardInterrupt) else 5)
    assert len(calls) == 2
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    report = ranks.report_ranks(normals(MEAN, SD, seed=9, draws=20), best="highest")
    monkeypatch.setattr(tables.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(FitError, match=f"into {tmp_path}: No space left"):
        tables.write_rank_tables(report, ranks.More({}), tmp_path)


FINE = "a,b\n" + "1,2\n" * 4


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "a,b\n1,x\n,2\n3,4\n1e999,nan\n",
            ["row 3, column a: blank", "row 5, column a: too large", "rows 2, 5, column b: not"],
        ),
        ("a,a,,.lp\n" + "1,2,3,4\n" * 4, ["column 3: no name", "column .lp: not a trust", "column a: named twice"]),
        ("chain,draw,a,b\n" + "1,1,2,3\n" * 4, ["column chain: numbers the rows", "column draw: numbers the rows"]),
        ("a;b\n1,5;2,5\n1,0;2,0\n", ["row 1: the columns are separated by semicolons"]),
        ("a,b\n1,2\n1,2\n1,2\n", ["3 draws"]),
        ("a\n1\n2\n3\n4\n", ["1 trust columns"]),
        (FINE + "1,2,3\n7\n", ["row 6: 3 cells", "row 7: 1 cells"]),
        (".chain,a,b\n" + "1,1,2\n" * 4 + "2,1,2\n" * 5, ["unequal length (1: 4, 2: 5)"]),
        (".chain,a,b\n" + "1,1,2\n" * 3 + "2,1,2\n" * 3, ["too few draws in a chain"]),
        (".draw,a,b\n" + "1,1,2\n" * 4, ["a draw comes twice"]),
        (".chain,a,b\n" + " ,1,2\n" + "1,1,2\n" * 4, ["row 2, column .chain: blank"]),
        ("a,b\n1_0,2\n1,2\n1,2\n0x1,\u0663\n", ["rows 2, 5, column a", "row 5, column b"]),
        ("", ["empty"]),
        ('a,b\n"1,2\n', ["not readable as CSV"]),
    ],
)
def test_all_faults_of_a_csv_at_once(tmp_path, capsys, text, faults):
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_draws(path)
    for fault in faults:
        assert any(fault in str(found) for found in caught.value.faults), f"{fault} not in {caught.value}"
    assert run("rank", path, "--best", "highest", "--out", tmp_path / "out") == 3
    assert "draws.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_csv_that_is_not_text(tmp_path):
    (tmp_path / "d.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_draws(tmp_path / "d.csv")


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    draws = read_draws(write(tmp_path, "\ufeff" + FINE))
    assert draws["trust"].values.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--best", "highest", "--top", 5], "top must lie between 1 and the number of trusts, 4"),
        (["--best", "highest", "--bottom", 0], "bottom must lie"),
        (["--best", "highest", "--prob", 1.5], "prob must lie"),
        (["--best", "highest", "--set-prob", 0], "prob must lie"),
        (["--best", "most"], "--best"),
        ([], "--best"),
        (["--best", "highest", "--select", "period"], "dim=value"),
        (["--best", "highest", "--select", "period=1"], "no dimension to select from"),
    ],
)
def test_usage_errors(tmp_path, capsys, options, message):
    path = wide(normals(MEAN, SD, seed=10, draws=10), tmp_path / "d.csv")
    assert run("rank", path, "--out", tmp_path / "out", *options) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variable": "nothing"}, "no variable nothing; there are: outcome, total"),
        ({"select": {"region": "x"}}, "no dimension region to select from; there are: trust"),
        ({"variable": "total"}, "2 dimensions .*period.*--select"),
        ({"variable": "total", "select": {"period": "2030"}}, "no value 2030; there are: 2024, 2025"),
    ],
)
def test_what_a_netcdf_file_lacks_is_answered_with_what_it_has(tmp_path, arguments, message):
    draws = normals(MEAN, SD, seed=11, draws=10)
    two = xr.concat([draws, draws], pd.Index([2024, 2025], name="period"))
    with pytest.raises(UsageError, match=message):
        read_draws(netcdf(tmp_path, outcome=draws, total=two), **arguments)


def test_files_that_are_not_draws(tmp_path):
    with pytest.raises(UsageError, match="no file"):
        read_draws(tmp_path / "absent.csv")
    (tmp_path / "draws.txt").write_text(FINE)
    with pytest.raises(UsageError, match=r"\.csv and from netCDF"):
        read_draws(tmp_path / "draws.txt")
    (tmp_path / "fit.nc").write_bytes(b"not netCDF at all")
    with pytest.raises(DataError, match="not readable as netCDF"):
        read_draws(tmp_path / "fit.nc")
    xr.Dataset({"outcome": 1}).to_netcdf(tmp_path / "flat.nc")
    with pytest.raises(UsageError, match="no group posterior; there are: none"):
        read_draws(tmp_path / "flat.nc")


def test_a_file_in_place_of_the_folder(tmp_path, capsys):
    path = wide(normals(MEAN, SD, seed=12, draws=10), tmp_path / "d.csv")
    assert run("rank", path, "--best", "highest", "--out", path) == 2
    assert "cannot be used as a folder" in capsys.readouterr().err


def test_version(capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out == f"ranktrust {__version__}\n"


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom ranktrust.cli import main\n"
        "try: main(['rank', '--help'])\n"
        "except SystemExit as stop: print(stop.code)\n"
        "heavy = {'numba', 'numpy', 'pandas', 'xarray', 'scipy', 'pymc', 'arviz', 'arviz_stats'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-2:] == ["0", "[]"]
    assert "--best" in found.stdout


@pytest.mark.parametrize(("draws", "warned"), [(20, True), (500, False)])
def test_too_few_draws_are_warned_about(tmp_path, capsys, draws, warned):
    path = wide(normals(MEAN, SD, seed=1, draws=draws), tmp_path / "draws.csv")
    assert run("rank", path, "--best", "highest", "--out", tmp_path / "out") == 0
    assert ("warning: the smallest effective sample size of a rank is" in capsys.readouterr().err) == warned
