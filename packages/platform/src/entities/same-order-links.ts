/**
 * Links customers of two systems who are named in one order. An order has one key in the shop and
 * in the ERP, so its rows meet by themselves; each names the buyer by its own system's handle, and
 * both mean the same person. No name, address or hash of one is looked at.
 *
 *   order changed → rows of both sources → two customers → link entry, method `rule`
 *
 * A link is journaled like one made by a person and can be taken back like it; the rule does not
 * make it again. A customer who stands for many buyers, as shops post guests under, is left alone.
 */
import type { Logger } from '@headrace/sdk';
import type { FoldInput } from '../engine/index.js';
import type { Entities } from './entities.js';

/** Customers of the source `from` are linked to those of `to`. */
export interface SameOrderRule {
  readonly entity: 'customer';
  readonly by: 'order';
  readonly from: string;
  readonly to: string;
}

export interface SameOrderOptions {
  readonly rules: readonly SameOrderRule[];
  readonly entities: Entities;
  readonly log: Logger;
  /** Journals a link. */
  link(body: {
    readonly entity: string;
    readonly from: string;
    readonly to: string;
    readonly method: 'rule';
    readonly evidence: string;
  }): Promise<void>;
  /** Lets other work of the thread run. */
  readonly pause: () => Promise<void>;
}

/** More customers of one system under one of the other stand for no person. */
const personMax = 8;
const waitingMax = 100_000;
const scanPage = 500;

export class SameOrderLinks {
  readonly #options: SameOrderOptions;
  /** Orders to look at. */
  readonly #orders = new Set<string>();
  /** Orders whose customer is not known yet, by that customer. */
  readonly #waiting = new Map<string, string>();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: SameOrderOptions) {
    this.#options = options;
  }

  /** Takes what became durable. */
  note(inputs: readonly FoldInput[]): void {
    for (const { change } of inputs) {
      for (const { entity, key } of change?.after ?? []) {
        if (entity === 'order') this.#orders.add(key);
        if (entity !== 'customer') continue;
        const order = this.#waiting.get(key);
        if (order === undefined) continue;
        this.#waiting.delete(key);
        this.#orders.add(order);
      }
    }
    this.#wake();
  }

  /** Looks at every order there is: what was journaled when nobody listened, or under no rule. */
  async scan(): Promise<void> {
    const { rules, entities, pause } = this.#options;
    const names = new Set(rules.map(({ to }) => `${to}/`));
    for (const stream of entities.streams()) {
      if (![...names].some((name) => stream.startsWith(name))) continue;
      for (let after: string | null = ''; after !== null && !this.#isClosed; ) {
        const page = entities.keysIn(stream, 'order', after, scanPage);
        for (const key of page.keys) this.#orders.add(key);
        after = page.next;
        this.#wake();
        await this.#running;
        await pause();
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  #wake(): void {
    if (this.#orders.size === 0 || this.#running !== null || this.#isClosed) return;
    this.#running = this.#work()
      .catch((thrown: Error) => this.#options.log.error(thrown.message, { what: 'links' }))
      .finally(() => {
        this.#running = null;
      });
  }

  async #work(): Promise<void> {
    for (const order of this.#orders) {
      if (this.#isClosed) return;
      this.#orders.delete(order);
      for (const rule of this.#options.rules) await this.#look(order, rule);
      await this.#options.pause();
    }
  }

  async #look(order: string, rule: SameOrderRule): Promise<void> {
    const { entities } = this.#options;
    const rows = entities.rowsAt('order', order);
    const buyer = (source: string) =>
      rows.find((row) => row.source === source)?.fields['customerId'];
    const [from, to] = [buyer(rule.from), buyer(rule.to)];
    if (typeof from !== 'string' || typeof to !== 'string' || from === to) return;
    const { identity } = entities;
    if (identity.wasLinked(rule.entity, from)) return;
    for (const [key, source] of [[from, rule.from] as const, [to, rule.to] as const]) {
      if (entities.rowsAt(rule.entity, key).some((row) => row.source === source)) continue;
      if (this.#waiting.size < waitingMax) this.#waiting.set(key, order);
      return;
    }
    const group = identity.keysOf(rule.entity, to);
    if (group.length > personMax || group.includes(from)) return;
    await this.#options.link({
      ...{ entity: rule.entity, from, to, method: 'rule' },
      evidence: `Both are the buyer of order ${order}.`,
    });
  }
}
