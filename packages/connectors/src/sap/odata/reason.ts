/** The words of SAP about a request it refused. */
import type { Json } from '@headrace/sdk';
import { object, text } from '../json.js';

/**
 * `{ error: { code, message: { lang, value } } }` in version 2, `message` as text in version 4; the
 * same in XML where a service answers so whatever is asked for.
 */
export function reasonOf(body: Uint8Array): string | null {
  const written = Buffer.from(body.subarray(0, 64 * 1024)).toString('utf8');
  const error = object(parse(written))?.error;
  const message = object(error)?.message;
  const said = text(object(message)?.value) ?? text(message);
  const code = text(object(error)?.code);
  if (said !== null) return code === null ? said : `${said} (${code})`;
  const [, inXml] = /<message[^>]{0,100}>([^<]{1,500})<\/message>/.exec(written) ?? [];
  if (inXml !== undefined) return inXml;
  // A refused token is answered in plain text, before any service is asked.
  return /^CSRF [\w ]{1,60}\.?$/.test(written.trim()) ? written.trim() : null;
}

function parse(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return null;
  }
}
