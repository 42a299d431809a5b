/**
 * What a full pass may conclude. A pass is not an instant and may be wrong: it can lose its last
 * page or answer with nothing. So it never deletes by itself; it names keys to ask for, and only a
 * few of them.
 */

/** Row ids seen, as a bitmap: ids are dense, so five million take 625 kB. */
export class SeenRows {
  #bits = new Uint8Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(id: number): void {
    if (id <= 0) return;
    const at = id >> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(this.#bits.length * 2, at + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (id & 7);
    if (((this.#bits[at] as number) & bit) === 0) this.#count += 1;
    this.#bits[at] = (this.#bits[at] as number) | bit;
  }

  has(id: number): boolean {
    return ((this.#bits[id >> 3] ?? 0) & (1 << (id & 7))) !== 0;
  }
}

export interface PassFacts {
  /** Records in the answers of this pass. */
  readonly received: number;
  /** What the source said the whole has, where it said so. */
  readonly total: number | null;
  /** Live records known before the pass that it did not show. */
  readonly missing: number;
  /** Live records known. */
  readonly known: number;
  /** Resumed after a restart: what was seen before is not known any more. */
  readonly isPartial: boolean;
}

export type PassVerdict =
  | { readonly kind: 'complete' }
  /** Say nothing about deletes. */
  | { readonly kind: 'inconclusive' }
  | { readonly kind: 'held'; readonly code: string; readonly message: string };

export const deletesMax = (known: number): number => Math.max(20, Math.floor(known / 100));

export function judgePass(facts: PassFacts): PassVerdict {
  if (facts.isPartial) return { kind: 'inconclusive' };
  if (facts.received === 0 && facts.known > 0) {
    return held(
      'E_PASS_EMPTY',
      `A full read showed nothing, though ${facts.known} records are known.`,
    );
  }
  // Records come and go while a pass runs, so a small difference proves nothing.
  if (facts.total !== null && facts.received < facts.total - deletesMax(facts.total)) {
    return held(
      'E_PASS_INCOMPLETE',
      `A full read showed ${facts.received} of the ${facts.total} records the source counts.`,
    );
  }
  if (facts.missing > deletesMax(facts.known)) {
    return held(
      'E_PASS_DELETES',
      `A full read did not show ${facts.missing} of ${facts.known} known records; nothing was deleted.`,
    );
  }
  return { kind: 'complete' };
}

function held(code: string, message: string): PassVerdict {
  return { kind: 'held', code, message };
}
