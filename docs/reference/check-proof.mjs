// Checks proof bundles of Headrace with nothing of Headrace: only what node:crypto gives and what
// docs/journal-format.md says. Read it, change it, or write your own from it.
//
//   node check-proof.mjs BUNDLE.json 'headrace/…+…+…'      a bundle, under the public key of its log
//   node check-proof.mjs --vectors proof-vectors.json      the test vectors
//
// Exit code 0 when everything holds, 2 when something does not, 1 when it could not be read.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const leafOf = (data) => sha256(Buffer.from([0]), data);
const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right);

/** The largest power of two below `size`. */
const splitOf = (size) => 2 ** Math.floor(Math.log2(size - 1));

/** RFC 6962 §2.1: the root over all leaves, for whoever has them all. */
export function rootOf(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const split = splitOf(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** RFC 6962 §2.1.1: the root that a leaf and the siblings on its way up give; null when too few or many. */
export function rootFromPath(leaf, index, size, path) {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return null;
  if (size === 1) return path.length === 0 ? leaf : null;
  const sibling = path.at(-1);
  if (sibling === undefined) return null;
  const split = splitOf(size);
  const isLeft = index < split;
  const below = path.slice(0, -1);
  const own = isLeft
    ? rootFromPath(leaf, index, split, below)
    : rootFromPath(leaf, index - split, size - split, below);
  if (own === null) return null;
  return isLeft ? nodeOf(own, sibling) : nodeOf(sibling, own);
}

/** RFC 6962 §2.1.2: whether a log of `to` leaves begins with the log it was at `from` leaves. */
export function isConsistent(from, fromRoot, to, toRoot, path) {
  if (from === 0 || from === to)
    return path.length === 0 && (from === 0 || fromRoot.equals(toRoot));
  if (from > to) return false;
  const rest = [...path];
  const roots = (first, size, isKnown) => {
    if (first === size) {
      const root = isKnown ? fromRoot : rest.shift();
      return root === undefined ? null : [root, root];
    }
    const split = splitOf(size);
    const isLeft = first <= split;
    const inner = isLeft ? roots(first, split, isKnown) : roots(first - split, size - split, false);
    const sibling = rest.shift();
    if (inner === null || sibling === undefined) return null;
    const [before, after] = inner;
    return isLeft
      ? [before, nodeOf(after, sibling)]
      : [nodeOf(sibling, before), nodeOf(sibling, after)];
  };
  const found = roots(from, to, true);
  return (
    found !== null && rest.length === 0 && found[0].equals(fromRoot) && found[1].equals(toRoot)
  );
}

/** C2SP signed-note and tlog-checkpoint: size and root of a checkpoint that this key has signed. */
export function openCheckpoint(note, publicKey) {
  const [, name, id, key] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(publicKey.trim()) ?? [];
  const typed = Buffer.from(key ?? '', 'base64');
  const ed25519 = 1;
  if (typed.length !== 33 || typed[0] !== ed25519)
    throw new Error('this is no public key of a log');
  if (sha256(`${name}\n`, typed).toString('hex').slice(0, 8) !== id) {
    throw new Error('the public key was altered');
  }
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), typed.subarray(1)]);
  const ours = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const end = note.indexOf('\n\n');
  const text = note.slice(0, end + 1);
  const isSigned = note
    .slice(end + 2)
    .split('\n')
    .some((line) => {
      const [, signer, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded ?? '', 'base64');
      if (signer !== name || bytes.subarray(0, 4).toString('hex') !== id) return false;
      return verify(null, Buffer.from(text), ours, bytes.subarray(4));
    });
  const [origin, size, root] = text.split('\n');
  if (end < 0 || origin !== name || !isSigned) {
    throw new Error('the checkpoint is not signed by this key');
  }
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

