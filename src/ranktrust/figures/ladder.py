"""Grades as steps, best at the top, with the trusts that stand on each."""

import textwrap
from functools import partial

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ranktrust.figures.frame import percent, put_title
from ranktrust.figures.svg import INK, SOFT, UPPER_COLOUR, ZONE, Drawing, drawing
from ranktrust.ranks import Grades
from ranktrust.words import count_text, probability_text

_LETTERS_AN_INCH = 11.5
_LINE = 0.19
_APART = 0.08
_BETWEEN = 0.3


def members(grades: Grades) -> dict[int, list[str]]:
    """The trusts of each grade, best first, by place within it."""
    places = grades.table[["grade", "place"]].to_dataframe().sort_values("place")
    names, steps = places.index.astype(str), places["grade"].to_numpy()
    return {grade: list(names[steps == grade]) for grade in range(1, grades.grades + 1)}


def grade_ladder(grades: Grades, ax: Axes, *, discordance: bool = True, title: bool = True) -> None:
    """Draw each grade as a step with its members; with `discordance`, the share of pairs expected the wrong way round.

    Between two steps stands the expected share of their pairs whose true order is the other one. Prefer it to a list
    of ranks where a decision needs classes. A reader may not conclude that members of a grade cannot be told apart,
    nor that every member of a better grade is surely above every one of the next; order within a step, by name, says
    nothing.
    """
    width = _width(ax)
    steps = _wrapped(grades, width)
    top = 0.0
    for grade, lines in steps.items():
        left = _indent(grades, width) * (grade - 1)
        height = _step(lines)
        ax.add_patch(Rectangle((left, top), width - left, height, facecolor=ZONE, edgecolor="none"))
        ax.plot([left, left], [top, top + height], color=UPPER_COLOUR, linewidth=4, solid_capstyle="butt")
        head = f"grade {grade}: {count_text(len(members(grades)[grade]), grades.trust_dim)}"
        ax.text(left + 0.1, top + 0.06, head, va="top", fontsize=10.5, fontweight="bold", color=INK)
        ax.text(left + 0.1, top + 0.08 + _LINE, "\n".join(lines), va="top", fontsize=9.5, color=INK, linespacing=1.35)
        top += height + _APART
        if discordance and grade < grades.grades:
            words = f"{between_text(grades, grade)} of pairs expected the other way round"
            ax.text(
                left + _indent(grades, width) + 0.1,
                top + 0.1,
                words,
                va="center",
                fontsize=9,
                color=SOFT,
                style="italic",
            )
            top += _BETWEEN - _APART
    _dress(grades, ax, (width, top), discordance=discordance)
    if title:
        put_title(ax, grade_ladder_title(grades))


def _indent(grades: Grades, width: float) -> float:
    """How far each step stands in from the one above it."""
    return min(0.16, 0.2 * width / grades.grades)


def _step(lines: list[str]) -> float:
    """Height of a step with its heading and these lines."""
    return _LINE * (len(lines) + 1) + 0.18


def _width(ax: Axes) -> float:
    return float(ax.get_figure(root=True).get_figwidth()) - 0.3  # type: ignore[union-attr]


def _wrapped(grades: Grades, width: float) -> dict[int, list[str]]:
    """The names of each step in lines that fit its width, by name: a step states no order within."""
    return {
        grade: textwrap.wrap(
            ", ".join(sorted(names)), max(12, int(_LETTERS_AN_INCH * (width - _indent(grades, width) * grade - 0.2)))
        )
        for grade, names in members(grades).items()
    }


def between_text(grades: Grades, grade: int) -> str:
    """The expected discordance between a grade and the next one, as words."""
    pair = {"of_grade": grade, "other_grade": grade + 1}
    share, error = (float(grades.table[name].sel(pair)) for name in ("discordance_between", "discordance_between_mcse"))
    return _share_text(share, error)


def _share_text(share: float, error: float) -> str:
    """A share in per cent; one never seen is bounded by three of its errors."""
    return probability_text(share, error, 1 / error if error > 0 else 0.0)


def _whole(grades: Grades, name: str) -> str:
    return _share_text(float(grades.table[name]), float(grades.table[f"{name}_mcse"]))


def _dress(grades: Grades, ax: Axes, size: tuple[float, float], *, discordance: bool) -> None:
    ax.set_xlim(-0.05, size[0])
    ax.set_ylim(size[1], -0.05)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    if discordance:
        ax.set_xlabel(
            textwrap.fill(_whole_words(grades), int(1.0 * _LETTERS_AN_INCH * size[0])), loc="left", fontsize=10
        )


def _whole_words(grades: Grades) -> str:
    if grades.grades == 1:
        return "One grade: no pair is split, so none can be the wrong way round."
    return (
        f"Of the {percent(float(grades.table['separated']))} of pairs that are split, "
        f"{_whole(grades, 'discordance_separated')} are expected the other way round "
        f"({_whole(grades, 'discordance')} of all pairs)."
    )


def grade_ladder_title(grades: Grades) -> str:
    """How many grades, and the discordance among the pairs split."""
    if grades.grades == 1:
        return "One grade: these figures support no division"
    return f"{grades.grades} grades; {_whole(grades, 'discordance_separated')} of split pairs expected misordered"


def grade_ladder_alt(grades: Grades) -> str:
    """What the picture shows, in words with its numbers."""
    noun = grades.trust_dim
    found = members(grades)
    sizes = "; ".join(f"grade {grade}: {count_text(len(names), noun)}" for grade, names in found.items())
    betweens = ", ".join(f"{between_text(grades, grade)}" for grade in range(1, grades.grades))
    words = f"{sum(map(len, found.values()))} {noun}s in {count_text(grades.grades, 'grade')}, best first. {sizes}. "
    tail = f" From grade to next grade that share of their pairs is {betweens}." if betweens else ""
    return f"{words}{_whole_words(grades)}{tail}"


def ladder_height(grades: Grades, width: float, *, discordance: bool = True) -> float:
    """Inches that a ladder of this width needs."""
    heights = [_step(lines) for lines in _wrapped(grades, width - 0.3).values()]
    gaps = (_BETWEEN if discordance else _APART) * (len(heights) - 1)
    return sum(heights) + gaps + 0.95


def grade_ladder_drawing(grades: Grades) -> Drawing:
    """The ladder for wide and narrow pages."""
    fill = partial(grade_ladder, grades)
    sizes = ((12.5, ladder_height(grades, 12.5)), (4.2, ladder_height(grades, 4.2)))
    return drawing(f"grades-{grades.trust_dim}", grade_ladder_alt(grades), wide=fill, narrow=fill, sizes=sizes)
