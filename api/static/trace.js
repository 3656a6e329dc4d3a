// The way through a box of the picture, shown while the pointer or the keyboard is on it. The page works without: the
// same way can be asked for by address (`?path=`). No lot is told apart by this alone.
"use strict";

const picture = document.querySelector("svg.picture");
const ahead = new Map();
const behind = new Map();
const lines = picture ? [...picture.querySelectorAll("[data-from]")] : [];
for (const line of lines) {
  const { from, to } = line.dataset;
  ahead.set(from, [...(ahead.get(from) ?? []), to]);
  behind.set(to, [...(behind.get(to) ?? []), from]);
}

/** The boxes that can be reached from one. */
function reach(start, next) {
  const seen = new Set([start]);
  for (const box of seen) for (const other of next.get(box) ?? []) seen.add(other); // a Set may grow while it is walked
  return seen;
}

/** Mark all that leads to a box and from it; nothing where there is none. */
function mark(box) {
  const up = box === undefined ? new Set() : reach(box, behind);
  const down = box === undefined ? new Set() : reach(box, ahead);
  for (const line of lines) {
    const { from, to } = line.dataset;
    line.classList.toggle("is-near", (up.has(from) && up.has(to)) || (down.has(from) && down.has(to)));
  }
  picture.classList.toggle("has-near", box !== undefined);
}

if (picture) {
  const boxOf = (event) => event.target.closest("[data-box]")?.dataset.box;
  picture.addEventListener("pointerover", (event) => mark(boxOf(event)));
  picture.addEventListener("pointerleave", () => mark(undefined));
  picture.addEventListener("focusin", (event) => mark(boxOf(event)));
  picture.addEventListener("focusout", () => mark(undefined));
}
