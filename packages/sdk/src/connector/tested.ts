/** What a connector was tried on. Each line is checked by a test or written by the check itself. */

/** A system or description it was held against. */
export interface TestedAgainst {
  /** As it names itself. */
  readonly version: string;
  /** Day of the check, `YYYY-MM-DD`. */
  readonly date: string;
  /** First digits of the SHA-256 of what was compared with, where it is a file. */
  readonly digest?: string;
}

export interface Tested {
  /** Our emulator, or a fake, in the contract suite at every commit. The suite asserts the version. */
  readonly emulator: {
    readonly version: string;
    /** Path of the test from the root of the repository. */
    readonly suite: string;
  } | null;
  /**
   * A description the vendor publishes, compared field by field; the comparing script writes this.
   * `none` says why there is nothing to compare with.
   */
  readonly specification: TestedAgainst | { readonly none: string } | null;
  /** Recordings of real systems that replay at every commit: folders below `recorded/`. */
  readonly recorded: readonly (TestedAgainst & { readonly folder: string })[];
  /** Real systems somebody ran it on and reported. */
  readonly real: readonly TestedAgainst[];
}

/** Where a connector says nothing. */
export const untested: Tested = { emulator: null, specification: null, recorded: [], real: [] };
