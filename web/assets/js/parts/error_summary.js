// A page that comes back with errors begins at their summary.
document.querySelector(".notice[data-error-summary]")?.focus();
