/** A document of IDocs on its way in: who may send it, and which stream each IDoc is of. */
import type { JsonObject, ReceivedRecord, ReceiveSpec, SignatureSpec } from '@headrace/sdk';
import { lookUp } from '../json.js';
import type { IdocConfig, StreamName } from './config.js';
import { controlOf, documentOf, senderOf, versionOf } from './control.js';
import { documentLimits, type Refusal, readIdocs } from './read-idocs.js';
import { field } from './segments.js';
import { keyOf } from './streams.js';

const token = {
  scheme: 'token',
  headers: ['authorization'],
  encoding: 'hex',
  message: '',
} as const;
const signatures: Readonly<Record<IdocConfig['auth'], SignatureSpec>> = {
  bearer: { ...token, prefix: 'Bearer ' },
  basic: { ...token, prefix: 'Basic ' },
  hmac: { headers: ['x-signature'], encoding: 'hex', message: '{body}' },
};

export const receive: ReceiveSpec<IdocConfig> = {
  signature: signatures.bearer,
  signatureOf: ({ auth }) => signatures[auth],
  secrets({ secret, auth }) {
    if (secret === undefined) return [];
    const texts = (Array.isArray(secret) ? secret : [secret]).map((one) => one.reveal());
    return auth === 'basic' ? texts.map((one) => Buffer.from(one).toString('base64')) : texts;
  },
  bytesMax: documentLimits.bytesMax,
  folderOf: ({ folder }) => folder ?? null,
  fileEndings: ['.xml'],
  parse,
};

function parse(body: Uint8Array, config: IdocConfig): readonly ReceivedRecord[] {
  const records: ReceivedRecord[] = [];
  readIdocs(body, (idoc) => {
    const found = idoc.ok ? judge(idoc.record, config) : idoc.refusal;
    if (idoc.ok && typeof found === 'string') {
      records.push({ stream: found, bytes: Buffer.from(JSON.stringify(idoc.record)) });
      return;
    }
    const stream = (idoc.ok ? streamOf(idoc.record, config) : null) ?? anyStream(config);
    records.push({ stream, bytes: Buffer.from(idoc.raw()), refused: found as Refusal });
  });
  return records;
}

/** The stream of an IDoc, or why it is of none. Says nothing of its content but codes of SAP. */
function judge(record: JsonObject, config: IdocConfig): StreamName | Refusal {
  if (controlOf(record) === undefined) return refusal('An IDoc has no control record (EDI_DC40).');
  if (documentOf(record) === null) {
    return refusal('An IDoc has no number (DOCNUM, ARCKEY) to tell two deliveries of it apart.');
  }
  if (versionOf(record) === null) {
    return refusal('An IDoc does not say when it was made (CREDAT, CRETIM).');
  }
  if (field(controlOf(record), 'TEST') !== null) return refusal('An IDoc is marked as a test.');
  if (config.partners.length > 0 && !config.partners.includes(senderOf(record))) {
    return refusal('An IDoc is of a sender that `partners` does not name.');
  }
  const stream = streamOf(record, config);
  if (stream === null)
    return refusal('An IDoc is of a message type that `messages` does not name.');
  if (keyOf(stream, record) === null) {
    return refusal(`An IDoc lacks the segment or number its stream ${stream} is kept by.`);
  }
  return stream;
}

const refusal = (message: string): Refusal => ({ code: 'E_IDOC', message });

function streamOf(record: JsonObject, config: IdocConfig): StreamName | null {
  return lookUp(config.messages, field(controlOf(record), 'MESTYP')) ?? null;
}

/** Where bytes are kept that are of no stream anybody could name. */
function anyStream(config: IdocConfig): StreamName {
  return Object.values(config.messages)[0] ?? 'order';
}
