/** Schema errors as lines a person can act on: where, what, and what would be right. */
import { z } from 'zod';

/** One line for each problem; unknown keys are answered with those that exist. */
export function problemLines(schema: z.ZodType, error: z.ZodError, under = ''): string[] {
  return error.issues.flatMap((issue) => issueLines(schema, issue, under));
}

function issueLines(schema: z.ZodType, issue: z.core.$ZodIssue, under: string): string[] {
  const path = [under, ...issue.path.map(String)].filter((part) => part !== '').join('.');
  const where = path === '' ? '' : `${path}: `;
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, allowed);
      const guess = near === null ? '' : ` Did you mean ${near}?`;
      return `${where}there is no key ${key}.${guess} Allowed: ${allowed.join(', ')}.`;
    });
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((list) => list[0]?.message).filter((text) => text !== undefined);
    return [`${where}${[...new Set(inner)].join('; or ') || issue.message}`];
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && isMissing(issue)) {
    return [`${where}missing; give a ${issue.expected}`];
  }
  return [`${where}${issue.message}`];
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return /received undefined$/.test(issue.message);
}

/** Keys an object schema takes at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of path) {
    const object = unwrap(at);
    if (object instanceof z.ZodObject) at = object.shape[String(step)];
    else if (object instanceof z.ZodRecord) at = object.valueType;
    else if (object instanceof z.ZodArray) at = object.element;
    else return [];
  }
  const object = unwrap(at);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodDefault || at instanceof z.ZodOptional) at = at.unwrap();
  return at;
}

/** The allowed key with the fewest changes, when they are few. */
function nearest(key: string, allowed: readonly string[]): string | null {
  const ranked = allowed
    .map((name) => ({ name, steps: distance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= Math.max(1, key.length / 3) ? best.name : null;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
