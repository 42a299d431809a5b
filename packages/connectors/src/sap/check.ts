import type { CheckResult, HeadraceError, Permission } from '@headrace/sdk';
import { ensureError, isUnreachable } from '@headrace/sdk';
import { queueTokens } from './event-queue.js';
import { readMetadata } from './metadata.js';
import { readPlants, readSalesAreas } from './model.js';
import { notify } from './notify.js';
import type { SapContext } from './odata/question.js';
import { readFieldsByService } from './read-fields.js';
import { knownIn } from './release.js';
import { servicesOf, streams } from './streams.js';

/** What a communication user needs, by service: the scenario that carries it in S/4HANA Cloud. */
const scenarios: Readonly<Record<string, { readonly scenario: string; readonly why: string }>> = {
  API_PRODUCT_SRV: { scenario: 'SAP_COM_0009', why: 'materials, planning data and cost' },
  API_MATERIAL_STOCK_SRV: { scenario: 'SAP_COM_0164', why: 'stock' },
  API_MATERIAL_DOCUMENT_SRV: { scenario: 'SAP_COM_0108', why: 'postings of stock' },
  API_SALES_ORDER_SRV: {
    scenario: 'SAP_COM_0109',
    why: 'sales orders, and the orders of deliveries',
  },
  API_PURCHASEORDER_PROCESS_SRV: { scenario: 'SAP_COM_0053', why: 'purchase orders' },
  API_OUTBOUND_DELIVERY_SRV: { scenario: 'SAP_COM_0106', why: 'deliveries' },
  API_CUSTOMER_RETURN_SRV: { scenario: 'SAP_COM_0157', why: 'customer returns' },
  API_SLSPRICINGCONDITIONRECORD_SRV: { scenario: 'SAP_COM_0294', why: 'prices' },
  API_BUSINESS_PARTNER: { scenario: 'SAP_COM_0008', why: 'customers, accounts and suppliers' },
};

/** The same scenarios carry writing; on premise it is an authorization of its own. */
const writing: Readonly<Record<string, string>> = {
  API_SALES_ORDER_SRV:
    'entering and changing sales orders, and reading their partners and conditions',
  API_PURCHASEORDER_PROCESS_SRV: 'entering purchase orders',
};

export const permissions: readonly Permission[] = [
  ...Object.entries(scenarios).map(([service, { scenario, why }]) => ({
    name: `${service} (${scenario})`,
    why,
  })),
  ...Object.entries(writing).map(([service, why]) => ({
    name: `${service} (${scenarios[service]?.scenario}), to write`,
    why,
    isForWriting: true,
  })),
];

/**
 * One result for each service and each stream of the settings' own, read as the stream reads it, and
 * one for each list of names. Where SAP is not reached or refuses the credentials, that is the one
 * result: nothing else could be had, and SAP locks a user who is refused too often.
 */
export async function check(context: SapContext): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const all = streams(context.config);
  const closed = await doorResult(context);
  if (closed !== null) return [closed];
  for (const [service, names] of servicesOf(context.config)) {
    const { scenario = '', why = '' } = scenarios[service] ?? {};
    const advice = `Give the communication user ${scenario} (on premise: activate ${service} and allow its reading), needed for ${why}.`;
    results.push(
      await attempt(`${service} (${scenario})`, advice, async () => {
        for (const name of names) await tryStream(context, all, name);
        const missing = await missingIn(context, service);
        const without =
          missing.length === 0 ? '' : ` This release is without ${missing.join(', ')}.`;
        return `Can be read: ${why}.${without}`;
      }),
    );
  }
  for (const name of Object.keys(context.config.odata)) {
    const advice = `The stream ${name} cannot be read: compare its settings with the service.`;
    results.push(
      await attempt(`odata ${name}`, advice, async () => {
        await tryStream(context, all, name);
        return 'Can be read.';
      }),
    );
  }
  results.push(...(await nameResults(context)));
  results.push(await eventsResult(context));
  return results;
}

/** Null where SAP answers and takes the credentials, whatever they may then do. */
async function doorResult(context: SapContext): Promise<CheckResult | null> {
  const [service] = servicesOf(context.config).keys();
  if (service === undefined) return null;
  try {
    await readMetadata(context, `/sap/opu/odata/sap/${service}`);
    return null;
  } catch (thrown) {
    const error = ensureError(thrown);
    const advice = doorAdvice(error);
    if (advice === null) return null;
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    return { name: 'system', ok: false, text: `${advice} ${error.message}${hint}` };
  }
}

