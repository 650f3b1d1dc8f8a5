// Times and people as a reader of the page's language says them.
const language = document.documentElement.lang;
const english = language === "en";
const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]];

export const t = (vi, en) => (english ? en : vi);

export function ago(moment, now) {
  const passed = now.getTime() - moment.getTime();
  const [unit, size] = UNITS.find(([, size]) => passed >= size) ?? [null, 0];
  return unit ? relative.format(-Math.floor(passed / size), unit) : t("vừa xong", "just now");
}

// 05/04/2022 of 2022-04-05; of a year or a month alone, what there is
export function day(text) {
  const [, year, month, date] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(text ?? "") ?? [];
  return year ? [date, month, year].filter(Boolean).join("/") : "";
}

export const time = (moment) =>
  moment ? day(moment.toISOString()) : "";

// what nobody sees could turn the letters around; each such sign becomes a dot
const seen = (text) => String(text ?? "").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, "·").slice(0, 160);

// as the travel document's two lines have it, and as the person writes it
export function names(payload) {
  const name = payload?.nam ?? {};
  const plain = (part) => seen(part).replaceAll("<", " ").replace(/\s+/g, " ").trim();
  return {
    travel: [plain(name.fnt), plain(name.gnt)].filter(Boolean).join(", "),
    own: [seen(name.fn), seen(name.gn)].filter(Boolean).join(" "),
  };
}

export function about(kind, entry, productNames) {
  if (kind === "v") {
    const product = productNames[entry.mp] ?? seen(entry.mp);
    return `${t("Mũi", "Dose")} ${seen(entry.dn)}/${seen(entry.sd)} · ${product} · ${day(entry.dt)} · ${seen(entry.co)}`;
  }
  if (kind === "t") return `${t("Xét nghiệm", "Test")} · ${day(entry.sc)} · ${seen(entry.co)}`;
  if (kind === "r") return `${t("Khỏi bệnh", "Recovery")} · ${day(entry.df)}–${day(entry.du)} · ${seen(entry.co)}`;
  return "";
}
