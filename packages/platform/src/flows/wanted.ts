/** What the mapping of a flow makes of a group, held against what the sink takes. */
import {
  type FieldFault,
  type FlowGroup,
  HeadraceError,
  type JsonObject,
  type MapContext,
  mapGroup,
  type TargetRecord,
} from '@headrace/sdk';
import { type Engine, referenceTable } from '../engine/index.js';
import type { Flow } from './flow.js';

export type Wanted =
  | { readonly kind: 'wanted'; readonly record: TargetRecord }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'parked';
      readonly code: string;
      readonly message: string;
      readonly key?: string;
    };

/** What mappings read of the target besides the group: its currencies, its languages. */
export function referenceOf(
  { reader }: { readonly reader: Engine['reader'] },
  flow: Flow,
): JsonObject {
  const stored = reader.row(referenceTable.name, flow.target);
  return stored === undefined ? {} : JSON.parse(stored.value);
}

export function mapContext(flow: Flow, reference: JsonObject): MapContext<never> {
  return { config: flow.config, source: reference, subject: null };
}

/** Runs the mapping and holds its result against what the sink takes. */
export function wantedOf(
  { engine }: { readonly engine: Pick<Engine, 'reader'> },
  flow: Flow,
  group: FlowGroup,
): Wanted {
  const mapped = mapGroup(flow.sink, flow, group, mapContext(flow, referenceOf(engine, flow)));
  switch (mapped.kind) {
    case 'mapped':
      return { kind: 'wanted', record: mapped.record };
    case 'none':
      return { kind: 'none' };
    case 'threw':
      return { kind: 'parked', ...thrownBy(mapped.thrown) };
    case 'unfit': {
      const { key } = (mapped.given ?? {}) as { readonly key?: unknown };
      const said = mapped.faults.slice(0, 5).map(faultText).join('; ');
      const message = `The mapping gives what ${flow.sink.name} does not take: ${said}`;
      const named = typeof key === 'string' && key !== '' ? { key } : {};
      return { kind: 'parked', code: 'E_FLOW_FIELDS', message, ...named };
    }
  }
}

/** What a mapping threw, as people are told. */
export function thrownBy(thrown: unknown): { readonly code: string; readonly message: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: thrown instanceof HeadraceError ? thrown.code : 'E_FLOW_MAP', message };
}

function faultText({ path, message }: FieldFault): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