/** What of a header people want to see; the layout is in docs/journal-format.md. */
function readHeader(header) {
  if (header[0] !== 1) throw new Error(`layout ${header[0]} is not known`);
  const sizes = [header.readUInt16BE(116), header.readUInt16BE(118)];
  sizes.push(header.readUInt32BE(120), header.readUInt32BE(124));
  let at = 128;
  const texts = sizes.map((size) => {
    at += size;
    return header.toString('utf8', at - size, at);
  });
  const knownAt = new Date(Number(header.readBigInt64BE(20))).toISOString();
  return { offset: Number(header.readBigInt64BE(4)), texts, knownAt };
}

/** Null when the bundle holds, else what does not. */
export function faultOf(bundle, publicKey, say = () => undefined) {
  if (bundle.format !== 'headrace-proof/1') return 'the format is not known';
  let checkpoint;
  try {
    checkpoint = openCheckpoint(bundle.checkpoint, publicKey);
  } catch (error) {
    return `checkpoint: ${error.message}`;
  }
  for (const entry of bundle.entries) {
    const at = `entry ${entry.offset}`;
    const bytes = (text) => Buffer.from(text, 'base64');
    const header = bytes(entry.header);
    const bodyHash = bytes(entry.bodyHash);
    if (entry.body !== null && !sha256(bytes(entry.body)).equals(bodyHash)) {
      return `${at}: the body is another`;
    }
    const { offset, texts, knownAt } = readHeader(header);
    if (offset !== entry.offset) return `${at}: the header is of entry ${offset}`;
    const leaf = leafOf(Buffer.concat([header, bodyHash, bytes(entry.sealedHash)]));
    const root = rootFromPath(leaf, offset, checkpoint.size, entry.path.map(bytes));
    if (root === null || !root.equals(checkpoint.root)) return `${at}: it is not in this log`;
    const [source, stream, key, version] = texts;
    say(
      `${at}: ${[source, stream, key].join('/')}, version ${version || 'none'}, known ${knownAt}`,
    );
  }
  return null;
}

/** What of the vectors does not come out as they say. */
export function vectorFaults(vectors) {
  const hex = (text) => Buffer.from(text, 'hex');
  const leaves = vectors.leaves.map((data) => leafOf(hex(data)));
  const faults = [];
  const expect = (what, is) => {
    if (!is) faults.push(what);
  };
  for (const [size, root] of vectors.roots.entries()) {
    expect(`root of ${size}`, rootOf(leaves.slice(0, size)).equals(hex(root)));
  }
  for (const { index, size, path } of vectors.inclusion) {
    const root = rootFromPath(leaves[index], index, size, path.map(hex));
    expect(`leaf ${index} of ${size}`, root?.toString('hex') === vectors.roots[size]);
  }
  for (const { from, to, path } of vectors.consistency) {
    const [fromRoot, toRoot] = [hex(vectors.roots[from]), hex(vectors.roots[to])];
    expect(`${from} in ${to}`, isConsistent(from, fromRoot, to, toRoot, path.map(hex)));
  }
  for (const { name, publicKey, bundle, holds } of vectors.bundles) {
    expect(`bundle: ${name}`, (faultOf(bundle, publicKey) === null) === holds);
  }
  return faults;
}

function main([first, second]) {
  if (first === undefined || second === undefined) {
    process.stderr.write('check-proof.mjs BUNDLE.json KEY, or --vectors FILE\n');
    return 1;
  }
  if (first === '--vectors') {
    const vectors = JSON.parse(readFileSync(second, 'utf8'));
    const faults = vectorFaults(vectors);
    const { inclusion, consistency, bundles } = vectors;
    const count = inclusion.length + consistency.length + bundles.length;
    for (const fault of faults) process.stdout.write(`BAD  ${fault}\n`);
    process.stdout.write(`${count - faults.length} of ${count} hold\n`);
    return faults.length === 0 ? 0 : 2;
  }
  const fault = faultOf(JSON.parse(readFileSync(first, 'utf8')), second, (line) =>
    process.stdout.write(`${line}\n`),
  );
  process.stdout.write(fault === null ? 'It holds.\n' : `BAD  ${fault}\n`);
  return fault === null ? 0 : 2;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
