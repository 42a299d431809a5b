import { methodOf, planRequest, type ServiceAnswer, type ServiceRequest } from './engine.js';
import { ODataError } from './errors.js';
import type { Service } from './model.js';
import { isWrite } from './write.js';

/**
 * `$batch`: a multipart of reads and change sets. The outer answer is 202 whatever happens
 * inside; a change set is applied as a whole or answered with the one error that stopped it.
 */

export interface BatchHandler {
  /** Answers one inner request; never throws. */
  readonly answer: (request: ServiceRequest) => ServiceAnswer;
  readonly toError: (error: unknown, request: ServiceRequest) => ServiceAnswer;
  readonly onWrite: (request: ServiceRequest) => void;
}

const PARTS_MAX = 1_000;

interface Part {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export const answerBatch = (
  service: Service,
  request: ServiceRequest,
  handler: BatchHandler,
): ServiceAnswer => {
  const boundary = boundaryOf(request.headers['content-type']);
  const parts = splitParts(request.body, boundary);
  const answers: Buffer[] = [];
  let count = parts.length;
  for (const part of parts) {
    const type = part.headers['content-type'] ?? '';
    if (/^multipart\/mixed/i.test(type)) {
      const inner = splitParts(part.body, boundaryOf(type));
      count += inner.length;
      if (count > PARTS_MAX) throw malformed(`A batch holds at most ${PARTS_MAX} requests`);
      answers.push(answerChangeSet(service, request, inner, handler));
    } else {
      const read = innerRequest(request, part);
      answers.push(
        isWrite(methodOf(read))
          ? httpPart(
              handler.toError(malformed('Changes must stand in a change set'), read),
              part.headers['content-id'],
            )
          : httpPart(handler.answer(read), part.headers['content-id']),
      );
    }
  }
  const outer = `batch_${idOf(request.body)}`;
  return {
    status: 202,
    headers: { 'Content-Type': `multipart/mixed; boundary=${outer}`, DataServiceVersion: '2.0' },
    body: joinParts(answers, outer),
  };
};

const answerChangeSet = (
  service: Service,
  outer: ServiceRequest,
  parts: readonly Part[],
  handler: BatchHandler,
): Buffer => {
  let current = outer;
  try {
    const plans = parts.map((part) => {
      const request = innerRequest(outer, part);
      current = request;
      if (!isWrite(methodOf(request))) throw malformed('A change set holds changes only');
      if (request.path.startsWith('$')) {
        throw new ODataError(
          501,
          '/IWBEP/CM_MGW_RT/139',
          'References to a Content-ID are not supported',
        );
      }
      handler.onWrite(request);
      return { ...planRequest(service, request), contentId: part.headers['content-id'] };
    });
    // From here on nothing can fail.
    const answers = plans.map(({ plan, finish, contentId }) =>
      httpPart(finish(plan.planned.apply()), contentId),
    );
    const boundary = `changeset_${idOf(outer.body)}`;
    const body = joinParts(answers, boundary);
    return Buffer.concat([
      Buffer.from(
        `Content-Type: multipart/mixed; boundary=${boundary}\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
  } catch (error) {
    return httpPart(handler.toError(error, current), undefined);
  }
};

const malformed = (message: string): ODataError =>
  new ODataError(400, '/IWFND/CM_MGW/071', message);

/** Any text that is not in the body will do as a boundary; this one repeats with the request. */
const idOf = (body: Buffer): string => {
  let hash = 0x811c9dc5;
  for (const byte of body) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${(hash >>> 0).toString(16).toUpperCase().padStart(8, '0')}${body.length.toString(16).toUpperCase().padStart(24, '0')}`;
};

const boundaryOf = (contentType: string | undefined): string => {
  const match = /boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType ?? '');
  const boundary = match?.[1] ?? match?.[2];
  if (!/^multipart\/mixed/i.test(contentType ?? '') || boundary === undefined)
    throw malformed('A batch needs the content type multipart/mixed with a boundary');
  return boundary;
};

const splitParts = (body: Buffer, boundary: string): readonly Part[] => {
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = findMark(body, mark, 0);
  for (;;) {
    if (at < 0) throw malformed('The batch ends without its closing boundary');
    const start = at + mark.length;
    if (body.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const end = findMark(body, mark, start);
    if (end < 0) throw malformed('The batch ends without its closing boundary');
    if (parts.length >= PARTS_MAX) throw malformed(`A batch holds at most ${PARTS_MAX} requests`);
    parts.push(parsePart(body.subarray(lineEnd(body, start), end)));
    at = end;
  }
};

/** A boundary stands at the beginning of a line and is not the beginning of a longer one. */
const findMark = (body: Buffer, mark: Buffer, from: number): number => {
  for (let at = body.indexOf(mark, from); at >= 0; at = body.indexOf(mark, at + 1)) {
    const isLineStart = at === 0 || body[at - 1] === 0x0a;
    const behind = body.subarray(at + mark.length, at + mark.length + 2).toString('latin1');
    if (isLineStart && (behind === '--' || /^[\r\n \t]/.test(behind))) return at;
  }
  return -1;
};

const lineEnd = (body: Buffer, from: number): number => {
  const at = body.indexOf(0x0a, from);
  return at < 0 ? body.length : at + 1;
};

/** Headers up to the first empty line; the rest, without the line end before the boundary. */
const parsePart = (bytes: Buffer): Part => {
  const headers: Record<string, string> = {};
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    const line = bytes.subarray(at, end).toString('latin1').trim();
    at = end;
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  let end = bytes.length;
  if (end > at && bytes[end - 1] === 0x0a) end--;
  if (end > at && bytes[end - 1] === 0x0d) end--;
  return { headers, body: bytes.subarray(at, end) };
};

/** The request inside a part; addresses are relative to the service, or whole ones of it. */
const innerRequest = (outer: ServiceRequest, part: Part): ServiceRequest => {
  const lineLength = lineEnd(part.body, 0);
  const line = part.body.subarray(0, lineLength).toString().trim();
  const match = /^([A-Z]{3,10}) (\S+)(?: HTTP\/1\.[01])?$/.exec(line);
  if (match === null) throw malformed('A part of the batch begins with no request line');
  const { headers, body } = parsePart(part.body.subarray(lineLength));
  const length = Number(headers['content-length'] ?? body.length);
  const address = match[2] ?? '';
  const { rootPath } = outer;
  const behind = address.startsWith(outer.root)
    ? address.slice(outer.root.length)
    : address.startsWith(rootPath)
      ? address.slice(rootPath.length)
      : address;
  const [path = '', ...query] = behind.replace(/^\//, '').split('?');
  return {
    method: match[1] ?? '',
    path,
    query: query.join('?'),
    headers: { accept: outer.headers['accept'], ...headers },
    body: Number.isSafeInteger(length) && length >= 0 ? body.subarray(0, length) : body,
    root: outer.root,
    rootPath,
  };
};

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  415: 'Unsupported Media Type',
  428: 'Precondition Required',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

const httpPart = (answer: ServiceAnswer, contentId: string | undefined): Buffer => {
  const body = Buffer.from(answer.body ?? '');
  const headers = Object.entries({ ...answer.headers, 'Content-Length': String(body.length) })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const head = Buffer.from(
    `HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? 'Error'}\r\n${headers}\r\n`,
  );
  const content = contentId === undefined ? '' : `content-id: ${contentId}\r\n`;
  const mime = Buffer.from(
    `Content-Type: application/http\r\nContent-Length: ${head.length + body.length}\r\ncontent-transfer-encoding: binary\r\n${content}\r\n`,
  );
  return Buffer.concat([mime, head, body]);
};

const joinParts = (parts: readonly Buffer[], boundary: string): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
