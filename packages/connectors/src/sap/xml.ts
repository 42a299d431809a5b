/**
 * Reads XML that describes things, strictly and within bounds: elements, attributes, the five
 * entities XML itself defines and character references. A document type is refused, and with it
 * entities of its own, which is what XML bombs and reads of foreign files are made of; so are
 * instructions to programs. Depth, names and the size of the document are bounded, nothing is looked
 * at twice, and nothing grows: reading costs no more than the bytes do.
 */
import { HeadraceError } from '@headrace/sdk';

export interface XmlHandler {
  /** `at` is where its first bracket stands in the text. */
  open(name: string, attributes: Readonly<Record<string, string>>, at: number): void;
  /** `end` is where the text goes on after it. */
  close(name: string, end: number): void;
  text?(content: string): void;
}

export interface XmlLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
}

const defaults: XmlLimits = { bytesMax: 16 * 1024 * 1024, depthMax: 64 };
const ATTRIBUTES_MAX = 256;
/** Characters of one text or value: resolving references costs a multiple of it. */
const TEXT_MAX = 1024 * 1024;

const namePattern = /[A-Za-z_:][\w:.-]{0,199}/y;
const spacePattern = /[ \t\r\n]*/y;

/** @throws `contract` with `E_XML` where the document is not well-formed or exceeds a bound. */
export function readXml(
  bytes: Uint8Array,
  handler: XmlHandler,
  limits: XmlLimits = defaults,
): void {
  readXmlText(decodeXml(bytes, limits), handler, limits);
}

/** As `readXml`, of a text that `decodeXml` gave. */
export function readXmlText(
  source: string,
  handler: XmlHandler,
  limits: XmlLimits = defaults,
): void {
  new XmlReader(source, handler, limits).read();
}

