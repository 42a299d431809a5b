/**
 * Pictures of a product: which, in which order, and which is the cover. The shop fetches each file
 * itself, from the address the other system gives. Ids follow from that address, so that a write whose
 * answer was lost is the same write when it comes again; a picture whose content changes has to get
 * another address. Pictures that others gave the product stay where they are.
 *
 *   media (record) ──▶ upload (its file) ──▶ product_media (shown) ──▶ cover
 *
 * A crash between two of these is seen by the next look: a record without a file is no picture.
 */
import {
  ensureError,
  type FlowGroup,
  type JsonObject,
  type MapContext,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { boolean, number, object, objects, text } from '../json.js';
import type { Question, ShopwareContext } from '../search.js';
import { idOf } from './ids.js';
import { anyOf, idIn, productsByNumber, searchEach } from './shop.js';
import { type ItemWrite, isRefusal, type Operation, sync } from './sync.js';

export const mediaFields = z.strictObject({
  pictures: z
    .array(z.string())
    .describe('Addresses the shop fetches them from, in order. Those of others stay.'),
  cover: z.string().nullable().exactOptional().describe('The one lists show.'),
});

type MediaFields = z.output<typeof mediaFields>;

export const media: Sink<ShopwareConfig> = {
  name: 'media',
  title: 'Pictures of a product',
  description: 'Pictures of products with their order and cover, fetched by the shop itself',
  entities: ['product'],
  delivery: 'idempotent',
  makes: 'state',
  fields: mediaFields,
  // Each picture is a call of its own.
  batchMax: 10,
  canUndo: true,
  groupsOf: ({ fields }) => [text(fields.productId)].filter((id) => id !== null),
  map: mapMediaWanted,
  read,
  write,
};

export function mapMediaWanted(
  group: FlowGroup,
  _context: MapContext<ShopwareConfig>,
): TargetRecord | null {
  const records = group.records('product').map(({ fields }) => fields);
  const key = text(records[0]?.productId);
  // Nothing is said of pictures; that is not the same as there being none.
  const told = records.filter(({ media }) => Array.isArray(media));
  if (key === null || told.length === 0) return null;
  const listed = told.flatMap((record) => objects(record.media)).filter(isPicture);
  const ordered = [...listed].sort((a, b) => (number(a.position) ?? 0) - (number(b.position) ?? 0));
  const pictures = [...new Set(ordered.flatMap(({ url }) => text(url) ?? []))];
  const [cover] = pictures;
  return { key, fields: { pictures, ...(cover === undefined ? {} : { cover }) } };
}

function isPicture({ kind, url }: JsonObject): boolean {
  return kind === 'image' && /^https?:/.test(text(url) ?? '');
}

/** What was a picture of ours and is no longer wanted has no address we know of. */
const known = /^media:([0-9a-f]{32})$/;

function mediaIdOf(picture: string): string {
  return known.exec(picture)?.[1] ?? idOf('media', picture);
}

const shownId = (product: string, mediaId: string) => idOf('product_media', product, mediaId);

const question: Question = {
  entity: 'product',
  associations: { media: { associations: { media: {} } } },
  includes: {
    product: ['id', 'productNumber', 'coverId', 'media'],
    product_media: ['id', 'mediaId', 'position', 'media'],
    media: ['id', 'hasFile'],
  },
};

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const found = await productsByNumber(
    context,
    question,
    records.map(({ key }) => key),
  );
  return records.flatMap(({ key, fields }): TargetState[] => {
    const row = found.get(key);
    if (row === undefined) return [];
    const wanted = fields as unknown as MediaFields;
    const asked = [...(wanted.pictures ?? []), wanted.cover ?? ''];
    const names = new Map(asked.map((picture) => [mediaIdOf(picture), picture]));
    const nameOf = (id: string) => names.get(id) ?? `media:${id}`;
    const shown = shownOf(row);
    const ours = shown.filter(({ id, mediaId }) => id === shownId(idIn(row), mediaId));
    const cover = shown.find(({ id }) => id === text(row.coverId));
    const state = {
      pictures: ours.filter(({ hasFile }) => hasFile).map(({ mediaId }) => nameOf(mediaId)),
      cover: cover === undefined ? null : nameOf(cover.mediaId),
    };
    return [{ key, id: idIn(row), fields: state, tag: null }];
  });
}

interface Shown {
  readonly id: string;
  readonly mediaId: string;
  readonly position: number;
  readonly hasFile: boolean;
}

/** Pictures of a product, in the order in which they are shown. */
function shownOf(row: JsonObject): readonly Shown[] {
  return objects(row.media)
    .map((one) => ({
      id: idIn(one),
      mediaId: text(one.mediaId) ?? '',
      position: number(one.position) ?? 0,
      hasFile: boolean(object(one.media)?.hasFile) === true,
    }))
    .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const found = await productsByNumber(
    context,
    question,
    items.map(({ key }) => key),
  );
  const results: SinkResult[] = [];
  const writes: ItemWrite[] = [];
  const files = await filesOf(context, items);
  for (const item of items) {
    const row = found.get(item.key);
    if (row === undefined) {
      const message = `The shop has no product ${item.key} yet.`;
      results.push({ key: item.key, kind: 'refused', error: 'transient', message });
      continue;
    }
    const message = await fetchPictures(context, item, files);
    if (message === null) writes.push(planOf(item, row));
    else results.push({ key: item.key, kind: 'refused', error: 'record', message });
  }
  return [...results, ...(await sync(context, writes, { isIndexedLater: true }))];
}

