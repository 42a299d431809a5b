/** What differs between two payloads, path by path. Pure. */

export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (Object.is(before, after)) return [];
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      changesOf(
        (before as Record<string, unknown>)[name],
        (after as Record<string, unknown>)[name],
        path === '' ? name : `${path}.${name}`,
      ),
    );
  }
  return [{ path, before, after }];
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
