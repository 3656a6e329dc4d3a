// Choosing among many lots: filter by what is typed, take all that are seen, count what is taken. And, where a form
// has them, the live parts: a drum's metres that are left, a batch's total.
"use strict";

for (const box of document.querySelectorAll("[data-picker]")) {
  const picks = [...box.querySelectorAll("input[name=lot]")];
  const count = box.querySelector("[data-count]");
  const filter = box.querySelector("[data-filter]");
  const tell = () => {
    const taken = picks.filter((pick) => pick.checked);
    const metres = taken.reduce((sum, pick) => sum + Number(pick.dataset.left || 0), 0);
    count.textContent = say("chosen", { count: taken.length, metres: String(Math.round(metres * 1000) / 1000) });
  };
  for (const all of box.querySelectorAll("[data-all]")) {
    const group = all.closest("fieldset");
    all.hidden = false;
    all.addEventListener("click", () => {
      const seen = picks.filter((pick) => group.contains(pick) && !pick.closest("li").hidden);
      const isOn = seen.some((pick) => !pick.checked);
      for (const pick of seen) pick.checked = isOn;
      tell();
    });
  }
  filter?.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const pick of picks) {
      const line = pick.closest("li");
      line.hidden = !line.textContent.toLowerCase().includes(wanted);
    }
  });
  box.addEventListener("change", tell);
  tell();
}

/** Sums that a person sees grow while typing: `data-sum` is the form's live line. */
const live = document.querySelector("[data-live]");
if (live !== null) {
  const holder = live.closest("form");
  const number = (name) => Number(holder.elements[name]?.value || 0);
  const lengths = () => [...holder.querySelectorAll("[data-length]")].reduce((sum, field) => sum + Number(field.value || 0), 0);
  const linesTotal = () => {
    const lines = holder.elements.lines.value.split("\n").filter((line) => line.trim() !== "");
    return [lines.length, lines.reduce((sum, line) => sum + Number(/([\d.]+)\s*$/.exec(line)?.[1] ?? 0), 0)];
  };
  const drum = () => holder.querySelector("input[name=lot]:checked");
  const tellClaims = () => (drum()?.dataset.claims ? say("live_claims", drum().dataset) : "");
  const tellLeft = (taken) => {
    // Before a drum is chosen nothing is left of it, and of some nobody knows how much is.
    if (drum() === null) return "";
    const { left } = drum().dataset;
    const rest = left ? say("live_left", { taken, left: Math.round((Number(left) - taken) * 1000) / 1000 }) : "";
    return [rest, tellClaims()].filter(Boolean).join(" · ");
  };
  const TELL = {
    register: () => {
      const [count, metres] = holder.elements.lines.value.trim() ? linesTotal() : [number("count"), number("count") * number("metres")];
      return say("live_register", { count, metres });
    },
    split: () => tellLeft(lengths()),
    install: () => tellLeft(Math.max(0, number("to_m") - number("from_m"))),
    remove: tellClaims,
    sample: () => tellLeft(number("length_m")),
    destroy: () => tellLeft(number("metres") || Math.max(0, number("to_m") - number("from_m"))),
  };
  const update = () => (live.textContent = TELL[live.dataset.live]());
  holder.addEventListener("input", (event) => {
    // A piece with a length and no number gets the drum's own, with a count; it can be written over.
    const place = event.target.dataset.length;
    const piece = place === undefined ? null : holder.elements[`serial_${place}`];
    if (piece !== null && piece.value === "" && drum() !== null) piece.value = `${drum().value.split("/").at(-1)}-${place}`.slice(0, 20);
    update();
  });
  update();
}