function picturesOf({ fields }: SinkItem): readonly string[] {
  const { pictures = [], cover } = fields as unknown as Partial<MediaFields>;
  return [...new Set([...pictures, ...(cover === undefined || cover === null ? [] : [cover])])];
}

/** Files the shop has, of those that are wanted: id → whether it is there. */
async function filesOf(context: ShopwareContext, items: readonly SinkItem[]) {
  const ids = [...new Set(items.flatMap(picturesOf).map(mediaIdOf))];
  if (ids.length === 0) return new Map<string, boolean>();
  const rows = await searchEach(
    context,
    { entity: 'media', includes: { media: ['id', 'hasFile'] } },
    [anyOf('id', ids)],
  );
  return new Map(rows.map((row) => [idIn(row), boolean(row.hasFile) === true]));
}

/** Has the shop fetch what it lacks; says why one of them cannot be had, or null. */
async function fetchPictures(
  context: ShopwareContext,
  item: SinkItem,
  files: Map<string, boolean>,
): Promise<string | null> {
  const missing = picturesOf(item).filter((picture) => files.get(mediaIdOf(picture)) !== true);
  const lost = missing.find((picture) => known.test(picture));
  if (lost !== undefined) return `The shop no longer has the file ${lost.replace('media:', '')}.`;
  const records = missing.map((picture) => ({ id: mediaIdOf(picture) }));
  const fresh = records.filter(({ id }) => !files.has(id));
  if (fresh.length > 0) {
    const operations: Operation[] = [{ action: 'upsert', entity: 'media', payload: fresh }];
    const [result] = await sync(context, [{ item, id: item.key, operations }]);
    if (result?.kind === 'refused') return result.message;
    for (const { id } of fresh) files.set(id, false);
  }
  for (const picture of missing) {
    const refused = await upload(context, picture);
    if (refused !== null) return `${picture} could not be fetched: ${refused}`;
    files.set(mediaIdOf(picture), true);
  }
  return null;
}

/** The shop may take its time over a large file. */
const uploadTimeoutMs = 60_000;

async function upload(context: ShopwareContext, picture: string): Promise<string | null> {
  const id = mediaIdOf(picture);
  const { name, extension } = fileNameOf(picture, id);
  const query = new URLSearchParams({ extension, fileName: name });
  try {
    await context.http.request({
      method: 'POST',
      path: `/api/_action/media/${id}/upload?${query}`,
      headers: { accept: 'application/json' },
      json: { url: picture },
      timeoutMs: uploadTimeoutMs,
    });
    return null;
  } catch (thrown) {
    const error = ensureError(thrown);
    if (!isRefusal(error.context.status)) throw error;
    return error.message;
  }
}

const nameMax = 60;

/** File names are unique in a shop, so each carries a part of its id. */
function fileNameOf(picture: string, id: string) {
  const [, name = '', end = ''] = /([^/]*?)(?:\.([A-Za-z0-9]{2,5}))?$/.exec(pathIn(picture)) ?? [];
  const plain = name.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return {
    name: [plain.slice(0, nameMax), id.slice(0, 8)].filter((part) => part !== '').join('-'),
    extension: end === '' ? 'jpg' : end.toLowerCase(),
  };
}

function pathIn(picture: string): string {
  const path = URL.canParse(picture) ? new URL(picture).pathname : picture;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function planOf(item: SinkItem, row: JsonObject): ItemWrite {
  const product = idIn(row);
  const { pictures, cover } = item.fields as unknown as Partial<MediaFields>;
  const shown = shownOf(row);
  const operations: Operation[] = [];
  const ids = (pictures ?? []).map(mediaIdOf);
  if (pictures !== undefined) {
    const payload = ids.map((mediaId, position) => ({
      ...{ id: shownId(product, mediaId), productId: product, mediaId, position },
    }));
    if (payload.length > 0) operations.push({ action: 'upsert', entity: 'product_media', payload });
    const gone = shown
      .filter(({ id, mediaId }) => id === shownId(product, mediaId) && !ids.includes(mediaId))
      .map(({ id }) => ({ id }));
    if (gone.length > 0) {
      operations.push({ action: 'delete', entity: 'product_media', payload: gone });
    }
  }
  if (cover !== undefined) {
    const mediaId = cover === null ? null : mediaIdOf(cover);
    // The shop may show it already under an id of its own.
    const own = mediaId === null ? null : shownId(product, mediaId);
    const there = ids.includes(mediaId ?? '')
      ? own
      : (shown.find((one) => one.mediaId === mediaId)?.id ?? own);
    operations.push({
      ...{ action: 'upsert', entity: 'product' },
      payload: [{ id: product, coverId: there }],
    });
  }
  return { item, id: product, operations };
}
