/** What may be on its way between two systems that differ. */

export interface Moves {
  readonly moves: number;
  readonly least: string;
  readonly most: string;
}

/** So many changes while two systems differ are nothing that could hide a difference. */
const movesMax = 4;

export function apart(one: string | null, other: string | null): bigint {
  const off = BigInt(one ?? '0') - BigInt(other ?? '0');
  return off < 0n ? -off : off;
}

export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Whether what moved since may be all there is between them: few changes, each a good part of it. */
export function isMoving({ moves, least, most }: Moves): boolean {
  return moves > movesMax && BigInt(least) < 2n * BigInt(most);
}
