// From drafts to signed statements. The registry drafts; this script reads what it was given, refuses what is not what
// was asked for, puts the protected header together itself, and signs. No private key leaves the browser.
//
// A draft is {kind, issuer, subject, kid, algorithm_id, content_type, issued_at, nonce, follows, after, payload,
// protected}: hashes in hex, bytes in base64 (`api/v1/schemas.py`, DraftSchema).
"use strict";

const ALGORITHM_IDS = { EdDSA: -8, ES256: -7 };
// How far the registry's clock and this one may be apart before a person is asked to look.
const CLOCK_APART_MS = 24 * 3600 * 1000;

/** Sign drafts in order; returns [{draft, envelope, leaf}]. `party` is for whom the person has signed in. */
async function signDrafts(key, party, drafts) {
  const signed = [];
  for (const draft of drafts) signed.push(await signDraft(key, party, draft, signed));
  return signed;
}

async function signDraft(key, party, draft, earlier) {
  checkDraft(key, party, draft);
  const payload = fromBase64(draft.payload);
  const header = writeHeader(draft, draft.after.map((place) => earlier[place].leaf));
  // Read back by the reader of evidence: what others will read is what was meant.
  const read = readHeader(header);
  if (read.kind !== draft.kind || read.issuer !== party || toHex(read.kid) !== key.kid) wrongDraft("header");
  if (draft.protected !== null && !isSame(fromBase64(draft.protected), header)) wrongDraft("protected");
  const signature = await signWith(key, sigStructure(header, payload));
  const statement = { protected: header, payload, signature };
  return { draft, envelope: writeStatement(statement), leaf: await hashStatement(statement) };
}

/** A draft that is for another key, party or time than the person's own is never signed. */
function checkDraft(key, party, draft) {
  if (draft.kid !== key.kid || draft.algorithm_id !== ALGORITHM_IDS[key.algorithm]) wrongDraft("kid");
  if (draft.issuer !== party) wrongDraft("issuer");
  if (Math.abs(Date.parse(draft.issued_at) - Date.now()) > CLOCK_APART_MS) throw new Refused("clocks-differ");
}

function wrongDraft(where) {
  throw new Refused("draft-refused", { where });
}

/** The protected header of a statement (keys/envelope.py, rules 2 to 4), as deterministic CBOR. */
function writeHeader(draft, leaves) {
  const follows = [...draft.follows.map(fromHex), ...leaves].sort(compareBytes);
  const claims = new Map([
    [ISS, draft.issuer],
    [SUB, draft.subject],
    [IAT, BigInt(Date.parse(draft.issued_at) / 1000)],
  ]);
  return encodeCbor(
    new Map([
      [ALG, BigInt(draft.algorithm_id)],
      [CONTENT_TYPE, draft.content_type],
      [KID, fromHex(draft.kid)],
      [CWT_CLAIMS, claims],
      [TYP, `vnd.suzheng.${draft.kind}`],
      ["nonce", fromHex(draft.nonce)],
      ["follows", follows.filter((leaf, place) => place === 0 || !isSame(leaf, follows[place - 1]))],
    ]),
  );
}

function writeStatement({ protected: header, payload, signature }) {
  return concat(encodeHead(6, BigInt(COSE_SIGN1)), encodeCbor([header, new Map(), payload, signature]));
}

/** Hand in signed statements, in order; the result of each: {status, accepted, problem}. */
async function handIn(signed) {
  const body = concat(...signed.map(({ envelope }) => envelope));
  const { results } = await call("/api/v1/statements", { method: "POST", body, type: "application/cbor-seq" });
  return results;
}

/** Drafts for [{kind, payload}], the payload as JSON text, which is signed byte for byte. */
async function askDrafts(wanted) {
  const { drafts } = await call("/api/v1/drafts", { method: "POST", body: JSON.stringify({ drafts: wanted }) });
  const isAsAsked = drafts.every(
    (draft, place) => draft.kind === wanted[place].kind && fromUtf8(fromBase64(draft.payload)) === wanted[place].payload,
  );
  if (!isAsAsked || drafts.length !== wanted.length) wrongDraft("payload");
  return drafts;
}

// How often a chain may move on beneath a signer before he is told.
const MOST_TRIES = 4;

/** Sign and hand in what a person has agreed to. Where a chain has moved on meanwhile, what was not accepted is drafted
    anew with the very same payloads, and signed again: the facts are those that were agreed to.
    `refresh`, where given, makes the drafts anew instead while nothing stands yet, and returns null where the facts
    have changed: then nothing more is signed and the answer is null. */
async function signAndSend(key, party, drafts, refresh = null) {
  const results = new Array(drafts.length).fill(null);
  let [open, tries] = [drafts, 1];
  for (;;) {
    const signed = await signDrafts(key, party, open);
    const places = openPlaces(results);
    (await inSession(key, () => handIn(signed))).forEach((result, at) => (results[places[at]] = result));
    const isStale = results.some((result) => result.problem?.code === "head-stale");
    if (!isStale || tries === MOST_TRIES) return results;
    tries += 1;
    const left = openPlaces(results);
    if (refresh !== null && left.length === drafts.length) {
      open = await refresh();
      if (open === null) return null;
    } else {
      const wanted = left.map((place) => ({ kind: drafts[place].kind, payload: fromUtf8(fromBase64(drafts[place].payload)) }));
      try {
        open = await inSession(key, () => askDrafts(wanted));
      } catch (error) {
        // What stands already has to be told, whatever became of the rest.
        if (error instanceof Refused) return results;
        throw error;
      }
    }
  }
}

/** The places of what does not stand in the ledger. */
function openPlaces(results) {
  return results.flatMap((result, place) => (result?.accepted ? [] : [place]));
}
