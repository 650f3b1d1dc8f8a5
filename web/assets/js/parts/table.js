// Tables by keyboard: arrows move between rows, and a head sorts in Vietnamese order.
// A table whose rows come page by page sorts by links of the server instead.
const order = new Intl.Collator("vi", { numeric: true, sensitivity: "variant" });

const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell?.dataset.value ?? cell?.textContent.trim() ?? "";
};

function sortBy(head) {
  const table = head.closest("table");
  const column = [...head.parentElement.cells].indexOf(head);
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.cells) {
    if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  }
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  for (const use of table.querySelectorAll("thead use")) {
    const heads = use.closest("th").getAttribute("aria-sort");
    const icon = { ascending: "sort_up", descending: "sort_down" }[heads] ?? "sort";
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  }
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => order.compare(valueOf(a, column), valueOf(b, column)));
  body.append(...(down ? rows.reverse() : rows));
}

document.addEventListener("click", (event) => {
  const sort = event.target.closest("button.sort");
  if (sort) sortBy(sort.closest("th"));
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const row = event.target.closest?.("tr[tabindex]");
  if (!step || row !== event.target) return;
  event.preventDefault();
  row[step]?.focus();
});

document.addEventListener("change", (event) => {
  const box = event.target.closest("input[data-density]");
  if (!box) return;
  document.getElementById(box.dataset.density).classList.toggle("table--dense", box.checked);
});
