import { parseArgs } from 'node:util';
import { everyRealMs } from './clock.js';
import { countsOf, type EmulatorOptions, SYSTEMS, startEmulators } from './emulators.js';
import { parseIntegration } from './retailer/parameters.js';

/** The emulators as a process: one line of JSON when ready, gone with a signal or its parent. */

const PARENT_CHECK_MS = 500;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    days: { type: 'string' },
    scale: { type: 'string' },
    variants: { type: 'string' },
    'order-lines': { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    'control-port': { type: 'string' },
    epoch: { type: 'string' },
    rate: { type: 'string' },
    'real-start': { type: 'string' },
    'webhook-url': { type: 'string' },
    live: { type: 'string' },
    edits: { type: 'string' },
    'manual-clock': { type: 'boolean' },
    'stock-meaning': { type: 'string' },
    version: { type: 'string' },
    returns: { type: 'boolean' },
    'requests-per-second': { type: 'string' },
    systems: { type: 'string' },
    model: { type: 'string' },
    'sap-port': { type: 'string' },
    'sap-requests-per-second': { type: 'string' },
    'sap-quiet': { type: 'string' },
    'sap-events-url': { type: 'string' },
    'erp-edits': { type: 'string' },
    'inriver-port': { type: 'string' },
    'inriver-relay-url': { type: 'string' },
    integration: { type: 'string' },
    'exit-with-parent': { type: 'boolean' },
  },
});

const numeric = <Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [key in Name]?: number } => {
  if (text === undefined) return {};
  const value = Number(text);
  if (Number.isNaN(value)) throw new RangeError(`${name}: "${text}" is not a number`);
  return { [name]: value } as { readonly [key in Name]?: number };
};

const stockMeaning = values['stock-meaning'];
if (
  stockMeaning !== undefined &&
  stockMeaning !== 'physical' &&
  stockMeaning !== 'reduced-by-open-orders'
) {
  throw new RangeError(
    `stock-meaning: "${stockMeaning}" is neither physical nor reduced-by-open-orders`,
  );
}

const model = values.model;
if (model !== undefined && model !== 'default' && model !== 'second') {
  throw new RangeError(`model: "${model}" is neither default nor second`);
}
const systems = values.systems?.split(',').map((name) => {
  const system = SYSTEMS.find((known) => known === name.trim());
  if (system === undefined) {
    throw new RangeError(`systems: "${name}" is none of ${SYSTEMS.join(', ')}`);
  }
  return system;
});
const [quietFrom, quietTo] = values['sap-quiet']?.split('-') ?? [];

const options: EmulatorOptions = {
  ...numeric('sapPort', values['sap-port']),
  ...numeric('sapRequestsPerSecond', values['sap-requests-per-second']),
  ...numeric('erpEditsPerHour', values['erp-edits']),
  ...numeric('inriverPort', values['inriver-port']),
  ...(systems === undefined ? {} : { systems }),
  ...(model === undefined ? {} : { model }),
  ...(quietFrom === undefined || quietTo === undefined
    ? {}
    : { sapQuietHours: { from: quietFrom, to: quietTo } }),
  ...(values['sap-events-url'] === undefined ? {} : { sapEventsUrl: values['sap-events-url'] }),
  ...(values['inriver-relay-url'] === undefined
    ? {}
    : { inriverRelayUrl: values['inriver-relay-url'] }),
  ...numeric('seed', values.seed),
  ...numeric('days', values.days),
  ...numeric('scale', values.scale),
  ...numeric('variants', values.variants),
  ...numeric('orderLines', values['order-lines']),
  ...numeric('port', values.port),
  ...numeric('controlPort', values['control-port']),
  ...numeric('epochMs', values.epoch),
  ...numeric('rate', values.rate),
  ...numeric('realStartMs', values['real-start']),
  ...numeric('ordersPerHour', values.live),
  ...numeric('editsPerHour', values.edits),
  ...numeric('requestsPerSecond', values['requests-per-second']),
  ...(values.host === undefined ? {} : { host: values.host }),
  ...(values['webhook-url'] === undefined ? {} : { webhookUrl: values['webhook-url'] }),
  ...(values['manual-clock'] === true ? { hasManualClock: true } : {}),
  ...(stockMeaning === undefined ? {} : { stockMeaning }),
  ...(values.version === undefined ? {} : { version: values.version }),
  ...(values.returns === true ? { hasReturns: true } : {}),
  ...(values.integration === undefined
    ? {}
    : { integration: parseIntegration(values.integration) }),
};

const parentPid = process.ppid;
const emulators = await startEmulators(options);
const stop = (): void => {
  void emulators.close().then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (values['exit-with-parent'] === true) {
  process.stdin.on('end', stop).on('error', stop).resume();
  // A parent that was killed closes nothing in time; being adopted by another process tells.
  everyRealMs(PARENT_CHECK_MS, () => {
    if (process.ppid !== parentPid) stop();
  });
}
process.stdout.write(
  `${JSON.stringify({
    ready: true,
    shopware: emulators.shopware,
    ...(emulators.sap === undefined ? {} : { sap: emulators.sap }),
    ...(emulators.inriver === undefined ? {} : { inriver: emulators.inriver }),
    control: emulators.control,
    generationSeconds: Math.round(emulators.generationSeconds * 1000) / 1000,
    counts: countsOf(emulators.world),
  })}\n`,
);
