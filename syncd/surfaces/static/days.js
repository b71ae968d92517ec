// The slider of days: shows the day that it is moved to, and goes there when it is let go. Without this script
// the field beside it takes a day.
"use strict";

const DAY_MILLISECONDS = 86_400_000;

function dayOf(slider) {
  const first = Date.parse(`${slider.dataset.first}T00:00:00Z`);
  return new Date(first + Number(slider.value) * DAY_MILLISECONDS);
}

function isSlider(element) {
  return element.matches(".asof input[type=range]");
}

addEventListener("input", (event) => {
  if (!isSlider(event.target)) return;
  const slider = event.target;
  const isLast = slider.value === slider.max;
  const words = dayOf(slider).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  slider.form.querySelector("output").textContent = isLast ? "now" : words;
  slider.setAttribute("aria-valuetext", isLast ? "now" : words);
  slider.form.elements.at.value = isLast ? "" : dayOf(slider).toISOString().slice(0, 10);
});

addEventListener("change", (event) => {
  if (isSlider(event.target)) event.target.form.requestSubmit();
});

addEventListener("submit", (event) => {
  const field = event.target.matches(".asof") ? event.target.elements.at : null;
  if (field) field.disabled = field.value === ""; // the last day is now, and needs no word in the address
});
