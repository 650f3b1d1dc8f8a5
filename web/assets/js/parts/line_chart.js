// Draws the days of a table with uPlot, in place of the picture that the server drew.
// The numbers are the table's own, so both always say the same.
import uPlot from "uplot";

const DAY_S = 24 * 3600;
const LONGEST_DAYS = 365; // of the future, as the server's picture has it
const HEIGHT = 352;
const lang = document.documentElement.lang || "vi";
const whole = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
// as people say them, which is how the rest of the page says them
const sizes = [
  [1e9, { vi: "tỷ", en: "billion" }],
  [1e6, { vi: "triệu", en: "million" }],
  [1e3, { vi: "nghìn", en: "thousand" }],
];
const short = (number) => {
  const [size, words] = sizes.find(([least]) => number >= least) ?? [1, {}];
  return `${tenths.format(number / size)} ${words[lang] ?? ""}`.trim();
};
const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / 1000;
const written = (seconds) => {
  const [year, month, day] = new Date(seconds * 1000).toISOString().slice(0, 10).split("-");
  return `${day}/${month}/${year}`;
};

// what stands in the table: days, oldest first, and a list of numbers for each line
function read(table) {
  const heads = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.line);
  const rows = [...table.tBodies[0].rows].reverse();
  const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
  return {
    days: rows.map((row) => dayOf(row.dataset.day)),
    lines: heads.map((head) => ({
      name: head.dataset.line,
      words: head.textContent.trim(),
      values: rows.map((row) => number(row.cells[head.cellIndex])),
    })),
  };
}

// three lines from today on: the pace, and the slow and the fast one, between which the band lies
function foretell(figure, days) {
  const { from, waiting, pace, slow, fast } = figure.dataset;
  if (!from) return null;
  const start = dayOf(from);
  const ends = [pace, slow, fast].map(Number).map((each) => (each > 0 ? waiting / each : Infinity));
  const length = Math.min(LONGEST_DAYS, Math.ceil(Number.isFinite(ends[1]) ? ends[1] : ends[0] * 2));
  const future = Array.from({ length }, (_, at) => start + (at + 1) * DAY_S);
  const line = (each) => [
    ...days.map((day) => (day === start ? Number(waiting) : null)),
    ...future.map((day) => Math.max(0, waiting - each * ((day - start) / DAY_S))),
  ];
  return { future, lines: [pace, slow, fast].map(Number).map(line) };
}

function optionsOf(figure, told, future, width) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const looks = {
    waiting: { stroke: colour("wait"), width: 3 },
    right: { stroke: colour("right"), width: 2, dash: [10, 3] },
    repaired: { stroke: colour("ink-soft"), width: 2, dash: [2, 3] },
    issued: { stroke: colour("action"), width: 2 },
  };
  const value = (_, number) => (number == null ? "–" : whole.format(number));
  const axis = { stroke: colour("ink-soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "13px 'Be Vietnam Pro', sans-serif" };
  const foretold = future && [
    { label: figure.dataset.foretold, stroke: colour("wait"), width: 2, dash: [6, 5], value, points: { show: false } },
    ...[0, 1].map(() => ({ stroke: "transparent", points: { show: false } })),
  ];
  const first = 1 + told.lines.length;
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.05] } },
    axes: [
      { ...axis, space: width < 500 ? 110 : 90, values: (_, marks) => marks.map(written) },
      { ...axis, size: width < 500 ? 66 : 84, values: (_, marks) => marks.map((mark) => short(mark)) },
    ],
    series: [
      { label: figure.dataset.day, value: (_, seconds) => (seconds == null ? "–" : written(seconds)) },
      ...told.lines.map(({ name, words }) => ({ label: words, ...looks[name], value, points: { show: told.days.length < 40 } })),
      ...(foretold ?? []),
    ],
    bands: foretold ? [{ series: [first + 1, first + 2], fill: `${colour("wait")}29` }] : [],
    // where nothing is pointed at, the last day
    hooks: { ready: [(chart) => chart.setLegend({ idx: told.days.length - 1 })] },
  };
}

export function draw(figure) {
  const told = read(document.getElementById(figure.dataset.chart));
  const future = foretell(figure, told.days);
  const gaps = (future?.future ?? []).map(() => null);
  const data = [
    [...told.days, ...(future?.future ?? [])],
    ...told.lines.map(({ values }) => [...values, ...gaps]),
    ...(future?.lines ?? []),
  ];
  const place = document.createElement("div");
  place.setAttribute("aria-hidden", "true"); // the table says it to who hears the page
  figure.append(place);
  const make = () => new uPlot(optionsOf(figure, told, future, place.clientWidth), data, place);
  figure.querySelector(".drawn").setAttribute("hidden", "");
  figure.querySelector("[data-legend]").setAttribute("hidden", "");
  let chart = make();
  // the two edges of the band are no lines of their own
  const tidy = () => place.querySelectorAll(".u-legend .u-series").forEach((row, at) => {
    if (at > told.lines.length + 1) row.setAttribute("hidden", "");
  });
  tidy();
  const again = () => {
    chart.destroy();
    chart = make();
    tidy();
  };
  new ResizeObserver(() => {
    if (place.clientWidth !== chart.width) chart.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
