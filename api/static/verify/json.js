// JSON of statements (RFC 7493), as far as two readers could take it for different things: no name twice in an object,
// bounded depth, valid UTF-8. The registry's own reader, keys/payload.py, refuses more.
"use strict";

const JSON_DEPTH = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** The object that the bytes spell. Throws Refused `payload-malformed`. */
function readJson(bytes) {
  const text = fromUtf8(bytes);
  let value = null;
  try {
    value = text === null ? null : JSON.parse(text);
  } catch {
    value = null;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Refused("payload-malformed", { where: "the payload", expected: "a JSON object" });
  }
  checkNames(text);
  return value;
}

/** Walk the tokens of what is known to be JSON: JSON.parse alone would let the last of two members win. */
function checkNames(text) {
  const open = [];
  let string = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      if (open.push(token === "{" ? new Set() : null) > JSON_DEPTH) {
        throw new Refused("payload-malformed", { expected: `nesting of at most ${JSON_DEPTH}`, got: "deeper" });
      }
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === ":") {
      const names = open.at(-1);
      if (names.has(string)) throw new Refused("payload-malformed", { where: string, expected: "each name once" });
      names.add(string);
    } else if (token !== ",") {
      string = JSON.parse(token);
    }
  }
}
