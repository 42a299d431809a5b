/**
 * Tries a flow of the project as it is on disk, without the platform: a mapping can be corrected and
 * tried again at once. The target is read, and nothing is written.
 */
import { HeadraceError, type Json, type JsonObject } from '@headrace/sdk';
import { z } from 'zod';
import {
  type Flow,
  type SampleRecord,
  sampleGroups,
  type Trial,
  type TrialFault,
  tryGroups,
} from '../flows/index.js';
import { systemClock } from '../ports/index.js';
import type { connectorContext } from './connector-context.js';
import type { LoadedProject } from './load-project.js';
import { findSource, readReference } from './sample.js';

export interface FlowTrials {
  readonly flow: string;
  readonly write: Flow['write'];
  /** Of records that make no group. */
  readonly faults: readonly TrialFault[];
  readonly groups: readonly Trial[];
}

export function findFlow(flows: readonly Flow[], name: string): Flow {
  const flow = flows.find((one) => one.name === name);
  if (flow !== undefined) return flow;
  const names = flows.map((one) => one.name).join(', ');
  throw new HeadraceError('config', `There is no flow ${name}.`, {
    code: 'E_NO_FLOW',
    hint: names === '' ? 'The project has no flows.' : `There are ${names}.`,
  });
}

export async function trySample(
  project: Pick<LoadedProject, 'flows' | 'sources' | 'folder' | 'project'>,
  name: string,
  sample: FlowSample,
  context: (source: ReturnType<typeof findSource>) => ReturnType<typeof connectorContext>,
  isRead: boolean,
): Promise<FlowTrials> {
  const flow = findFlow(project.flows, name);
  const target = context(findSource(project.sources, flow.target));
  const reference =
    sample.reference ?? (await readReference(findSource(project.sources, flow.target), target));
  const { groups, faults } = sampleGroups(flow, project.project.leading, sample.records);
  const trials = await tryGroups(
    {
      ...{ flow, reference, folder: project.folder, isRehearsal: false },
      now: systemClock().now(),
      read: isRead ? (records) => flow.sink.read(target, records) : null,
    },
    groups,
  );
  return { flow: name, write: flow.write, faults, groups: trials };
}

export interface FlowSample {
  /** What mappings read of the target besides the records, so that it need not be asked. */
  readonly reference: JsonObject | null;
  readonly records: readonly SampleRecord[];
}

const record = z.object({
  entity: z.string(),
  fields: z.record(z.string(), z.json()),
  isOwn: z.boolean().optional(),
});
const ofRecords = z.object({
  reference: z.record(z.string(), z.json()).optional(),
  records: z.array(record),
});
/** What the answer of an earlier trial holds. */
const ofTrials = z.object({ groups: z.array(z.object({ records: z.array(record) })) });

/** Canonical records: a list, `{ records }`, or what a trial answered. */
export function parseFlowSample(text: string): FlowSample {
  const value = jsonOf(text);
  const trials = ofTrials.safeParse(value);
  if (trials.success) {
    const { groups } = trials.data;
    return { reference: null, records: groups.flatMap(({ records }) => records) };
  }
  const sample = ofRecords.safeParse(Array.isArray(value) ? { records: value } : value);
  if (sample.success) {
    return { reference: sample.data.reference ?? null, records: sample.data.records };
  }
  const [issue] = sample.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  throw sampleError(`The sample holds no canonical records (${where}).`);
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw sampleError('The sample is not JSON.', cause);
  }
}

function sampleError(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_SAMPLE',
    hint: 'Make one with `headrace map test FLOW --group NAME --json > sample.json`.',
    cause,
  });
}
