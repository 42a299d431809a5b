/** Values that cannot be right, as far as a group rests on them. */
import type { AssembledGroup } from './assemble.js';
import type { Flow } from './flow.js';

/** Why a value cannot be right, and when that ends to matter by itself, ms; null while that is not known. */
export interface Doubt {
  readonly text: string;
  readonly until: number | null;
}

/** For each of these statements why it cannot be right, or null. */
export type DoubtsOf = (
  statements: readonly { readonly entity: string; readonly key: string; readonly source: string }[],
) => readonly (Doubt | null)[];

/** The first doubt about what each group rests on, by group; asked for all groups at once. */
export function doubtsOfGroups(
  ask: DoubtsOf | undefined,
  { sink }: Flow,
  groups: Iterable<AssembledGroup>,
): ReadonlyMap<string, Doubt> {
  const found = new Map<string, Doubt>();
  if (ask === undefined) return found;
  const stated = [...groups].flatMap((group) =>
    group.statements(sink.entities).map((row) => ({ name: group.key, row })),
  );
  const doubts = ask(stated.map(({ row }) => row));
  for (const [at, { name }] of stated.entries()) {
    const doubt = doubts[at] ?? null;
    if (doubt !== null && !found.has(name)) found.set(name, doubt);
  }
  return found;
}
