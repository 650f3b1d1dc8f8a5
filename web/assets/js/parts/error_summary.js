// A page that comes back with errors begins at their summary, whose links lead into their fields.
const summary = document.querySelector(".notice[data-error-summary]");
summary?.focus();
summary?.addEventListener("click", (event) => {
  const field = document.querySelector(event.target.closest("a")?.hash || "#none");
  const first = field?.matches("fieldset") ? field.querySelector("input, select, textarea") : field;
  if (!first) return;
  event.preventDefault();
  first.focus();
});
