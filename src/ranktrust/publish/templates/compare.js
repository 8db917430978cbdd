"use strict";
// Choose two trusts, or a trust and its region, and read every indicator. The page is complete without it.
(function () {
  const data = JSON.parse(document.getElementById("compare-data").textContent);
  const [REGION, chosen] = ["region", ["", ""]];

  function make(tag, attributes, children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    for (const child of children || []) element.append(child);
    return element;
  }

  const turned = { "<": ">", ">": "<", "=": "=" };
  // One pair on one indicator: text, error, dots and which side is better; null where one has no figure.
  function pairOn(indicator, one, other) {
    const [a, b] = [indicator.place[one], indicator.place[other]];
    if (a < 0 || b < 0) return null;
    const [low, high, first] = a < b ? [a, b, true] : [b, a, false];
    const at = low * indicator.n - (low * (low + 1)) / 2 + (high - low - 1);
    const [dots, side] = [indicator.dots[at], indicator.side[at]];
    return {
      text: indicator.texts[(first ? indicator.pair : indicator.back)[at]],
      error: indicator.errors[indicator.error[at]],
      dots: first ? dots : 10 - dots,
      side: first ? side : turned[side],
    };
  }

  function besideRegion(indicator, one) {
    const cell = indicator.region[one];
    if (!cell) return null;
    const dots = cell.dots.split("●").length - 1;
    return { text: cell.text, error: cell.error, dots, side: { better: ">", worse: "<", neither: "=" }[cell.side] };
  }

  function words(pair, name, against) {
    if (pair.side === "=") return "These data cannot tell them apart.";
    return pair.side === ">" ? `${name} is better than ${against}.` : `${against} is better than ${name}.`;
  }

  function row(indicator, pair, name, against) {
    const head = make("th", { scope: "row", role: "rowheader" }, [make("span", { class: "name" }, [indicator.title])]);
    if (!pair) return make("tr", { role: "row" }, [head, make("td", { role: "cell", colspan: "3" }, ["no figure"])]);
    const dots = make("span", { class: "dots", "aria-hidden": "true" }, ["●".repeat(pair.dots) + "○".repeat(10 - pair.dots)]);
    const cells = [
      ["P(better)", [make("b", {}, [pair.text]), make("small", {}, [` ± ${pair.error} points`])]],
      ["In 10", [dots]],
      ["In words", [words(pair, name, against)]],
    ];
    const made = cells.map(([label, parts]) => make("td", { role: "cell", "data-label": label }, parts));
    return make("tr", { role: "row" }, [head, ...made]);
  }

  function table(one, other) {
    const name = data.trusts[one][1];
    const against = other === REGION ? `the mean of ${data.trusts[one][3]}` : data.trusts[other][1];
    const heads = ["Indicator", `P(${name} is better)`, "In 10", "In words"];
    const rows = data.indicators.map((indicator) => {
      const pair = other === REGION ? besideRegion(indicator, one) : pairOn(indicator, one, other);
      return row(indicator, pair, name, against);
    });
    const head = make("tr", { role: "row" }, heads.map((text) => make("th", { scope: "col", role: "columnheader" }, [text])));
    return make("table", { class: "league pairs", role: "table" }, [
      make("caption", {}, [`${name} beside ${against}. The number after ± is the Monte Carlo error.`]),
      make("thead", { role: "rowgroup" }, [head]),
      make("tbody", { role: "rowgroup" }, rows),
    ]);
  }

  const result = make("div", { class: "result", role: "status" });

  function show() {
    result.replaceChildren();
    if (!chosen[0] || !chosen[1]) return;
    if (chosen[0] === chosen[1]) {
      result.append(make("p", {}, [`Choose two different ${data.noun}s.`]));
      return;
    }
    result.append(table(Number(chosen[0]), chosen[1] === REGION ? REGION : Number(chosen[1])));
  }

  function field(text, at, options) {
    const select = make("select", {}, options.map(([value, said]) => make("option", { value }, [said])));
    select.addEventListener("change", () => { chosen[at] = select.value; show(); });
    return make("label", { class: "field" }, [make("span", {}, [text]), select]);
  }

  const trusts = data.trusts.map((trust, at) => [String(at), `${trust[1]} (${trust[0]})`]).sort((a, b) => a[1].localeCompare(b[1]));
  const first = [["", `Choose a ${data.noun}`], ...trusts];
  const regions = data.indicators.some((indicator) => indicator.region.length) ? [[REGION, "its region"]] : [];
  const fields = make("div", { class: "fields" }, [field("Compare", 0, first), field("with", 1, [first[0], ...regions, ...trusts])]);
  const panel = make("fieldset", {}, [make("legend", {}, [`Two ${data.noun}s, or one and its region`]), fields, result]);
  document.getElementById("choose").after(make("div", { class: "explorer" }, [panel]));
})();
