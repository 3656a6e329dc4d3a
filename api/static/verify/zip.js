// The evidence bundle's ZIP, read in place: members stored as they are, one after the other, with nothing between.
//
// Two programs must not see two different ZIPs in one file. So the list at the end and what lies before each member
// have to agree, and every byte has to belong to something.
"use strict";

const MAX_ZIP_BYTES = 2 ** 30;
const MAX_MEMBERS = 20000;
const MAX_MEMBER_BYTES = 32 * 1024 * 1024;
const MAX_LIST_BYTES = 8 * 1024 * 1024;
const [LOCAL, CENTRAL, END, DESCRIPTOR] = [0x04034b50, 0x02014b50, 0x06054b50, 0x08074b50];

/** The members of a ZIP in their order, [{name, blob}]. Throws Refused `zip-malformed`. */
async function readZip(file) {
  if (file.size > MAX_ZIP_BYTES || file.size < 22) notZip(`22 to ${MAX_ZIP_BYTES} bytes`, file.size);
  const end = await viewOf(file, file.size - 22, 22);
  const [count, listBytes, listStart] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (end.getUint32(0, true) !== END || end.getUint16(20, true) !== 0) notZip("its end at the end", "something else");
  if (count > MAX_MEMBERS || listBytes > MAX_LIST_BYTES || listStart + listBytes + 22 !== file.size) {
    notZip(`at most ${MAX_MEMBERS} members`, count);
  }
  const listed = readList(await viewOf(file, listStart, listBytes), count);
  let at = 0;
  for (const member of listed) at = await locate(file, member, at);
  if (at !== listStart) notZip("members without gaps", `${listStart - at} bytes more`);
  return listed.map(({ name, start, size }) => ({ name, blob: file.slice(start, start + size) }));
}

function readList(view, count) {
  const members = [];
  const names = new Set();
  let at = 0;
  for (let left = count; left > 0; left--) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) notZip("a list of members", "another");
    const [method, size] = [view.getUint16(at + 10, true), view.getUint32(at + 24, true)];
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    if (at + 46 + nameBytes > view.byteLength) notZip("a list of members", "half a one");
    const name = fromUtf8(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes));
    if (method !== 0) throw new Refused("zip-compressed", { where: name ?? "a member" });
    if (name === null || names.has(name) || extra || comment) notZip("each name once, and no more", name);
    if (size > MAX_MEMBER_BYTES || size !== view.getUint32(at + 20, true)) notZip(`${MAX_MEMBER_BYTES} bytes`, size);
    names.add(name);
    members.push({ name, size, nameBytes, offset: view.getUint32(at + 42, true) });
    at += 46 + nameBytes;
  }
  if (at !== view.byteLength) notZip("a list of members", "more than that");
  return members;
}

/** Set `member.start`, and say where the next member has to begin. */
async function locate(file, member, at) {
  if (member.offset !== at) notZip("members one after the other", member.name);
  const head = await viewOf(file, at, 30 + member.nameBytes);
  const name = fromUtf8(new Uint8Array(head.buffer, 30));
  const isAlike = head.getUint32(0, true) === LOCAL && head.getUint16(26, true) === member.nameBytes;
  if (!isAlike || name !== member.name || head.getUint16(8, true) !== 0 || head.getUint16(28, true) !== 0) {
    notZip("the listed member", name);
  }
  member.start = at + 30 + member.nameBytes;
  const end = member.start + member.size;
  // Bit 3: whoever wrote it learnt the size only afterwards, and put it behind.
  if (!(head.getUint16(6, true) & 8)) {
    return head.getUint32(18, true) === member.size ? end : notZip("one size", member.name);
  }
  const behind = await viewOf(file, end, 16);
  const isRight = behind.getUint32(0, true) === DESCRIPTOR && behind.getUint32(8, true) === member.size;
  return isRight ? end + 16 : notZip("one size", member.name);
}

async function viewOf(file, start, size) {
  const bytes = await file.slice(start, start + size).arrayBuffer();
  if (bytes.byteLength !== size) notZip("more bytes", "the end");
  return new DataView(bytes);
}

function notZip(expected, got) {
  throw new Refused("zip-malformed", { where: "the ZIP", expected, got: String(got).slice(0, 80) });
}
