// Help comes when a letter should have come; and a time of day becomes a clock that runs.
const help = document.querySelector("[data-help-after]");
if (help) {
  const left = Number(help.dataset.helpAfter) * 1000 - performance.now();
  if (!sessionStorage.getItem("waited") && left > 0) {
    help.hidden = true;
    setTimeout(() => {
      help.hidden = false;
      sessionStorage.setItem("waited", "true");
    }, left);
  }
}

const clock = document.querySelector("time[data-clock]");
if (clock) {
  const until = Date.parse(clock.dateTime);
  const vi = document.documentElement.lang === "vi";
  const shown = document.createElement("span");
  shown.className = "soft small";
  clock.after(document.createElement("br"), shown);
  const tell = () => {
    const minutes = Math.max(0, Math.floor((until - Date.now()) / 60_000));
    const hours = Math.floor(minutes / 60);
    shown.textContent = vi
      ? `còn ${hours} giờ ${minutes % 60} phút`
      : `${hours} hours ${minutes % 60} minutes left`;
  };
  tell();
  setInterval(tell, 30_000);
}
