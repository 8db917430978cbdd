"""What is drawn equals what the table holds, and what is said of a picture equals what is drawn."""

import re
from html import unescape
from itertools import pairwise

import numpy as np
import pytest
from league_tables import CODES, tiny_fit, tiny_table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ranktrust import figures
from ranktrust.figures.svg import SEGMENT_COLOURS, TONE_COLOURS
from ranktrust.gate import diagnose
from ranktrust.publish import figure_block
from ranktrust.publish.html import style_sheet

UNRANKED = {"ranked": False, "comparability": "indirect", "poth": None, "spearman_low": None}


@pytest.fixture
def ax() -> Axes:
    return Figure(layout="constrained").add_subplot()


def marks(ax: Axes) -> dict[float, float]:
    """Position to value of every mark that stands for a trust."""
    lines = [line for line in ax.get_lines() if line.get_marker() not in {"None", ""}]
    return {float(x): float(y) for line in lines for x, y in zip(*line.get_data(), strict=True)}


def test_a_caterpillar_draws_every_estimate_in_the_order_of_the_table(ax: Axes) -> None:
    table = tiny_table()
    figures.caterpillar(table, ax)
    drawn = marks(ax)
    assert [drawn[place] for place in range(8)] == pytest.approx(100 * table.rows["estimate"].to_numpy())


def test_a_caterpillar_draws_every_interval(ax: Axes) -> None:
    table = tiny_table()
    figures.caterpillar(table, ax)
    ends = {segment[0][0]: segment[:, 1] for lines in ax.collections for segment in lines.get_segments()}
    wanted = 100 * table.rows[["estimate_lower", "estimate_upper"]].to_numpy()
    assert np.array([ends[place] for place in range(8)]) == pytest.approx(wanted)


def styles(ax: Axes) -> dict[str, tuple[str, str]]:
    """Marker and colour of each group by its label."""
    lines = [line for line in ax.get_lines() if line.get_marker() not in {"None", ""}]
    return {str(line.get_label()): (line.get_marker(), str(line.get_color())) for line in lines}


def test_neighbouring_bands_differ_in_marker_as_well_as_in_colour(ax: Axes) -> None:
    figures.caterpillar(tiny_table(), ax)
    found = styles(ax)
    assert list(found) == ["band 1 (3)", "band 2 (3)", "band 3 (2)"]
    assert [marker for marker, _ in found.values()] == ["D", "o", "D"]
    assert [colour for _, colour in found.values()] == [TONE_COLOURS[step] for step in (0, 4, 8)]


def test_of_many_bands_the_legend_names_the_ends(ax: Axes) -> None:
    table = tiny_table(band_sizes=(1,) * 12)
    figures.caterpillar(table, ax)
    assert [text.get_text() for text in ax.get_legend().get_texts() if "band" in text.get_text()] == ["band 1 (3)"]


def test_an_unranked_table_is_drawn_by_group_and_name(ax: Axes) -> None:
    table = tiny_table(**UNRANKED)
    order = figures.drawn_order(table)
    assert list(order) == sorted(order, key=["below", "neither", "above"].index)
    assert all(list(part) == sorted(part) for part in order.groupby(order).groups.values())
    figures.caterpillar(table, ax)
    assert "by name within each" in ax.get_xlabel()


def test_no_axis_numbers_the_places_of_a_caterpillar(ax: Axes) -> None:
    figures.caterpillar(tiny_table(), ax)
    assert list(ax.get_xticks()) == []


def test_the_heat_map_is_the_rank_law(ax: Axes) -> None:
    table = tiny_table()
    figures.rank_heat(table, ax)
    alpha = ax.get_images()[0].get_array()[..., 3]
    assert np.asarray(alpha) == pytest.approx(np.sqrt(np.clip(table.rank_pmf.to_numpy() / 0.25, 0, 1)))


