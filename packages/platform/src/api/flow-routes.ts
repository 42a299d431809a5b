/** Flows: how they stand, what differs, what was written, and what people do about it. */
import { ensureError } from '@headrace/sdk';
import { z } from 'zod';
import {
  type Actor,
  type FlowRunner,
  flowDeliveries,
  flowDifferences,
  flowStatus,
  groupStatus,
  readGroup,
} from '../flows/index.js';
import {
  flowActShape,
  flowApproveBody,
  flowDeliveriesShape,
  flowDifferencesShape,
  flowGroupsShape,
  flowPhase,
  flowResyncBody,
  flowRetryBody,
  flowStatusShape,
  flowsShape,
  flowTestBody,
  flowTrialsShape,
  flowUndoBody,
} from './flow-shapes.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';

const params = z.object({ flow: z.string() });
const limit = z.coerce.number().int().min(1).max(200).default(50);
const page = z.object({
  before: z.string().optional().meta({ description: 'The `next` of the page before.' }),
  limit,
});
const dry = z.object({
  dry: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true` only says how many groups it would be about.' }),
});

const listFlows = defineRoute({
  name: 'listFlows',
  method: 'GET',
  path: '/v1/flows',
  tag: 'flows',
  summary: 'All flows with their state, counts and lag.',
  role: 'viewer',
  answer: flowsShape,
});

const readFlow = defineRoute({
  name: 'readFlow',
  method: 'GET',
  path: '/v1/flows/{flow}',
  tag: 'flows',
  summary: 'One flow with its state, counts and lag.',
  role: 'viewer',
  params,
  answer: flowStatusShape,
});

const listDifferences = defineRoute({
  name: 'listDifferences',
  method: 'GET',
  path: '/v1/flows/{flow}/differences',
  tag: 'flows',
  summary: 'What differs from the target and was not written, the newest first.',
  role: 'viewer',
  params,
  query: page,
  answer: flowDifferencesShape,
});

const listDeliveries = defineRoute({
  name: 'listDeliveries',
  method: 'GET',
  path: '/v1/flows/{flow}/deliveries',
  tag: 'flows',
  summary: 'What was written or tried, with its cause, the newest first.',
  role: 'viewer',
  params,
  query: page,
  answer: flowDeliveriesShape,
});

const listGroups = defineRoute({
  name: 'listGroups',
  method: 'GET',
  path: '/v1/flows/{flow}/groups',
  tag: 'flows',
  summary: 'Groups in one state, those that wait longest first.',
  role: 'viewer',
  params,
  query: z.object({ phase: flowPhase, limit }),
  answer: flowGroupsShape,
});

const common = { method: 'POST', tag: 'flows', params, query: dry, answer: flowActShape } as const;

const pauseFlow = defineRoute({
  ...common,
  name: 'pauseFlow',
  path: '/v1/flows/{flow}/pause',
  summary: 'Writes nothing until it is resumed.',
  role: 'operator',
});

const resumeFlow = defineRoute({
  ...common,
  name: 'resumeFlow',
  path: '/v1/flows/{flow}/resume',
  summary: 'Goes on, also after the flow has stopped by itself.',
  role: 'operator',
});

const approveFlow = defineRoute({
  ...common,
  name: 'approveFlow',
  path: '/v1/flows/{flow}/approve',
  summary: 'Lets groups that are held be written, or a whole run with all numbers it is held for.',
  role: 'approver',
  body: flowApproveBody,
});

const resyncFlow = defineRoute({
  ...common,
  name: 'resyncFlow',
  path: '/v1/flows/{flow}/resync',
  summary: 'Looks at groups again as if they had changed.',
  role: 'operator',
  body: flowResyncBody,
});

const retryFlow = defineRoute({
  ...common,
  name: 'retryFlow',
  path: '/v1/flows/{flow}/retry',
  summary: 'Tries again what was refused or could not be mapped.',
  role: 'operator',
  body: flowRetryBody,
});

const undoFlow = defineRoute({
  ...common,
  name: 'undoFlow',
  path: '/v1/flows/{flow}/undo',
  summary: 'Writes again what was there before a delivery, where the target can.',
  role: 'approver',
  body: flowUndoBody,
});

const testFlow = defineRoute({
  name: 'testFlow',
  method: 'POST',
  path: '/v1/flows/{flow}/test',
  tag: 'flows',
  summary: 'Takes groups or a sample through the mapping, up to where it would be written.',
  description:
    'Writes and journals nothing, and opens no personal data. The target is read, which needs the role operator; with `target=none` it is left alone.',
  role: 'viewer',
  params,
  query: z.object({
    target: z
      .enum(['read', 'none'])
      .default('read')
      .meta({ description: '`none` maps only: nothing is asked of the target.' }),
  }),
  body: flowTestBody,
  answer: flowTrialsShape,
});

export function registerFlowRoutes(routes: Routes, options: ApiOptions): void {
  const { engine, flows, clock } = options;
  const find = (name: string): FlowRunner => {
    try {
      return flows.find(name);
    } catch (thrown) {
      const { message, hint } = ensureError(thrown);
      throw new HttpProblem(404, 'E_NO_FLOW', message, hint);
    }
  };
  const statusOf = (runner: FlowRunner) => flowStatus(engine.reader, runner, clock.now());

  routes.on(listFlows, () => ({ flows: flows.all().map(statusOf) }));

  routes.on(readFlow, (call) => statusOf(find(call.params.flow)));

  routes.on(listDifferences, (call) => {
    const { before = null, limit } = call.query;
    return flowDifferences(engine, find(call.params.flow).flow.name, { before, limit });
  });

  routes.on(listDeliveries, (call) => {
    const { before = null, limit } = call.query;
    return flowDeliveries(engine, find(call.params.flow).flow, { before, limit });
  });

  routes.on(listGroups, (call) => {
    const { name } = find(call.params.flow).flow;
    return {
      groups: flows.lane(name, call.query.phase, call.query.limit).flatMap((group) => {
        const state = readGroup(engine.reader, name, group);
        return state === null ? [] : [groupStatus(group, state)];
      }),
    };
  });

  /** What every act answers: how many groups it was about. */
  const acted = async (
    action: string,
    call: {
      readonly principal: { readonly name: string };
      readonly params: { readonly flow: string };
      readonly query: { readonly dry: 'true' | 'false' };
    },
    work: (flow: string, actor: Actor) => Promise<number>,
  ) => {
    const { name: flow } = find(call.params.flow).flow;
    const actor = { principal: call.principal.name, isDry: call.query.dry === 'true' };
    return { flow, action, groups: await work(flow, actor) };
  };

  routes.on(pauseFlow, (call) => acted('pause', call, (flow, by) => flows.pause(flow, by)));
  routes.on(resumeFlow, (call) => acted('resume', call, (flow, by) => flows.resume(flow, by)));
  routes.on(approveFlow, (call) =>
    acted('approve', call, (flow, by) =>
      flows.approve(flow, by, 'groups' in call.body ? call.body.groups : []),
    ),
  );
  routes.on(resyncFlow, (call) =>
    acted('resync', call, (flow, by) =>
      flows.resync(flow, by, 'all' in call.body ? {} : call.body),
    ),
  );
  routes.on(retryFlow, (call) =>
    acted('retry', call, (flow, by) => flows.retry(flow, by, 'all' in call.body ? {} : call.body)),
  );
  routes.on(undoFlow, (call) => {
    const { delivery, groups = [] } = call.body;
    return acted('undo', call, (flow, by) => flows.undo(flow, by, delivery, groups));
  });

  routes.on(testFlow, async (call) => {
    const { name, write } = find(call.params.flow).flow;
    const isRead = call.query.target === 'read';
    // It spends calls of the target's budget, and a sample may name any record of it.
    if (isRead) call.demand('operator');
    const { faults, trials } = await flows.test(name, call.body, isRead);
    return { flow: name, write, faults, groups: trials };
  });
}
