"""Draws on disk come back as they were, or are refused."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from ranktrust.errors import RunError
from ranktrust.store import read_tree, write_tree

GENERATOR = np.random.default_rng(1)
SHAPE = ("chain", "draw", "trust")


@pytest.fixture
def tree():
    posterior = xr.Dataset(
        {
            "total": (SHAPE, GENERATOR.normal(size=(2, 50, 3))),
            "beta": (("chain", "draw", "covariate"), np.empty((2, 50, 0))),
            "steps": (("chain", "draw"), GENERATOR.integers(0, 9, size=(2, 50))),
        },
        coords={"chain": [0, 1], "draw": range(50), "trust": ["RAL", "Ä", "R0A"]},
    )
    statistics = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((2, 50), dtype=bool)), "scale": 0.25})
    groups = {"posterior": posterior, "sample_stats": statistics}
    made = xr.DataTree.from_dict(groups)
    made.attrs = {"model": "proportion", "tune": 1000}
    return made


def test_a_tree_comes_back_bit_for_bit(tree, tmp_path):
    found = read_tree(write_tree(tree, tmp_path / "a.nc"))
    for group in ("posterior", "sample_stats"):
        xr.testing.assert_identical(found[group].to_dataset(), tree[group].to_dataset())
    assert (found.attrs["model"], found.attrs["tune"]) == ("proportion", 1000)


def test_equal_draws_are_equal_files_whenever_they_were_made(tree, tmp_path):
    for hour in ("01", "02"):
        tree["posterior"].attrs["created_at"] = f"2026-11-28T{hour}:00:00"
        write_tree(tree, tmp_path / f"{hour}.nc")
    assert (tmp_path / "01.nc").read_bytes() == (tmp_path / "02.nc").read_bytes()
    assert tree["posterior"].attrs["created_at"] == "2026-11-28T02:00:00"


def test_empty_and_single_variables_survive(tree, tmp_path):
    found = read_tree(write_tree(tree, tmp_path / "a.nc"))
    assert found["posterior"]["beta"].shape == (2, 50, 0)
    assert float(found["sample_stats"]["scale"]) == 0.25
    assert found["sample_stats"]["diverging"].dtype == bool


def test_the_file_can_go_once_it_is_read(tree, tmp_path):
    path = write_tree(tree, tmp_path / "a.nc")
    found = read_tree(path)
    path.unlink()
    np.testing.assert_array_equal(found["posterior"]["total"], tree["posterior"]["total"])


def test_numbers_are_compressed_and_each_chunk_has_a_checksum(tree, tmp_path):
    with netCDF4.Dataset(write_tree(tree, tmp_path / "a.nc")) as file:
        for name in ("total", "steps"):
            filters = file["posterior"][name].filters()
            assert (filters["fletcher32"], filters["zlib"]) == (True, True), name


def test_the_digest_stands_beside_in_the_form_of_sha256sum(tree, tmp_path):
    write_tree(tree, tmp_path / "a.nc")
    digest, name = (tmp_path / "a.nc.sha256").read_text().split()
    assert (len(digest), name) == (64, "a.nc")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nc", "a.nc.sha256"]


@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_one_flipped_bit_is_refused(tree, tmp_path, place):
    path = write_tree(tree, tmp_path / "a.nc")
    content = bytearray(path.read_bytes())
    content[int(place * len(content)) if place > 0 else place] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"does not match its checksum.*fit this indicator again"):
        read_tree(path)


@pytest.mark.parametrize("gone", ["a.nc", "a.nc.sha256"])
def test_a_file_without_its_other_half_is_refused(tree, tmp_path, gone):
    path = write_tree(tree, tmp_path / "a.nc")
    (tmp_path / gone).unlink()
    with pytest.raises(RunError, match=r"a\.nc or its checksum is not in .*; fit this indicator again"):
        read_tree(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0" * 64])
def test_a_damaged_checksum_is_refused(tree, tmp_path, content):
    path = write_tree(tree, tmp_path / "a.nc")
    (tmp_path / "a.nc.sha256").write_bytes(content)
    with pytest.raises(RunError, match="does not match its checksum"):
        read_tree(path)
