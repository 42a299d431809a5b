import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type ManualClock, yieldToEventLoop } from '../clock.js';
import { readBody, sendJson } from '../http.js';
import type { Inriver } from '../inriver/inriver.js';
import type { LiveTraffic } from '../retailer/live.js';
import type { World } from '../retailer/world.js';
import type { WebhookSubscription } from '../sap/events/event-mesh.js';
import type { Sap } from '../sap/sap.js';
import type { Shop } from '../shopware/shop.js';
import type { WebhookDispatcher } from '../shopware/webhooks.js';
import type { CallCounter } from './calls.js';
import type { Command } from './command-targets.js';
import type { CommandResult, CommandRunner } from './commands.js';
import type { FaultBoard, FaultOrder } from './faults.js';
import { LEDGERS, SHOP_LEDGERS } from './ledger.js';
import { ERP_LEDGERS } from './ledger-erp.js';
import { erpHidden } from './ledger-erp-hidden.js';
import type { IdOf, LedgerRow } from './ledger-row.js';

/** The port beside the shop: truth, faults, time and commands. No shop ever has this. */

export interface ControlOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly manualClock: ManualClock | undefined;
  readonly faults: FaultBoard;
  readonly calls: CallCounter;
  readonly live: LiveTraffic;
  readonly dispatcher: WebhookDispatcher;
  /** What clients have written into it. */
  readonly shop: Pick<Shop, 'written' | 'parts' | 'reference'>;
  readonly runCommand: CommandRunner;
  readonly idOf: IdOf;
  readonly sap: Sap | undefined;
  readonly pim: Inriver | undefined;
  readonly facts: () => Record<string, unknown>;
}

type Handler = (match: RegExpExecArray, body: unknown, response: ServerResponse) => unknown;

export const createControlListener = (
  options: ControlOptions,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const routes = createRoutes(options);
  return (request, response) => {
    serve(routes, request, response).catch((error: unknown) => {
      const status = error instanceof RangeError || error instanceof SyntaxError ? 400 : 500;
      if (response.headersSent) response.destroy();
      else
        sendJson(response, status, {
          error: error instanceof Error ? error.message : String(error),
        });
    });
  };
};

type Route = readonly [method: string, pattern: RegExp, handler: Handler];

const serve = async (
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const bytes = await readBody(request);
  for (const [method, pattern, handler] of routes) {
    const match = pattern.exec(path);
    if (match === null || method !== request.method) continue;
    const body: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString());
    const result = await handler(match, body, response);
    if (result !== undefined) sendJson(response, 200, result);
    return;
  }
  sendJson(response, 404, { error: `no ${request.method} ${path}` });
};

