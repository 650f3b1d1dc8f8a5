// Dates: a full day or month moves the cursor on, and a whole date pasted fills all three.
const WHOLE = /^\s*(\d{1,2})[./\-\s](\d{1,2})[./\-\s](\d{4})\s*$/;

document.addEventListener("paste", (event) => {
  const field = event.target.closest?.(".date-parts");
  const whole = field && WHOLE.exec(event.clipboardData.getData("text"));
  if (!whole) return;
  event.preventDefault();
  field.querySelectorAll("input").forEach((input, at) => {
    input.value = whole[at + 1];
  });
});

document.addEventListener("input", (event) => {
  const part = event.target.closest?.(".date-day, .date-month");
  if (part && /^\d\d$/.test(event.target.value) && event.inputType === "insertText") {
    part.nextElementSibling?.querySelector("input")?.focus();
  }
});
