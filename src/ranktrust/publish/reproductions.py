"""The blocks of the page on reproductions: the verdict first, then a row a published figure."""

from typing import Final

import pandas as pd

from ranktrust.evidence.reproductions import sources
from ranktrust.publish.html import Html, markup
from ranktrust.publish.sensitivity import section, section_table

_HEADS: Final = ("Published result", "Figure", "Published", "Ours", "Difference", "Tolerance", "Verdict")


def reproductions_opening(table: pd.DataFrame) -> Html:
    """How many published figures come out again, as the page's one heading."""
    failed, total = int((table["verdict"] != "reproduced").sum()), len(table)
    title = f"{failed} of {total} published figures are not reproduced" if failed else (
        f"All {total} published figures are reproduced"
    )  # fmt: skip
    said = (
        "Each figure was published by others, from data that are here, by programs that are not. What comes out again "
        "speaks for the code that these pages share with it; it says nothing of the models of the other pages."
    )
    opening = '<section class="opening"><p class="kicker">Reproductions</p><h1>{title}</h1><p>{said}</p></section>'
    return Html(str(markup(opening, title=title, said=said)))


def reproductions_table(table: pd.DataFrame) -> Html:
    """Every figure: published, ours, difference, tolerance, verdict."""
    titles = sources()
    rows = [
        [
            titles[row["study"]]["title"], row["what"], row["published"], row["ours"], _number(row["difference"]),
            _number(row["tolerance"]), _verdict(row["verdict"]),
        ]
        for _, row in table.iterrows()
    ]  # fmt: skip
    caption = "Published figures and ours. A tolerance of 0 asks for the same."
    return section("Figure by figure", "figures", [], section_table(caption, _HEADS, rows, "reproductions"))


def reproductions_sources() -> Html:
    """Whose figures they are, and under which terms they are quoted."""
    rows = [[item["title"], item["source"], item["licence"]] for item in sources().values()]
    table = section_table("Where each published result comes from.", ("Result", "Source", "Terms"), rows, "sources")
    return section("Sources", "sources", [], table)


def _number(value: float) -> str:
    return "0" if value == 0 else f"{value:.2g}"


def _verdict(verdict: str) -> Html:
    mark = "passed" if verdict == "reproduced" else "failed"
    return Html(str(markup('<span class="chip {mark}">{verdict}</span>', mark=mark, verdict=verdict)))