const createRoutes = (options: ControlOptions): readonly Route[] => {
  const { clock, faults, calls, live } = options;
  return [
    ['GET', /^\/ready$/, () => ({ ready: true, ...options.facts() })],
    ['GET', /^\/clock$/, () => ({ now: clock.now(), manual: options.manualClock !== undefined })],
    ['GET', /^\/calls$/, () => calls.counts()],
    [
      'DELETE',
      /^\/calls$/,
      () => {
        calls.reset();
        return { reset: true };
      },
    ],
    ['POST', /^\/faults$/, (_, body) => faults.add(body as FaultOrder)],
    ['GET', /^\/faults$/, () => ({ faults: faults.active() })],
    ['GET', /^\/faults\/log$/, () => ({ injected: faults.log() })],
    [
      'DELETE',
      /^\/faults$/,
      () => {
        faults.clear();
        return { cleared: true };
      },
    ],
    ['DELETE', /^\/faults\/([^/]+)$/, (match) => ({ removed: faults.remove(match[1] ?? '') })],
    [
      'GET',
      /^\/webhooks$/,
      () => ({
        ...options.dispatcher.counters,
        pending: options.dispatcher.pending,
        webhooks: options.dispatcher.rows.filter((row) => row.isDeleted !== true),
      }),
    ],
    [
      'POST',
      /^\/webhooks\/enable$/,
      () => {
        for (const row of options.dispatcher.rows) {
          row.active = true;
          row.errorCount = 0;
        }
        return { enabled: options.dispatcher.rows.length };
      },
    ],
    ['GET', /^\/sap\/webhooks$/, () => ({ webhooks: options.sap?.mesh.webhooks() ?? [] })],
    [
      'POST',
      /^\/sap\/webhooks$/,
      (_, body) => {
        if (options.sap === undefined)
          throw new RangeError('there is no SAP: start with --systems sap');
        const { name, url } = body as { name?: unknown; url?: unknown };
        if (typeof name !== 'string' || typeof url !== 'string')
          throw new RangeError('name and url must be text');
        options.sap.mesh.subscribe(body as WebhookSubscription);
        return { subscribed: name };
      },
    ],
    [
      'POST',
      /^\/sap\/webhooks\/resume$/,
      (_, body) => ({
        resumed: options.sap?.mesh.resume((body as { name: string }).name) ?? false,
      }),
    ],
    ['GET', /^\/live$/, () => ({ ...live.rates(), done: live.counts() })],
    [
      'POST',
      /^\/live$/,
      (_, body) => {
        const {
          ordersPerHour = 0,
          editsPerHour = 0,
          erpEditsPerHour,
        } = body as Record<string, number>;
        live.set({
          ordersPerHour,
          editsPerHour,
          ...(erpEditsPerHour === undefined ? {} : { erpEditsPerHour }),
        });
        options.pim?.setEditsPerHour(editsPerHour);
        return live.rates();
      },
    ],
    [
      'POST',
      /^\/advance$/,
      async (_, body) => {
        const { ms } = body as { ms?: unknown };
        if (options.manualClock === undefined)
          throw new RangeError('the clock is not a manual one');
        if (typeof ms !== 'number' || ms < 0)
          throw new RangeError('ms must be a number of at least 0');
        await options.manualClock.advance(ms);
        return { now: clock.now(), done: live.counts() };
      },
    ],
    ['POST', /^\/commands$/, (_, body) => runCommands(options, body)],
    ['GET', /^\/ledger$/, () => ({ ledgers: ledgerNames(options) })],
    [
      'GET',
      /^\/ledger\/([a-z-]+)$/,
      (match, _, response) => dump(ledgerRows(options, match[1] ?? ''), response),
    ],
  ];
};

/** One command or many; in a list, one that fails leaves its error in its place. */
const runCommands = (options: ControlOptions, body: unknown): unknown => {
  const run = (command: Command): CommandResult => options.runCommand(command, options.clock.now());
  const listed = Array.isArray(body) ? body : (body as { commands?: unknown }).commands;
  if (!Array.isArray(listed)) return run(body as Command);
  return {
    results: listed.map((command: Command) => {
      try {
        return run(command);
      } catch (error) {
        return {
          kind: command.kind,
          error: error instanceof Error ? error.message : String(error),
        };
      }
    }),
  };
};

const CHUNK_BYTES = 256 * 1024;

const ledgerNames = ({ sap, pim }: ControlOptions): readonly string[] => [
  ...Object.keys(LEDGERS),
  ...Object.keys(SHOP_LEDGERS),
  ...(sap === undefined ? [] : Object.keys(ERP_LEDGERS)),
  ...(pim?.ledgerNames ?? []),
];

const ledgerRows = (options: ControlOptions, name: string): Iterable<LedgerRow> => {
  const { world, sap, pim } = options;
  const inShop = LEDGERS[name]?.(world, options.idOf) ?? SHOP_LEDGERS[name]?.(world, options.shop);
  const inErp = sap === undefined ? undefined : ERP_LEDGERS[name]?.(sap.erp);
  const rows = inShop ?? inErp ?? pim?.ledger(name);
  if (rows === undefined) throw new RangeError(`no ledger ${name}`);
  // What is due by now belongs to the truth of now.
  sap?.catchUp();
  return name === 'hidden' && sap !== undefined ? withHidden(rows) : rows;
};

function* withHidden(rows: Iterable<LedgerRow>): Generator<LedgerRow> {
  yield* rows;
  yield* erpHidden();
}

const dump = async (rows: Iterable<LedgerRow>, response: ServerResponse): Promise<undefined> => {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  let chunk = '';
  for (const row of rows) {
    chunk += `${JSON.stringify(row)}\n`;
    if (chunk.length < CHUNK_BYTES) continue;
    if (!response.write(chunk)) await once(response, 'drain');
    chunk = '';
    await yieldToEventLoop();
  }
  response.end(chunk);
  return undefined;
};
