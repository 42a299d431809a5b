/** What was replaced, and where a person should look before a recording is handed on. */
import type { ReplacedKind } from './text-cleaner.js';

export interface PlaceToLook {
  /** The file, or `settings`. */
  readonly file: string;
  /** `data.*.note`; no value is shown. */
  readonly place: string;
  readonly why: string;
  readonly count: number;
}

export interface RecordingReport {
  /** By kind; `equal` stands for personal values found outside personal paths. */
  readonly replaced: Readonly<Record<ReplacedKind, number>>;
  readonly look: readonly PlaceToLook[];
}

export function createReport() {
  const replaced: Record<ReplacedKind, number> = {
    ...{ personal: 0, equal: 0, email: 0, phone: 0, iban: 0, host: 0, credential: 0 },
  };
  const places = new Map<string, PlaceToLook>();
  return {
    count(kind: ReplacedKind): void {
      replaced[kind] += 1;
    },
    look(file: string, place: string, why: string): void {
      const key = JSON.stringify([file, place, why]);
      const count = (places.get(key)?.count ?? 0) + 1;
      places.set(key, { file, place, why, count });
    },
    result: (): RecordingReport => ({ replaced, look: [...places.values()] }),
  };
}
