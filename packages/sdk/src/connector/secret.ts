import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that never shows itself in logs, errors or JSON; only `reveal` gives it away. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Config field for a secret: takes `secret('NAME')` (or plain text in tests), gives a `Secret`. */
export function secretField() {
  return z
    .union([z.instanceof(Secret), z.string().min(1)])
    .transform((value) => (typeof value === 'string' ? new Secret(value) : value))
    .meta({ secret: true });
}
