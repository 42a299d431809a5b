/**
 * An answer as JSON already, added to while it is made and encoded a part at a time. In one text it would
 * be put together, copied and collected again: of a hundred vectors of fifty values that took longer than
 * working them out. It is sent a part at a time, too, for handing over a megabyte takes as long.
 */
import { Readable } from 'node:stream';

/** Characters; what takes about a millisecond to be handed over. */
const partLength = 64 << 10;

export class JsonParts {
  readonly #parts: Buffer[] = [];
  readonly #pause: () => Promise<void>;
  #text = '';

  /** @param pause Lets others have their turn between two parts. */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= partLength) this.#encode();
  }

  /** What to hand to the server, and how many bytes it is. */
  end(): { readonly payload: Buffer | Readable; readonly bytes: number } {
    this.#encode();
    const [first, ...rest] = this.#parts;
    if (first === undefined || rest.length === 0) {
      const payload = first ?? Buffer.alloc(0);
      return { payload, bytes: payload.length };
    }
    const bytes = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const payload = Readable.from(this.#oneByOne(), { objectMode: false, highWaterMark: 1 });
    return { payload, bytes };
  }

  #encode(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }

  async *#oneByOne(): AsyncIterable<Buffer> {
    for (const [place, part] of this.#parts.entries()) {
      if (place > 0) await this.#pause();
      yield part;
    }
  }
}
