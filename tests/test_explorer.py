"""The explorer: one script allowed by its digest, texts made by the page's own rules, and nothing lost without it."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html import unescape
from itertools import combinations
from pathlib import Path

import pytest
from deciding import decided_run, tiny_decisions
from league_tables import CODES, NASTY, tiny_run, tiny_table

from ranktrust import publish
from ranktrust.decide import write_decisions
from ranktrust.publish.explorer import explorer_script
from ranktrust.publish.trust_more import dots_of
from ranktrust.words import probability_text

LEAGUE = Path(__file__).resolve().parent.parent / "notebooks" / "league_table.ipynb"
ASK = """
(function () {
  const said = [], rows = () => Array.from(document.querySelectorAll("#the-table ~ table tbody tr"));
  const shown = () => rows().filter((row) => !row.hidden).map((row) => row.querySelector(".code").textContent);
  const put = (element, value, event) => { element.value = value; element.dispatchEvent(new Event(event)); };
  const [search, ...selects] = document.querySelectorAll(".explorer input, .explorer select");
  const [sort, one, other] = selects.slice(-3);
  const [next, , back] = document.querySelectorAll(".explorer button");
  said.push(["all", shown()]);
  put(search, "rex", "input"); said.push(["search", shown()]);
  put(search, "", "input"); put(sort, "+0", "change"); said.push(["sort", shown()]);
  put(sort, "table", "change"); put(one, "0", "change"); put(other, "1", "change");
  said.push(["near", document.querySelector(".result").textContent]);
  put(one, "7", "change"); put(other, "2", "change");
  said.push(["far", document.querySelector(".result").textContent]);
  next.click(); said.push(["step", shown(), rows()[0].querySelector(".step").textContent]);
  back.click(); said.push(["back", shown(), document.querySelectorAll(".step").length]);
  document.body.innerHTML = "<pre id=said></pre>";
  document.getElementById("said").textContent = JSON.stringify(said);
})();
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return decided_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def page(run):
    parameters = {"run": str(run), "indicator": "tiny_4h"}
    return publish.render_page(LEAGUE, run / "pages" / "league.html", parameters=parameters).read_text(encoding="utf-8")


def data_of(text):
    return json.loads(re.search(r'<script[^>]*id="explorer-data"[^>]*>(.*?)</script>', text, flags=re.DOTALL)[1])


def test_one_script_runs_and_its_digest_is_in_the_policy(page):
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.DOTALL)
    assert [kind.strip() == "" for kind, _ in scripts] == [False, True]
    assert 'type="application/json"' in scripts[0][0]
    digest = b64encode(sha256(scripts[1][1].encode()).digest()).decode()
    policy = re.search(r'<meta[^>]*content="(default-src[^"]*)"', page)[1]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"


def test_the_script_is_short_and_makes_no_markup_of_text():
    script = explorer_script()
    assert script.count("\n") <= 300
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp|localStorage", script)


def test_a_page_without_the_data_allows_no_script(tmp_path):
    run = tiny_run(tmp_path)
    parameters = {"run": str(run), "indicator": "tiny_4h"}
    text = publish.render_page(LEAGUE, tmp_path / "x.html", parameters=parameters).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "script-src" not in text


def test_every_pair_reads_as_it_does_on_the_pages_of_its_trusts(run, page):
    data, pairs = data_of(page), publish.load_run(run).pairs["tiny_4h"]
    for at, (one, other) in enumerate(combinations(CODES, 2)):
        p, mcse, ess = pairs.of(one, other)
        assert data["texts"][data["pair"][at]] == probability_text(p, mcse, ess)
        assert data["texts"][data["back"][at]] == probability_text(1 - p, mcse, ess)
        assert data["errors"][data["error"][at]] == f"{100 * mcse:.2g}"
        assert data["dots"][at] == dots_of(p)
        assert (data["side"][at] == "=") == (0.05 < p < 0.95)


def test_the_data_hold_no_rank_but_those_of_single_draws(page):
    data = data_of(page)
    assert [sorted(step) for step in data["steps"]] == [list(range(1, 9))] * 20
    assert not any("rank" in words.lower() and "Width" not in words for words in data["sorts"])
    assert data["trusts"][2][1] == NASTY


def test_what_may_not_be_ordered_can_only_be_searched_and_filtered(tmp_path):
    write_decisions(tiny_decisions(ranked=False), tmp_path / "tables")
    table = tiny_table(ranked=False, poth=None, spearman_low=None)
    data = data_of(publish.explorer(table, tmp_path).text)
    assert data["sorts"] == []
    assert not {"pair", "steps", "texts"} & set(data)
    assert [row[4] for row in data["trusts"]] == [[]] * 8


@pytest.fixture
def browser():
    """Where Chromium is: CHROMIUM, or the one on PATH."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named or "chromium")
    if found is None:
        assert not named, f"CHROMIUM names {named}, which is not there"
        pytest.skip("needs a Chromium (Debian: chromium)")  # no part of set-up needs one; a named one must be there
    return found


def test_it_finds_sorts_compares_and_steps_in_a_browser(page, tmp_path, browser):
    opened = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", page).replace(
        "</body>", f"<script>{ASK}</script></body>"
    )
    (tmp_path / "page.html").write_text(opened, encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [browser, *flags, "--virtual-time-budget=5000", "--dump-dom", (tmp_path / "page.html").as_uri()]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    said = {entry[0]: entry[1:] for entry in json.loads(unescape(re.search(r'<pre id="said">(.*?)</pre>', dumped)[1]))}
    order, first = list(CODES), data_of(page)["steps"][0]
    assert said["all"] == [order]
    assert said["search"] == [["REX"]]
    assert said["sort"] == [order[::-1]]
    assert "These data cannot tell them apart." in said["near"][0]
    assert f"{NASTY} is better than Hazel with a probability of >" in said["far"][0]
    assert said["step"] == [[order[first.index(place)] for place in range(1, 9)], "in this draw: place 1"]
    assert said["back"] == [order, 0]
