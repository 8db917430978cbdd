"use strict";
// Search, filter, sort, compare and step over the table of a league page. The page is complete without it.
(function () {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const heading = document.getElementById("the-table");
  const table = heading.parentNode.querySelector("table");
  const body = table.querySelector("tbody");
  const original = Array.from(body.rows);
  const trusts = original.map((row, at) => describe(row, data.trusts[at]));
  const state = { text: "", region: "", type: "", sort: "table", step: 0 };

  function describe(row, facts) {
    return { row, code: facts[0], name: facts[1], region: facts[2], type: facts[3], keys: facts[4], page: facts[5] };
  }

  function make(tag, attributes, children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    for (const child of children || []) element.append(child);
    return element;
  }

  function field(words, control) {
    return make("label", { class: "field" }, [make("span", {}, [words]), control]);
  }

  function choice(values, onChange) {
    const select = make("select", {}, values.map(([value, words]) => make("option", { value }, [words])));
    select.addEventListener("change", () => onChange(select.value));
    return select;
  }

  function distinct(name) {
    const found = Array.from(new Set(trusts.map((trust) => trust[name]).filter(Boolean)));
    return found.sort((a, b) => a.localeCompare(b));
  }

  // Search, filter and sort

  function matches(trust) {
    const text = `${trust.name} ${trust.code}`.toLowerCase();
    return (
      state.text.split(/\s+/).every((part) => text.includes(part)) &&
      (!state.region || trust.region === state.region) &&
      (!state.type || trust.type === state.type)
    );
  }

  function ordered() {
    if (state.step) return orderOfDraw(state.step - 1);
    if (state.sort === "table") return trusts;
    const at = Number(state.sort.slice(1));
    const up = state.sort[0] === "+" ? 1 : -1;
    if (at < 0) return trusts.slice().sort((a, b) => up * a.name.localeCompare(b.name));
    return trusts.slice().sort((a, b) => up * (a.keys[at] - b.keys[at]));
  }

  const count = make("p", { class: "count", role: "status" });

  function show() {
    let shown = 0;
    const fragment = document.createDocumentFragment();
    for (const trust of ordered()) {
      trust.row.hidden = !matches(trust);
      shown += trust.row.hidden ? 0 : 1;
      fragment.append(trust.row);
    }
    body.append(fragment);
    const all = `${trusts.length} ${data.noun}s`;
    const still = shown < trusts.length ? " Ranks and probabilities still compare all of them." : "";
    count.textContent = `${shown} of ${all} shown.${still}`;
    if (!shown) count.textContent = `No ${data.noun} matches. Change the search, or show all.`;
  }

  function finder() {
    const search = make("input", { type: "search", autocomplete: "off", placeholder: "name or code" });
    search.addEventListener("input", () => { state.text = search.value.trim().toLowerCase(); show(); });
    const parts = [field(`Find a ${data.noun}`, search)];
    for (const [name, words] of [["region", "Region"], ["type", "Type"]]) {
      const found = distinct(name);
      if (found.length < 2) continue;
      const values = [["", `All ${found.length}`], ...found.map((value) => [value, value])];
      parts.push(field(words, choice(values, (value) => { state[name] = value; show(); })));
    }
    const sorts = [["table", "As published"], ["+-1", "Name"]];
    data.sorts.forEach((words, at) => sorts.push([`-${at}`, `${words}, largest first`], [`+${at}`, `${words}, smallest first`]));
    parts.push(field("Order of rows", choice(sorts, (value) => { state.sort = value; leaveDraw(); show(); })));
    return make("div", { class: "fields" }, [...parts, count]);
  }

  // Compare two trusts

  function pairOf(a, b) {
    const [low, high] = a < b ? [a, b] : [b, a];
    const n = trusts.length;
    const at = low * n - (low * (low + 1)) / 2 + (high - low - 1);
    const first = a < b;
    return {
      text: data.texts[(first ? data.pair : data.back)[at]],
      back: data.texts[(first ? data.back : data.pair)[at]],
      error: data.errors[data.error[at]],
      dots: first ? data.dots[at] : 10 - data.dots[at],
      side: first ? data.side[at] : { "<": ">", ">": "<", "=": "=" }[data.side[at]],
    };
  }

  function sentence(a, b, pair) {
    if (pair.side === "=") return "These data cannot tell them apart.";
    const [better, worse, text] = pair.side === ">" ? [a, b, pair.text] : [b, a, pair.back];
    return `${better.name} is better than ${worse.name} with a probability of ${text}.`;
  }

  function comparer() {
    const result = make("div", { class: "result", role: "status" });
    const chosen = [-1, -1];
    const names = trusts.map((trust, at) => [String(at), trust.name]).sort((a, b) => a[1].localeCompare(b[1]));
    const options = [["-1", `Choose a ${data.noun}`], ...names];

    function compare() {
      result.replaceChildren();
      const [one, other] = chosen;
      if (one < 0 || other < 0) return;
      if (one === other) {
        result.append(make("p", {}, [`Choose two different ${data.noun}s.`]));
        return;
      }
      const [a, b, pair] = [trusts[one], trusts[other], pairOf(one, other)];
      const dots = "●".repeat(pair.dots) + "○".repeat(10 - pair.dots);
      result.append(
        make("p", { class: "figure-line" }, [make("strong", {}, [pair.text]), ` that ${a.name} is the better of the two`]),
        make("p", { class: "dots", "aria-hidden": "true" }, [dots]),
        make("p", {}, [`${sentence(a, b, pair)} Monte Carlo error ${pair.error} points.`]),
        make("p", {}, [make("a", { href: a.page }, [a.name]), " · ", make("a", { href: b.page }, [b.name])]),
      );
    }

    const pick = (at) => choice(options, (value) => { chosen[at] = Number(value); compare(); });
    return [make("div", { class: "fields" }, [field("Compare", pick(0)), field("with", pick(1))]), result];
  }

  // Step through single draws

  const said = make("p", { class: "count", role: "status" });

  function orderOfDraw(draw) {
    const ranks = data.steps[draw];
    return trusts.map((trust, at) => [ranks[at], trust]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  }

  function moved(draw, before) {
    const steps = trusts.map((_, at) => Math.abs(data.steps[draw][at] - data.steps[before][at])).sort((a, b) => a - b);
    return steps[Math.floor(steps.length / 2)];
  }

  function mark() {
    for (const old of body.querySelectorAll(".step")) old.remove();
    if (!state.step) return;
    trusts.forEach((trust, at) => {
      const words = `in this draw: place ${data.steps[state.step - 1][at]}`;
      trust.row.querySelector(".ranks").append(make("span", { class: "step" }, [words]));
    });
  }

  function leaveDraw() {
    if (!state.step) return;
    state.step = 0;
    said.textContent = "";
    mark();
  }

  function stepTo(next) {
    const before = state.step;
    state.step = ((next - 1 + data.steps.length) % data.steps.length) + 1;
    mark();
    show();
    const far = before ? ` Half of all ${data.noun}s moved by ${moved(state.step - 1, before - 1)} places or more.` : "";
    said.textContent =
      `Draw ${state.step} of ${data.steps.length}: one order that these data allow, as good as any other and not the answer.${far}`;
  }

  function button(words, onClick) {
    const element = make("button", { type: "button" }, [words]);
    element.addEventListener("click", onClick);
    return element;
  }

  function stepper() {
    return make("div", { class: "fields" }, [
      button("Next draw", () => stepTo(state.step + 1)),
      button("Previous draw", () => stepTo(state.step - 1 || data.steps.length)),
      button("Back to the table", () => { leaveDraw(); show(); }),
      said,
    ]);
  }

  function group(words, parts) {
    return make("fieldset", {}, [make("legend", {}, [words]), ...parts]);
  }

  const panel = make("div", { class: "explorer" }, [group("Find", [finder()])]);
  if (data.pair) panel.append(group(`Two ${data.noun}s`, comparer()));
  if (data.steps) panel.append(group("How far the order moves", [stepper()]));
  heading.after(panel);
  show();
})();
