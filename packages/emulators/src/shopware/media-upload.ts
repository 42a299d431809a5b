import type { IncomingMessage } from 'node:http';
import { errorEntry, fail, ShopwareError } from './errors.js';
import type { Shop } from './shop.js';

/** The upload that gives a file of the shop its bytes. */

const EXTENSIONS: Readonly<Record<string, string>> = {
  ...{ jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', gif: 'image/gif' },
  ...{ webp: 'image/webp', svg: 'image/svg+xml', avif: 'image/avif', pdf: 'application/pdf' },
  ...{ mp4: 'video/mp4', webm: 'video/webm', glb: 'model/gltf-binary' },
};

const FILE_MAX_BYTES = 32 << 20;
const FETCH_TIMEOUT_MS = 10_000;

/**
 * `POST /api/_action/media/{id}/upload`: the checks of the shop, in its order. The body is the file
 * itself, or as JSON the address the shop is to fetch it from.
 */
export const upload = async (
  shop: Shop,
  id: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<void> => {
  const { media } = shop.parts;
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  const extension = query.get('extension');
  if (extension === null) {
    throw refused(
      400,
      'MISSING_FILE_EXTENSION',
      'No file extension provided. Please use the "extension" query parameter to specify the extension of the uploaded file.',
    );
  }
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  const fileSize = isJson ? await fetched(urlIn(body)) : body.length;
  const fileName = (query.get('fileName') ?? id).trimEnd();
  const row = shop.tables.get('media')?.rowOf(id) ?? -1;
  const file = media.files[row];
  if (file === undefined) {
    throw refused(404, 'NOT_FOUND', `Could not find media with id "${id}"`);
  }
  if (fileName === '') throw refused(400, 'EMPTY_FILE_NAME', 'A valid filename must be provided.');
  const illegal = /[\\/?*%&:|"<>#$]/.exec(fileName)?.[0];
  if (illegal !== undefined) {
    throw refused(
      400,
      'ILLEGAL_FILE_NAME',
      `Provided filename "${fileName}" is not permitted: Filename must not contain "${illegal}"`,
    );
  }
  const isTaken = media.files.some(
    (other, at) =>
      at !== row && other.file?.fileName === fileName && other.file.fileExtension === extension,
  );
  if (isTaken) {
    throw refused(
      409,
      'DUPLICATED_FILE_NAME',
      `A file with the name "${fileName}.${extension}" already exists.`,
    );
  }
  const mimeType = EXTENSIONS[extension.toLowerCase()];
  if (mimeType === undefined) {
    throw refused(
      400,
      'FILE_TYPE_NOT_SUPPORTED',
      `The file extension "${extension}" for media object with id ${id} is not supported.`,
    );
  }
  const uploadedAtMs = shop.clock.now();
  file.file = { fileName, fileExtension: extension, mimeType, fileSize, uploadedAtMs };
  file.updatedAtMs = uploadedAtMs;
};

/** The shop fetches the file itself. Names nobody serves here stand for hosts of the retailer. */
const fetched = async (url: unknown): Promise<number> => {
  if (url === undefined) {
    throw refused(400, 'MISSING_URL_PARAMETER', 'Parameter url is missing.');
  }
  const address = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null;
  if (address === null || !['http:', 'https:'].includes(address.protocol)) {
    throw refused(400, 'INVALID_URL', `Provided URL "${String(url)}" is invalid.`);
  }
  const unreadable = () =>
    refused(
      400,
      'CANNOT_OPEN_SOURCE_STREAM_TO_READ',
      `Cannot open source stream to read from ${address.href}.`,
    );
  if (address.hostname.endsWith('.example.org')) return address.href.length * 997;
  let bytes: ArrayBuffer;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!answer.ok) throw unreadable();
    bytes = await answer.arrayBuffer();
  } catch {
    throw unreadable();
  }
  if (bytes.byteLength > FILE_MAX_BYTES) {
    throw refused(400, 'FILE_SIZE_LIMIT_EXCEEDED', 'Source file exceeds maximum file size limit.');
  }
  return bytes.byteLength;
};

const refused = (status: number, code: string, detail: string): ShopwareError =>
  new ShopwareError(status, [errorEntry(status, `CONTENT__MEDIA_${code}`, detail)]);

const urlIn = (body: Buffer): unknown => {
  try {
    return (JSON.parse(body.toString()) as { readonly url?: unknown }).url;
  } catch {
    return fail(400, '0', 'The JSON payload is malformed.');
  }
};