function doorAdvice(error: HeadraceError): string | null {
  if (isUnreachable(error)) return 'SAP is not reached.';
  const { status, where } = error.context;
  if (status === 401) {
    return 'SAP does not accept the user and the password: try them once in a browser before this again, for SAP locks a user after a few refusals.';
  }
  // Where no token is had, nothing was asked of a service yet.
  if (typeof where === 'string' && where.startsWith('POST')) {
    return 'No token is had: compare client id, secret and `tokenUrl` with the communication arrangement.';
  }
  return null;
}

/** What the settings name and SAP does not have, and the other way round. */
async function nameResults(context: SapContext): Promise<readonly CheckResult[]> {
  const { plants, salesAreas } = context.config;
  return [
    await attempt('plants', 'The plants cannot be listed.', async () =>
      comparedNames('plants', Object.keys(plants), await readPlants(context), {
        of: (key) => key.split('/')[0] ?? key,
        none: 'No material is in',
      }),
    ),
    await attempt('sales areas', 'The sales areas cannot be listed.', async () =>
      comparedNames('salesAreas', Object.keys(salesAreas), await readSalesAreas(context), {
        of: (key) => key,
        none: 'No order is of',
      }),
    ),
  ];
}

function comparedNames(
  setting: string,
  named: readonly string[],
  found: readonly string[],
  { of, none }: { of(key: string): string; readonly none: string },
): { readonly ok: boolean; readonly text: string } {
  const has = found.length === 0 ? 'None was found.' : `Found: ${found.join(', ')}.`;
  const unknown = named.filter((key) => found.length > 0 && !found.includes(of(key)));
  const left = found.filter((id) => named.length > 0 && !named.some((key) => of(key) === id));
  if (unknown.length > 0) {
    return { ok: false, text: `${none} ${unknown.join(', ')}, which \`${setting}\` names. ${has}` };
  }
  if (left.length > 0) {
    return { ok: true, text: `Not read, for \`${setting}\` does not name it: ${left.join(', ')}.` };
  }
  if (named.length > 0)
    return { ok: true, text: `All that are there are named: ${found.join(', ')}.` };
  return {
    ok: true,
    text: `All are read under their numbers, for \`${setting}\` is empty. ${has}`,
  };
}

/** What is read elsewhere and this release does not have. */
async function missingIn(context: SapContext, service: string): Promise<readonly string[]> {
  const isKnown = await knownIn(context, `/sap/opu/odata/sap/${service}`);
  return Object.entries(readFieldsByService()[service] ?? {}).flatMap(([set, fields]) =>
    fields.filter((field) => !isKnown(set, field)).map((field) => `${set}.${field}`),
  );
}

/** A point read asks for everything the stream asks for, and costs no more than one row. */
async function tryStream(
  context: SapContext,
  all: ReturnType<typeof streams>,
  name: string,
): Promise<void> {
  const stream = all.find((each) => each.name === name);
  const key =
    stream?.names?.key
      .split('/')
      .map(() => '0')
      .join('/') ?? '0';
  await stream?.fetch?.(context, [key]);
}

async function attempt(
  name: string,
  advice: string,
  run: () => Promise<string | { readonly ok: boolean; readonly text: string }>,
): Promise<CheckResult> {
  try {
    const found = await run();
    return { name, ...(typeof found === 'string' ? { ok: true, text: found } : found) };
  } catch (thrown) {
    const error = ensureError(thrown);
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    return { name, ok: false, text: `${advice} ${error.message}${hint}` };
  }
}

async function eventsResult(context: SapContext): Promise<CheckResult> {
  const { config } = context;
  const { events } = config;
  const name = 'business events';
  if (events !== undefined) {
    const advice = `No token for the queue ${events.queue} can be had: compare \`events\` with the service key.`;
    return attempt(name, advice, async () => {
      await queueTokens(context, events).headers();
      return `Fetched from the queue ${events.queue}. It is not looked into here: what is handed out would come again only minutes later.`;
    });
  }
  const slowest = Math.max(...streams(config).map(({ everyMs }) => everyMs)) / 1000;
  const text =
    notify.secrets(config).length === 0
      ? `No secret for events is set; changes are polled, at the latest every ${slowest} s.`
      : 'Events are taken. SAP does not tell whether it still sends them; polling repairs what is lost.';
  return { name, ok: true, text };
}
