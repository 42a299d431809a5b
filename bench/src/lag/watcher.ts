/** Asks for changed records until they show their changes. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeKind, Target } from './changes.js';

export interface Seen {
  readonly kind: ChangeKind;
  readonly ms: number;
  /** When it was sent, for telling late ones apart. */
  readonly sentAt: number;
}

interface Open {
  readonly number: number;
  readonly sentAt: number;
}

const askEveryMs = 15;
/** The longer a change waits, the less often it is asked for: within this share of its age. */
const ageShare = 0.05;
const askedAtOnceMax = 16;

export class Watcher {
  readonly seen: Seen[] = [];
  readonly askMs: number[] = [];
  readonly #open = new Map<Target, Open[]>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: askedAtOnceMax });
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  get openCount(): number {
    return [...this.#open.values()].reduce((sum, list) => sum + list.length, 0);
  }

  watch(target: Target, number: number, sentAt: number): void {
    const open = this.#open.get(target);
    if (open !== undefined) {
      open.push({ number, sentAt });
      return;
    }
    this.#open.set(target, [{ number, sentAt }]);
    void this.#follow(target);
  }

  /** Forgets a change the shop refused. */
  forget(target: Target, number: number): void {
    const open = this.#open.get(target);
    const at = open?.findIndex((one) => one.number === number) ?? -1;
    if (at >= 0) open?.splice(at, 1);
  }

  async settled(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    while (this.#open.size > 0 && performance.now() < until) await sleep(50);
  }

  close(): void {
    this.#open.clear();
    this.#agent.destroy();
  }

  async #follow(target: Target): Promise<void> {
    for (;;) {
      const open = this.#open.get(target);
      if (open === undefined) return;
      const shown = await this.#ask(target).catch(() => Number.NaN);
      const now = performance.now();
      // A later change of the same record shows the earlier ones too.
      while (open[0] !== undefined && open[0].number <= shown) {
        const { sentAt } = open.shift() as Open;
        this.seen.push({ kind: target.kind, ms: now - sentAt, sentAt });
      }
      if (open[0] === undefined) {
        this.#open.delete(target);
        return;
      }
      await sleep(Math.max(askEveryMs, (now - open[0].sentAt) * ageShare));
    }
  }

  #ask(target: Target): Promise<number> {
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const asked = request(
        this.#url + target.path,
        { agent: this.#agent, headers: this.#headers },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            this.askMs.push(performance.now() - begun);
            try {
              const body = JSON.parse(Buffer.concat(parts).toString()) as {
                readonly fields?: Readonly<Record<string, unknown>>;
              };
              resolve(target.kind.shown(body.fields ?? {}));
            } catch (thrown) {
              reject(thrown);
            }
          });
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  }
}
