// Test vectors of the log's proofs, for whoever writes a verifier of their own. Made with our code and
// checked with docs/reference/check-proof.mjs, which shares nothing with it.

/** The leaves of the test vectors that came with Certificate Transparency, so that roots can be compared. */
const leaves = [
  ...['', '00', '10', '2021', '3031', '40414243', '5051525354555657'],
  '606162636465666768696a6b6c6d6e6f',
];

const day = Date.UTC(2026, 2, 1);
const absent = { previous: null, eventAt: null, noticedAt: null, readAt: null, receivedAt: null };
const plain = { gone: false, snapshot: false, imputed: false, unreadable: false, unnamed: false };

/** Entries of a small journal: prices, an order with a sealed part, and a delivery of a price. */
function journal(audit) {
  const entries = [];
  const add = (kind, texts, body, more = {}) => {
    const [source, stream, key, version] = texts;
    const offset = entries.length;
    const text = JSON.stringify(body);
    const header = audit.encodeHeader({
      ...{ ...absent, ...plain, kind, offset, source, stream, key, version: version ?? null },
      ...{ knownAt: day + offset * 1000, readSeq: offset, subject: null },
      id: audit.plainHash(`${source}/${stream}/${key}\0${version ?? offset}`),
      hash: audit.plainHash(text),
      ...(more.header ?? {}),
    });
    entries.push({ offset, header, body: Buffer.from(text), sealed: more.sealed ?? null });
    return offset;
  };
  for (let count = 0; count < 9; count += 1) {
    add('record', ['erp', 'price', `sku-${count}`, '1'], { sku: `sku-${count}`, amount: '10.00' });
  }
  const sealed = Buffer.from('of a sealed part only the hash is ever shown');
  const order = add(
    'record',
    ['shop', 'order', 'o-1', '1'],
    { id: 'o-1', total: '10.00' },
    { sealed, header: { subject: Buffer.alloc(16, 0x33) } },
  );
  const cause = add('record', ['erp', 'price', 'sku-3', '2'], { sku: 'sku-3', amount: '9.50' });
  const item = { group: 'sku-3', key: 'sku-3', number: 1 };
  const flow = { flow: 'prices', definition: '0123456789abcdef' };
  const begun = add('outcome', ['shop', 'prices', ''], {
    ...{ action: 'begun', ...flow },
    items: [{ ...item, cause, changes: [{ field: 'price', before: '10.00', after: '9.50' }] }],
  });
  const ended = add('outcome', ['shop', 'prices', ''], {
    ...{ action: 'ended', ...flow, write: 'live', seen: begun },
    items: [{ ...item, kind: 'written', cause, begun, lagMs: 2000 }],
  });
  add('heartbeat', ['erp', 'price', ''], { read: 'changes' });
  return { entries, order, delivery: [cause, begun, ended] };
}

export function proofVectors(audit) {
  const hex = (bytes) => Buffer.from(bytes).toString('hex');
  const base64 = (bytes) => Buffer.from(bytes).toString('base64');
  /** A log of these leaves: its root, and the hash of any complete subtree. */
  const treeOf = (hashes) => {
    const nodes = new Map();
    const frontier = new audit.Frontier();
    for (const [index, leaf] of hashes.entries()) {
      frontier.append(leaf, (height, root) => nodes.set(`${height}/${index >> height}`, root));
    }
    return { root: frontier.root(), nodeAt: (height, index) => nodes.get(`${height}/${index}`) };
  };
  const hashes = leaves.map((data) => audit.sha256(Buffer.from(`00${data}`, 'hex')));
  const { nodeAt } = treeOf(hashes);
  const sizes = Array.from({ length: hashes.length + 1 }, (_, size) => size);

  const signer = audit.signerOf(Uint8Array.from({ length: 32 }, (_, index) => index));
  const other = audit.signerOf(Uint8Array.from({ length: 32 }, (_, index) => index + 1));
  const { entries, order, delivery } = journal(audit);
  const log = treeOf(
    entries.map(({ header, body, sealed }) => audit.leafHash(header, body, sealed)),
  );
  const checkpoint = signer.sign({ size: entries.length, root: log.root });
  const entryOf = (offset) => {
    const { header, body, sealed } = entries[offset];
    return {
      offset,
      header: base64(header),
      body: base64(body),
      bodyHash: base64(audit.sha256(body)),
      sealedHash: base64(sealed === null ? audit.emptyHash : audit.sha256(sealed)),
      path: audit.proveInclusion(log.nodeAt, offset, entries.length).map(base64),
    };
  };
  const bundleOf = (id, offsets) => ({
    ...{ format: audit.bundleFormat, about: { id, fields: [] }, checkpoint: checkpoint.note },
    entries: offsets.map(entryOf),
  });
  const whole = bundleOf(`entry/${delivery.at(-1)}`, delivery);
  const single = bundleOf(`entry/${order}`, [order]);
  const [first, ...rest] = whole.entries;
  const altered = (name, bundle, publicKey = signer.publicKey) => ({
    ...{ name, publicKey, holds: false, bundle },
  });
  const flipped = (text) => {
    const bytes = Buffer.from(text, 'base64');
    bytes[bytes.length - 1] ^= 1;
    return base64(bytes);
  };
  const withFirst = (change) => ({ ...whole, entries: [{ ...first, ...change }, ...rest] });
  const good = (name, bundle) => ({
    ...{ name, publicKey: signer.publicKey, holds: true, bundle },
  });
  const cheaper = Buffer.from(JSON.stringify({ sku: 'sku-3', amount: '0.50' }));
  return {
    format: 'headrace-proof-vectors/1',
    about:
      'See docs/journal-format.md. Hashes are hex in the first parts, base64 in bundles, as they are there.',
    leaves,
    roots: sizes.map((size) => hex(rootAt(audit, nodeAt, size))),
    inclusion: sizes.flatMap((size) =>
      Array.from({ length: size }, (_, index) => ({
        ...{ size, index },
        path: audit.proveInclusion(nodeAt, index, size).map(hex),
      })),
    ),
    consistency: sizes.flatMap((to) =>
      sizes.slice(0, to + 1).map((from) => ({
        ...{ from, to },
        path: audit.proveConsistency(nodeAt, from, to).map(hex),
      })),
    ),
    bundles: [
      good('a delivery, what was about to be written, and the price that caused it', whole),
      good('an order whose sealed part is not shown', single),
      good('an entry whose body is no longer held', withFirst({ body: null })),
      altered('another price in the body', withFirst({ body: base64(cheaper) })),
      altered(
        'another price, and a hash that fits it',
        withFirst({ body: base64(cheaper), bodyHash: base64(audit.sha256(cheaper)) }),
      ),
      altered('a bit of the header', withFirst({ header: flipped(first.header) })),
      altered('the proof of another entry', withFirst({ path: rest[0].path })),
      altered('a proof without its last step', withFirst({ path: first.path.slice(0, -1) })),
      altered('under another number', withFirst({ offset: first.offset + 1 })),
      altered('another sealed part', {
        ...single,
        entries: single.entries.map((entry) => ({
          ...entry,
          sealedHash: base64(audit.emptyHash),
        })),
      }),
      altered('a checkpoint of another size', {
        ...whole,
        checkpoint: whole.checkpoint.replace(`\n${entries.length}\n`, `\n${entries.length + 1}\n`),
      }),
      altered('the key of another log', whole, other.publicKey),
    ],
  };
}

function rootAt(audit, nodeAt, size) {
  return size === 0 ? audit.emptyHash : audit.rootAt(nodeAt, size);
}
