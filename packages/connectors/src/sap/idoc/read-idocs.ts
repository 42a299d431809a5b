/**
 * From a document of IDocs to records: one for each IDoc, with its control record as an object and
 * its segments as lists by name in the order they came. Every value is a text, as IDocs know no
 * other. A document that is not well-formed is refused whole; an IDoc that cannot be used is handed
 * over as the text it came as, with the reason.
 *
 * While it reads it holds the tree of one IDoc, and of that no more than a record may have.
 */
import { HeadraceError, type Json, type JsonObject } from '@headrace/sdk';
import { decodeXml, readXmlText, type XmlLimits } from '../xml.js';

export const documentLimits: XmlLimits = { bytesMax: 16 * 1024 * 1024, depthMax: 30 };
/** A record of the platform has no more, so a tree that outgrows it needs not be finished. */
const recordBytesMax = 1024 * 1024;
const idocsMax = 10_000;

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export type ReadIdoc =
  | { readonly ok: true; readonly record: JsonObject; readonly raw: () => string }
  | { readonly ok: false; readonly refusal: Refusal; readonly raw: () => string };

interface Segment {
  readonly name: string;
  /** Without a prototype: names come from outside. */
  readonly content: Record<string, Json>;
  isSegment: boolean;
  text: string;
}

/** Tells `take` of each IDoc as soon as it has ended. @throws `contract` as `readXml`, or `E_IDOC`. */
export function readIdocs(body: Uint8Array, take: (idoc: ReadIdoc) => void): void {
  const source = decodeXml(body, documentLimits);
  const reader = new IdocReader(source, take);
  readXmlText(source, reader, documentLimits);
  if (reader.count === 0) {
    throw refused('The document holds no IDoc.', 'Send XML whose root has IDOC elements in it.');
  }
}

function refused(message: string, hint: string): HeadraceError {
  return new HeadraceError('contract', message, { code: 'E_IDOC', hint });
}

const rootDepth = 1;
const idocDepth = 2;

class IdocReader {
  count = 0;
  readonly #source: string;
  readonly #take: (idoc: ReadIdoc) => void;
  #depth = 0;
  #from = 0;
  #stack: Segment[] = [];
  #bytes = 0;
  #refusal: Refusal | null = null;

  constructor(source: string, take: (idoc: ReadIdoc) => void) {
    this.#source = source;
    this.#take = take;
  }

  open(name: string, attributes: Readonly<Record<string, string>>, at: number): void {
    this.#depth += 1;
    if (this.#depth === rootDepth) return;
    if (this.#depth === idocDepth) {
      if (name !== 'IDOC') {
        throw refused(
          'The root holds something that is no IDOC element.',
          'Send IDoc XML as SAP writes it.',
        );
      }
      this.count += 1;
      if (this.count > idocsMax) {
        throw refused(
          `The document holds more than ${idocsMax} IDocs.`,
          'Send them in several documents.',
        );
      }
      this.#from = at;
      this.#bytes = 0;
      this.#refusal = null;
      this.#stack = [segmentOf(name, true)];
      return;
    }
    if (this.#refusal !== null) return;
    const parent = this.#stack.at(-1);
    if (parent !== undefined && !parent.isSegment) {
      if (parent.text.trim() !== '') this.#refuse('A segment holds text beside its fields.');
      parent.isSegment = true;
      parent.text = '';
    }
    this.#grow(name.length + 6);
    this.#stack.push(segmentOf(name, attributes.SEGMENT !== undefined));
  }

  text(content: string): void {
    if (this.#depth <= rootDepth) {
      if (content.trim() !== '')
        throw refused('The root holds text.', 'Send IDoc XML as SAP writes it.');
      return;
    }
    const segment = this.#stack.at(-1);
    if (this.#refusal !== null || segment === undefined) return;
    if (segment.isSegment) {
      if (content.trim() !== '') this.#refuse('A segment holds text beside its fields.');
      return;
    }
    this.#grow(content.length);
    segment.text += content;
  }

  close(_name: string, end: number): void {
    this.#depth -= 1;
    if (this.#depth === rootDepth) this.#end(end);
    if (this.#depth <= rootDepth || this.#refusal !== null) return;
    const segment = this.#stack.pop() as Segment;
    const parent = this.#stack.at(-1) as Segment;
    const there = parent.content[segment.name];
    const isControl = segment.name === 'EDI_DC40';
    if (!segment.isSegment || isControl) {
      if (there !== undefined) this.#refuse('A field, or the control record, stands twice.');
      else parent.content[segment.name] = isControl ? segment.content : segment.text.trimEnd();
    } else if (there === undefined) parent.content[segment.name] = [segment.content];
    else if (Array.isArray(there)) there.push(segment.content);
    else this.#refuse('A name is that of a field and of a segment.');
  }

  #end(end: number): void {
    const from = this.#from;
    // A part of the document's text, made only where it is asked for.
    const raw = () => this.#source.slice(from, end);
    const record = this.#stack[0]?.content;
    this.#stack = [];
    if (this.#refusal !== null || record === undefined) {
      const refusal = this.#refusal ?? { code: 'E_IDOC', message: 'An IDoc is empty.' };
      this.#take({ ok: false, refusal, raw });
    } else this.#take({ ok: true, record, raw });
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= recordBytesMax) return;
    this.#refuse(`An IDoc is larger than ${recordBytesMax} bytes.`, 'E_RECORD_TOO_LARGE');
  }

  #refuse(message: string, code = 'E_IDOC'): void {
    this.#refusal ??= { code, message };
    this.#stack = [];
  }
}

function segmentOf(name: string, isSegment: boolean): Segment {
  return { name, content: Object.create(null) as Record<string, Json>, isSegment, text: '' };
}