const declaration = /^<\?xml[ \t\r\n][^<>]{0,200}\?>/;
const encodingPattern = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([\w.:-]{1,40})["']/;

/** UTF-8, or ISO-8859-1 where the document says so. */
export function decodeXml(bytes: Uint8Array, limits: XmlLimits = defaults): string {
  if (bytes.byteLength > limits.bytesMax) throw refused('The document is too large.');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = declaration.exec(view.toString('latin1', 0, 256))?.[0] ?? '';
  const encoding = encodingPattern.exec(start)?.[1]?.toLowerCase() ?? 'utf-8';
  // The standard's own ISO-8859-1: what browsers call so is Windows-1252.
  if (encoding === 'iso-8859-1') return view.toString('latin1');
  if (encoding !== 'utf-8' && encoding !== 'us-ascii') {
    throw refused('The document is in an encoding that is not read: send UTF-8.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused('The document is not in UTF-8.');
  }
}

function refused(message: string): HeadraceError {
  return new HeadraceError('contract', message, {
    code: 'E_XML',
    hint: 'The system sent XML that is broken, or of a kind that is refused for safety.',
  });
}

class XmlReader {
  readonly #source: string;
  readonly #handler: XmlHandler;
  readonly #limits: XmlLimits;
  readonly #open: string[] = [];
  #at = 0;
  #hasRoot = false;

  constructor(source: string, handler: XmlHandler, limits: XmlLimits) {
    this.#source = source;
    this.#handler = handler;
    this.#limits = limits;
  }

  read(): void {
    const source = this.#source;
    if (hasControl(source)) throw refused('The document holds characters XML does not allow.');
    this.#at = declaration.exec(source)?.[0].length ?? 0;
    while (this.#at < source.length) {
      const next = source.indexOf('<', this.#at);
      this.#text(source.slice(this.#at, next < 0 ? source.length : next));
      if (next < 0) break;
      this.#at = next;
      this.#markup();
    }
    if (!this.#hasRoot || this.#open.length > 0) throw refused('The document ends too early.');
  }

  #text(raw: string): void {
    if (raw === '') return;
    if (this.#open.length === 0) {
      if (raw.trim() !== '') throw refused('Text stands outside of the root element.');
      return;
    }
    if (raw.includes(']]>')) throw refused('The end of a section has no beginning.');
    this.#handler.text?.(resolved(raw));
  }

  #markup(): void {
    const source = this.#source;
    const at = this.#at;
    if (source.startsWith('<!--', at)) this.#skip('-->', 4);
    else if (source.startsWith('<![CDATA[', at)) this.#section();
    else if (source.startsWith('<!', at)) throw refused('A document type is refused.');
    else if (source.startsWith('<?', at)) throw refused('Instructions to programs are refused.');
    else if (source.startsWith('</', at)) this.#close();
    else this.#element();
  }

  #skip(end: string, from: number): void {
    const at = this.#source.indexOf(end, this.#at + from);
    if (at < 0) throw refused('The document ends too early.');
    this.#at = at + end.length;
  }

  #section(): void {
    const from = this.#at + 9;
    const end = this.#source.indexOf(']]>', from);
    if (end < 0 || this.#open.length === 0) throw refused('A section is not closed.');
    if (end - from > TEXT_MAX) throw refused('A text is too long.');
    this.#handler.text?.(this.#source.slice(from, end));
    this.#at = end + 3;
  }

  #close(): void {
    this.#at += 2;
    const name = this.#name();
    this.#space();
    if (this.#source[this.#at] !== '>' || this.#open.pop() !== name) {
      throw refused(`The element ${name} is not closed as it was opened.`);
    }
    this.#at += 1;
    this.#handler.close(name, this.#at);
  }

  #element(): void {
    const at = this.#at;
    this.#at += 1;
    const name = this.#name();
    if (this.#open.length === 0 && this.#hasRoot) throw refused('There are two root elements.');
    this.#hasRoot = true;
    const attributes = this.#attributes();
    const isEmpty = this.#source[this.#at] === '/';
    if (isEmpty) this.#at += 1;
    if (this.#source[this.#at] !== '>') throw refused(`The element ${name} is broken.`);
    this.#at += 1;
    if (this.#open.length >= this.#limits.depthMax) throw refused('Elements nest too deep.');
    this.#handler.open(name, attributes, at);
    if (isEmpty) this.#handler.close(name, this.#at);
    else this.#open.push(name);
  }

  #attributes(): Readonly<Record<string, string>> {
    const found = new Map<string, string>();
    for (;;) {
      const spaced = this.#space();
      const next = this.#source[this.#at];
      if (next === '>' || next === '/' || next === undefined) break;
      if (!spaced || found.size >= ATTRIBUTES_MAX) throw refused('Attributes are broken.');
      const name = this.#name();
      this.#space();
      if (this.#source[this.#at] !== '=') throw refused(`The attribute ${name} has no value.`);
      this.#at += 1;
      this.#space();
      if (found.has(name)) throw refused(`The attribute ${name} stands twice.`);
      found.set(name, this.#value());
    }
    return Object.fromEntries(found);
  }

  #value(): string {
    const quote = this.#source[this.#at];
    if (quote !== '"' && quote !== "'") throw refused('A value is not in quotes.');
    const end = this.#source.indexOf(quote, this.#at + 1);
    if (end < 0) throw refused('The document ends too early.');
    const raw = this.#source.slice(this.#at + 1, end);
    if (raw.includes('<')) throw refused('A value holds a bracket.');
    this.#at = end + 1;
    return resolved(raw);
  }

  #name(): string {
    namePattern.lastIndex = this.#at;
    const name = namePattern.exec(this.#source)?.[0];
    if (name === undefined) throw refused('A name is missing.');
    this.#at += name.length;
    return name;
  }

  #space(): boolean {
    spacePattern.lastIndex = this.#at;
    const size = spacePattern.exec(this.#source)?.[0].length ?? 0;
    this.#at += size;
    return size > 0;
  }
}

/** Characters no document may hold, not even behind a reference (XML 1.0, production 2). */
function hasControl(source: string): boolean {
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code < 32 ? code !== 9 && code !== 10 && code !== 13 : code >= 0xff_fe) return true;
  }
  return false;
}

const known: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** References stand for one character each, so a text never grows. */
function resolved(raw: string): string {
  if (raw.length > TEXT_MAX) throw refused('A text is too long.');
  if (!raw.includes('&')) return raw;
  return raw.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw refused('A reference is broken.');
    if (Object.hasOwn(known, name)) return known[name] ?? '';
    const [, hex, decimal] = /^#(?:x([\da-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
    const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
    const isCharacter =
      code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10_ff_ff);
    if (!isCharacter || (code >= 0xd8_00 && code <= 0xdf_ff)) {
      throw refused('An entity the document would have to define is refused.');
    }
    return String.fromCodePoint(code);
  });
}
