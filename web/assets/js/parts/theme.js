// Light or dark at once; the links of the switch do the same by a request where no script runs.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-theme-choice]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const theme = link.dataset.themeChoice;
  fetch(`/?theme=${theme}`).catch(() => {}); // the server remembers it; nothing is read of it
  document.documentElement.dataset.theme = theme;
  for (const each of document.querySelectorAll("a[data-theme-choice]")) {
    each.setAttribute("aria-current", String(each === link));
  }
});
