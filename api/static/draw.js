// The draw of this page once more, in the reader's browser: nothing of the server's computation goes into it but what was
// announced and the ledger's root. What it does is written in labs/drawing/draw.py, whose rules it follows by number.

const SPAN = 2n ** 64n;
const DIGITS = 9; // of a decimal after the point (trace/fields.py)

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function eightBytes(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

// "120.5" as a whole number of billionths.
function billionths(text) {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(DIGITS, "0"));
}

// 1. Of a root and a delivery in hexadecimal.
export async function seedOf(root, size, delivery) {
  const purpose = new TextEncoder().encode("suzheng.draw.v1\0");
  return sha256(join(purpose, eightBytes(size), bytesOf(root), bytesOf(delivery)));
}

// 4. [first metre, how many], as numbers.
export function metresOf(length, margin) {
  const unit = 10n ** BigInt(DIGITS);
  const whole = 100n * unit; // 100 % in billionths
  const metres = billionths(length);
  const share = billionths(margin);
  const scale = whole * unit;
  const first = (metres * share + scale - 1n) / scale;
  const end = (metres * (whole - share)) / scale;
  return [Number(first), Number(end > first ? end - first : 0n)];
}

// 2. Numbers below a bound, one after the other.
function numbersFrom(seed) {
  let block = 0;
  return async (count) => {
    const bound = BigInt(count);
    for (;;) {
      const hash = await sha256(join(seed, eightBytes(block++)));
      const number = new DataView(hash.buffer).getBigUint64(0);
      if (number < SPAN - (SPAN % bound)) return Number(number % bound);
    }
  };
}

// 3. `drums` are {lot, length}; the picks are {lot, metre}. Ids are ASCII, so their order is that of their bytes.
export async function pick(seed, drums, n, margin) {
  const left = [...drums].sort((one, other) => (one.lot < other.lot ? -1 : 1));
  const below = numbersFrom(seed);
  const picks = [];
  for (let place = 0; place < n; place++) {
    const other = place + (await below(left.length - place));
    [left[place], left[other]] = [left[other], left[place]];
    const [first, count] = metresOf(left[place].length, margin);
    picks.push({ lot: left[place].lot, metre: first + (await below(count)) });
  }
  return picks;
}

async function check(section) {
  const { root, size, delivery, n, margin } = section.dataset;
  const drums = Array.from(document.querySelectorAll("[data-drum]"), ({ dataset }) => ({
    lot: dataset.drum,
    length: dataset.length,
  }));
  const shown = Array.from(section.querySelectorAll("[data-pick]"), ({ dataset }) => `${dataset.pick} ${dataset.metre}`);
  const seed = await seedOf(root, size, delivery);
  const picks = await pick(seed, drums, Number(n), margin);
  const isSame =
    hexOf(seed) === section.dataset.seed &&
    JSON.stringify(picks.map(({ lot, metre }) => `${lot} ${metre}`)) === JSON.stringify(shown);
  const said = section.querySelector(isSame ? ".own-same" : ".own-other");
  said.hidden = false;
}

const section = globalThis.document?.getElementById("draw");
if (section?.dataset.root) check(section);