def test_words_say_what_is_drawn() -> None:
    table = tiny_table()
    width = table.rows["rank_upper"] - table.rows["rank_lower"] + 1
    assert f"are {width.min():.0f} to {width.max():.0f} places wide" in figures.rank_heat_alt(table)
    estimates = 100 * table.rows["estimate"]
    assert f"from {estimates.min():.1f}% to {estimates.max():.1f}%" in figures.caterpillar_alt(table)


def test_svg_is_the_same_each_time_and_keeps_its_text() -> None:
    first, second = (figures.caterpillar_drawing(tiny_table()) for _ in range(2))
    assert first == second
    assert "in the order of the table" in first.wide
    assert re.search(r"\d{4}-\d\d-\d\d", first.wide) is None


def test_wide_and_narrow_share_no_id() -> None:
    drawing = figures.rank_heat_drawing(tiny_table())
    ids = [re.findall(r'\bid="([^"]+)"', text) for text in (drawing.wide, drawing.narrow)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    assert all(len(found) == len(set(found)) for found in ids)


def test_names_are_escaped_in_the_description() -> None:
    drawing = figures.caterpillar_drawing(tiny_table(title='<b>"x"'))
    assert 'aria-label="&lt;b&gt;&quot;x&quot;' in drawing.wide


def test_every_series_with_diagnostics_is_a_dot(ax: Axes) -> None:
    findings = diagnose(tiny_fit(), best="highest", top=2, bottom=2)
    figures.rhat_ess_dots(findings, ax, chains=4)
    dots = sum(len(line.get_xdata()) for line in ax.get_lines() if line.get_marker() in {"o", "x"})
    moving = sum(table["rhat"].notna().sum() for table in (f.table for f in findings) if "rhat" in table)
    assert dots == moving > 0
    assert figures.rhat_ess_alt(findings, chains=4).startswith(f"{moving} series")


def test_chains_that_differ_are_seen_to_differ() -> None:
    level = tiny_fit()["posterior"].to_dataset()["outcome"].sel(trust=CODES[0])
    even = figures.rank_histogram_alt(level, "a")
    apart = figures.rank_histogram_alt(level + 100 * level["chain"], "a")
    assert even != apart
    assert "between 0 and 12 in each twentieth, where 3 is even" in apart


def test_a_fit_without_energy_or_replicates_is_not_drawn() -> None:
    fit = tiny_fit().drop_nodes(["sample_stats", "posterior_predictive"])
    assert figures.energy_drawing(fit) is None
    assert figures.predictive_drawing(fit) is None


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def style_colours(scheme: str) -> list[str]:
    """The four colours of segments in the style sheet, on light or on dark paper."""
    light, dark = style_sheet().split("prefers-color-scheme: dark")
    return [str(re.search(rf"--s{step}: (#\w{{6}})", light if scheme == "light" else dark)[1]) for step in (1, 3, 5, 6)]  # type: ignore[index]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neighbouring_segments_differ_in_lightness(scheme: str) -> None:
    colours = style_colours(scheme)
    assert scheme == "dark" or tuple(colours) == SEGMENT_COLOURS
    steps = [luminance(colour) + 0.05 for colour in colours]
    ratios = [max(pair) / min(pair) for pair in pairwise(steps)]
    assert min(ratios) >= 1.5
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_a_picture_of_a_table_has_a_short_title_and_says_whose_figures_it_shows(ax: Axes) -> None:
    for table in (tiny_table(), tiny_table(**UNRANKED)):
        figures.caterpillar(table, ax)
        assert 3 <= len(ax.get_title(loc="left").split()) <= 10
        drawn = figures.caterpillar_drawing(table)
        assert drawn.source.startswith(f"{table.facts.n} {table.facts.noun}s: {table.facts.set_description}.")
        assert table.facts.period in drawn.source
        assert drawn.source.endswith("Figures: " + str(table.facts.source.get("publisher", "not recorded")) + ".")
        assert drawn.source in unescape(figure_block(drawn, heading="h", anchor="a").text)
