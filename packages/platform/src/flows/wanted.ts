/** What the mapping of a flow makes of a group, held against what the sink takes. */
import { type FlowGroup, HeadraceError, type MapContext, type TargetRecord } from '@headrace/sdk';
import type { z } from 'zod';
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

/** Runs the mapping and holds its result against what the sink takes. */
export function wantedOf(
  { engine }: { readonly engine: Pick<Engine, 'reader'> },
  flow: Flow,
  group: FlowGroup,
): Wanted {
  try {
    const stored = engine.reader.row(referenceTable.name, flow.target);
    const source = stored === undefined ? {} : JSON.parse(stored.value);
    const context: MapContext<never> = { config: flow.config, source, subject: null };
    const ready = () => flow.sink.map(group, context);
    if (flow.where !== null && !flow.where(group)) return { kind: 'none' };
    const mapped = flow.map === null ? ready() : flow.map(group, context, ready);
    if (mapped === null) return { kind: 'none' };
    const parsed = flow.sink.fields.safeParse(mapped.fields);
    if (parsed.success) return { kind: 'wanted', record: { key: mapped.key, fields: parsed.data } };
    const message = `The mapping gives what ${flow.sink.name} does not take: ${issuesOf(parsed.error)}`;
    return { kind: 'parked', code: 'E_FLOW_FIELDS', message, key: mapped.key };
  } catch (thrown) {
    const isOurs = thrown instanceof HeadraceError;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: 'parked', code: isOurs ? thrown.code : 'E_FLOW_MAP', message };
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ');
}
