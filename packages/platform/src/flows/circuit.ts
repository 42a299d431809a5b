/**
 * Shared by the flows that write to one system.
 *
 *   closed ── a call failed ──▶ open until a time that grows ── over ──▶ one call tries ──▶ closed
 *                                  ▲                                        │ failed
 *                                  └────────────────────────────────────────┘
 *
 * Only calls that concern the system as a whole count: what it says of one record is that record's.
 */
import type { Clock, HeadraceError, Random } from '@headrace/sdk';
import { backOffMs } from '../engine/index.js';

/** After refused credentials: a person has to act first, and too many tries may lock an account. */
const refusedWaitMs = 60_000;

export class Circuit {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #openUntil = 0;
  #isTrying = false;
  /** What the system last failed with; null while it works. */
  trouble: { readonly code: string; readonly message: string; readonly at: number } | null = null;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How long to wait before a call may be made; 0 for not at all. */
  waitMs(): number {
    const openMs = this.#openUntil - this.#clock.now();
    if (openMs > 0) return openMs;
    return this.#failures > 0 && this.#isTrying ? 250 : 0;
  }

  /** A call is about to be made; while the circuit was open, only one at a time. */
  begin(): void {
    this.#isTrying = true;
  }

  worked(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#isTrying = false;
    this.trouble = null;
  }

  failed(error: HeadraceError): void {
    const now = this.#clock.now();
    this.#failures += 1;
    this.#isTrying = false;
    const waitMs =
      error.kind === 'config' ? refusedWaitMs : backOffMs(this.#failures, this.#random);
    this.#openUntil = Math.max(now + waitMs, error.retryAtMs ?? 0);
    const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    this.trouble = { code: error.code, message: text, at: now };
  }
}
