"use strict";
// Sortable tables and the plot of the front. Texts reach the page through textContent only.

const make = (name, attributes = {}, text = "") => {
  const space = ["svg", "g", "line", "circle", "text"].includes(name)
    ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
};

// --- tables: a click on a head sorts, a second one reverses -----------------------------------

const sortKey = (row, index) => {
  const cell = row.cells[index];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
};

const compare = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b
    : typeof a !== typeof b ? (typeof a === "number" ? -1 : 1)
      : a.localeCompare(b, "en", { numeric: true });

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, index) => head.querySelector("button")?.addEventListener("click", () => {
    const falling = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => (falling ? -1 : 1) * compare(sortKey(a, index), sortKey(b, index)));
    table.tBodies[0].append(...rows);
  }));
}

// --- the front --------------------------------------------------------------------------------

const WIDTH = 960, HEIGHT = 380, LEFT = 76, RIGHT = 24, TOP = 30, BOTTOM = 46;

// An axis: where a value lies between 0 and 1, and where the grid is. It is logarithmic where the
// largest value is more than WIDE times the smallest.
const WIDE = 8;

const axisOf = (values) => {
  const low = Math.min(...values), high = Math.max(...values);
  const wide = low > 0 && high / low > WIDE;
  const to = wide ? Math.log10 : (value) => value;
  const room = (to(high) - to(low)) * 0.06 || Math.abs(to(high)) * 0.05 || 1;
  const [start, end] = [to(low) - room, to(high) + room];
  const grid = wide ? decades(10 ** start, 10 ** end) : steps(start, end);
  return { wide, grid, at: (value) => (to(value) - start) / (end - start) };
};

const steps = (low, high) => {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const first = Math.ceil(low / step), last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
};

const decades = (low, high) => {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    found.push(...[1, 2, 5].map((m) => m * 10 ** power).filter((v) => v >= low && v <= high));
  }
  return found;
};

const label = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 4 });

const drawFront = (place, { axes, points }) => {
  const chosen = points.find((point) => point.chosen) ?? points[0];
  const control = make("div", { class: "axes" });
  const pick = {};
  for (const [side, start] of [["across", 0], ["upwards", 1]]) {
    const frame = make("label", {}, side);
    pick[side] = make("select", { "data-testid": `axis-${side}` });
    axes.forEach((axis, i) => pick[side].append(make("option", { value: i }, axis.name)));
    pick[side].value = String(start);
    frame.append(pick[side]);
    control.append(frame);
  }
  const picture = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group",
    "aria-label": "Plans of the Pareto front" });
  const tip = make("div", { class: "tip", hidden: "" });
  const details = make("div", { class: "picked-plan", "aria-live": "polite" });
  place.replaceChildren(control, picture, tip, details);

  const show = (point) => {
    const facts = axes.map((axis) => `${axis.name} ${point.texts[axis.key]}`).join(", ");
    details.replaceChildren(make("strong", {}, point.chosen ? "Chosen plan: " : "Plan: "),
      make("span", {}, `${point.plan} (${facts})`));
    for (const dot of picture.querySelectorAll("circle")) {
      dot.classList.toggle("picked", points[dot.dataset.index] === point);
    }
  };

  const draw = () => {
    const across = axes[pick.across.value], upwards = axes[pick.upwards.value];
    const [alongX, alongY] = [across, upwards].map((axis) => axisOf(points.map((p) => p.values[axis.key])));
    const x = (value) => LEFT + alongX.at(value) * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - alongY.at(value) * (HEIGHT - TOP - BOTTOM);
    const title = (axis, along) => `${axis.name} [${axis.unit}${along.wide ? ", logarithmic" : ""}]`;
    picture.replaceChildren();
    for (const value of alongX.grid) {
      picture.append(make("line", { class: "grid", x1: x(value), x2: x(value), y1: TOP, y2: HEIGHT - BOTTOM }),
        make("text", { x: x(value), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, label(value)));
    }
    for (const value of alongY.grid) {
      picture.append(make("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
        make("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, label(value)));
    }
    picture.append(
      make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, title(across, alongX)),
      make("text", { x: 8, y: 16 }, title(upwards, alongY)));
    points.forEach((point, index) => picture.append(dot(point, index, across, upwards, x, y)));
    show(chosen);
  };

  const dot = (point, index, across, upwards, x, y) => {
    const at = [x(point.values[across.key]), y(point.values[upwards.key])];
    const circle = make("circle", { cx: at[0], cy: at[1], r: point.chosen ? 9 : 6, tabindex: 0,
      role: "button", class: point.chosen ? "chosen" : "", "data-index": index,
      "aria-label": `${point.plan}, ${point.texts[across.key]}, ${point.texts[upwards.key]}` });
    const hover = () => {
      tip.textContent = `${point.texts[across.key]}, ${point.texts[upwards.key]}: ${point.plan}`;
      tip.hidden = false;
      const scale = picture.clientWidth / WIDTH, half = tip.offsetWidth / 2;
      const middle = Math.min(Math.max(at[0] * scale, half), picture.clientWidth - half);
      tip.style.left = `${middle}px`;
      tip.style.top = `${picture.offsetTop + (at[1] - 10) * scale}px`;
    };
    for (const [event, act] of [["mouseenter", hover], ["focus", hover], ["click", () => show(point)],
      ["mouseleave", () => { tip.hidden = true; }], ["blur", () => { tip.hidden = true; }],
      ["keydown", (pressed) => { if (pressed.key === "Enter" || pressed.key === " ") { pressed.preventDefault(); show(point); } }]]) {
      circle.addEventListener(event, act);
    }
    return circle;
  };

  control.addEventListener("change", draw);
  draw();
};

const front = JSON.parse(document.getElementById("front-data").textContent);
const place = document.querySelector(".plot");
if (place && front.points.length > 0) drawFront(place, front);
