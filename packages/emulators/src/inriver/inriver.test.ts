import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.js';
import { createFaultBoard, type FaultBoard } from '../control/faults.js';
import { DEFAULT_EPOCH_MS } from '../retailer/parameters.js';
import { createRetailer } from '../retailer/retailer.js';
import { askJson, type HookReceiver, startHookReceiver, until } from '../test-client.js';
import { createInriver, type Inriver } from './inriver.js';

const secret = `whsec_${Buffer.from('a secret of the relay').toString('base64')}`;
const world = () => createRetailer({ seed: 3, scale: 0.02, days: 20 }).world;

let pim: Inriver;
let clock: ManualClock;
let faults: FaultBoard;
let hooks: HookReceiver;

const start = async (more: object = {}) => {
  clock = createManualClock(DEFAULT_EPOCH_MS);
  faults = createFaultBoard(clock);
  return createInriver({
    ...{ world: world(), clock, faults, relaySecret: secret, relayUrl: hooks.url },
    keys: [
      { key: 'reads-and-writes', user: 'api', canWrite: true },
      { key: 'reads', user: 'reader', canWrite: false },
    ],
    ...more,
  });
};
const ask = (method: string, path: string, body?: unknown, key = 'reads-and-writes') =>
  askJson(`${pim.url}/api/v1.0.0/${path}`, method, body, { 'X-inRiver-APIKey': key });
const fetchData = (body: object) =>
  askJson(`${pim.url}/api/v1.0.1/entities:fetchdata`, 'POST', body, {
    'X-inRiver-APIKey': 'reads',
  });
const idsOf = async (type: string, ...more: object[]): Promise<number[]> => {
  const systemCriteria = [{ type: 'EntityTypeId', operator: 'Equal', value: type }, ...more];
  return (await ask('POST', 'query', { systemCriteria })).body.entityIds;
};

beforeEach(async () => {
  hooks = await startHookReceiver();
  pim = await start();
});
afterEach(async () => {
  await pim.close();
  await hooks.close();
});

describe('the PIM', () => {
  it('is the same for the same seed, and another company for another model', async () => {
    const rows = (from: Inriver) => JSON.stringify([...(from.ledger('pim-products') ?? [])]);
    const again = await start();
    expect(rows(again)).toBe(rows(pim));
    await again.close();
    const second = await start({ model: 'second' });
    const [first] = [...(second.ledger('pim-products') ?? [])];
    expect(first?.['productNo']).toBe([...(pim.ledger('pim-products') ?? [])][0]?.['productNo']);
    const ids = (from: Inriver) => from.store.model.entityTypes.flatMap(({ fields }) => fields);
    const names = new Set(ids(pim).map(({ id }) => id));
    expect(ids(second).filter(({ id }) => names.has(id))).toEqual([]);
    await second.close();
  });

  it('refuses strangers, writers without the right, and too many', async () => {
    expect((await ask('GET', 'model/languages', undefined, 'wrong')).status).toBe(401);
    const [id] = await idsOf('Product');
    const write = [{ fieldTypeId: 'ProductSeason', value: 'AW26' }];
    expect((await ask('PUT', `entities/${id}/fieldvalues`, write, 'reads')).status).toBe(403);
    await pim.close();
    pim = await start({ requestsPerSecond: 2 });
    const answers = [];
    for (let call = 0; call < 3; call++) answers.push(await ask('GET', 'model/languages'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get('retry-after')).toBe('1');
  });

  it('answers a query with every id at once, and finds what changed to the last digit', async () => {
    const all = await idsOf('Product');
    expect(all.length).toBe([...(pim.ledger('pim-products') ?? [])].length);
    const id = all.at(3);
    await clock.advance(60_000);
    await ask('PUT', `entities/${id}/fieldvalues`, [{ fieldTypeId: 'ProductSeason', value: 'X' }]);
    const { modifiedDate, completeness } = (await ask('GET', `entities/${id}/summary`)).body;
    expect(modifiedDate).toMatch(/^2026-05-04T08:01:00(\.\d{1,7})?$/);
    const since = (operator: string) => ({ type: 'LastModified', operator, value: modifiedDate });
    expect(await idsOf('Product', since('GreaterThanOrEqual'))).toEqual([id]);
    expect(await idsOf('Product', since('GreaterThan'))).toEqual([]);
    const complete = { type: 'Completeness', operator: 'Equal', value: completeness };
    expect(await idsOf('Product', complete)).toContain(id);
    expect((await ask('POST', 'query', { systemCriteria: [{ type: 'Odd' }] })).status).toBe(400);
  });

  it('fetches at most a thousand, with what is asked for and the links of the types named', async () => {
    const [id] = await idsOf('Product');
    const entityIds = Array.from({ length: 1001 }, (_, index) => index);
    expect((await fetchData({ entityIds, objects: 'EntitySummary' })).status).toBe(400);
    const { body } = await fetchData({
      entityIds: [id, 999_999_999],
      objects: 'EntitySummary,FieldValues,MediaDetails',
      fieldTypeIds: 'ProductId,ItemSku',
      outbound: { linkTypeIds: 'ProductItem', objects: 'FieldValues' },
      inbound: { linkTypeIds: 'ChannelNodeProducts' },
    });
    const row = [...(pim.ledger('pim-products') ?? [])].find((entry) => entry['id'] === String(id));
    expect(body).toHaveLength(1);
    expect(body[0].summary.entityTypeId).toBe('Product');
    expect(body[0].fieldValues).toEqual([{ fieldTypeId: 'ProductId', value: row?.['productNo'] }]);
    const skus = body[0].outbound.map(
      (one: { fieldValues: { value: string }[] }) => one.fieldValues[0]?.value,
    );
    expect(skus).toEqual(row?.['items']);
    expect(body[0].inbound.map((one: { entityId: number }) => String(one.entityId))).toEqual(
      row?.['categories'],
    );
    expect(body[0].mediaDetails.map((one: { fileName: string }) => one.fileName)).toEqual(
      row?.['pictures'],
    );
  });

  it('keeps the history of a field', async () => {
    const [id] = await idsOf('Item');
    for (const value of [1, 2]) {
      await clock.advance(1000);
      await ask('PUT', `entities/${id}/fieldvalues`, [{ fieldTypeId: 'ItemPackSize', value }]);
    }
    const { body } = await ask('GET', `entities/${id}/fieldvalues/ItemPackSize/revisions`);
    expect(body.map((entry: { value: number }) => entry.value).slice(0, 2)).toEqual([2, 1]);
    expect(body[0]).toMatchObject({ revision: body.length, modifiedBy: 'api' });
  });

  it('checks values against the model before it writes any', async () => {
    const [first, second] = await idsOf('Product');
    const taken = [...(pim.ledger('pim-products') ?? [])][0]?.['productNo'];
    for (const [fieldTypeId, value] of [
      ['ProductBrand', ['gamma']],
      ['ProductImageQuality', 'good'],
      ['ProductId', taken],
      ['ProductName', { fr: 'Veste' }],
      ['Unheard', 1],
    ]) {
      const answer = await ask('PUT', `entities/${second}/fieldvalues`, [{ fieldTypeId, value }]);
      expect(answer.status, String(fieldTypeId)).toBe(400);
    }
    const { body } = await ask('POST', 'entities:mapuniquevalues', {
      fieldTypeId: 'ProductId',
      uniqueValues: [taken, 'nobody'],
    });
    expect(body).toEqual({ [String(taken)]: first, nobody: null });
  });

  it('creates, links, unlinks and deletes, and the structure follows', async () => {
    const made = await ask('POST', 'entities:createnew', {
      entityTypeId: 'Product',
      fieldValues: [
        { fieldTypeId: 'ProductId', value: 'NEW-1' },
        { fieldTypeId: 'ProductName', value: { en: 'New' } },
      ],
    });
    const [node] = (await idsOf('ChannelNode')).slice(-1);
    const link = await ask('POST', 'links', {
      linkTypeId: 'ChannelNodeProducts',
      sourceEntityId: node,
      targetEntityId: made.body.id,
    });
    const [channel] = (await ask('GET', `channels?forEntityId=${made.body.id}`)).body;
    const listed = async () =>
      (await ask('GET', `channels/${channel.id}/entitylist?entityTypeId=Product`)).body.entityIds;
    expect(await listed()).toContain(made.body.id);
    const places = await ask(
      'GET',
      `channels/${channel.id}/entities/${made.body.id}/structureentities`,
    );
    expect(places.body[0].path).toMatch(new RegExp(`^${channel.id}/.*/${made.body.id}$`));
    const before = (await ask('GET', `entities/${made.body.id}/summary`)).body.modifiedDate;
    await clock.advance(1000);
    expect((await ask('DELETE', `links/${link.body.id}`)).status).toBe(204);
    expect(await listed()).not.toContain(made.body.id);
    expect((await ask('GET', `entities/${made.body.id}/summary`)).body.modifiedDate).toBe(before);
    expect((await ask('DELETE', `entities/${made.body.id}`)).status).toBe(204);
    expect((await ask('GET', `entities/${made.body.id}/summary`)).status).toBe(404);
  });
});

describe('the relay', () => {
  it('signs what it sends and names the entity only', async () => {
    const result = pim.command({ kind: 'pim-rename', name: 'Renamed' }, clock.now());
    await until(() => hooks.received.length === 1);
    const [hook] = hooks.received;
    expect(hook?.body).toMatchObject({ event: 'EntityUpdated', entityId: Number(result?.id) });
    expect(JSON.stringify(hook?.body)).not.toContain('Renamed');
    const signed = `${hook?.headers['webhook-id']}.${hook?.headers['webhook-timestamp']}.${hook?.raw}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    expect(hook?.headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
  });

  it('tries again with the same id, and loses and doubles what the fault board says', async () => {
    hooks.status = 500;
    pim.command({ kind: 'pim-rename' }, clock.now());
    await until(() => hooks.received.length === 1 && pim.relay.pending() === 0);
    hooks.status = 200;
    await clock.advance(5_000);
    await until(() => hooks.received.length === 2);
    const ids = hooks.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    faults.add({ kind: 'drop-webhook', scope: 'inriver', times: 1 });
    pim.command({ kind: 'pim-rename' }, clock.now());
    faults.add({ kind: 'duplicate-webhook', scope: 'inriver.Entity', times: 1 });
    pim.command({ kind: 'pim-rename' }, clock.now());
    await until(() => hooks.received.length === 4);
    expect(hooks.received[2]?.headers['webhook-id']).toBe(hooks.received[3]?.headers['webhook-id']);
  });

  it('tells of what people edit by themselves', async () => {
    pim.setEditsPerHour(600);
    await clock.advance(600_000);
    pim.setEditsPerHour(0);
    expect(pim.editCount()).toBeGreaterThan(50);
    await until(() => pim.relay.pending() === 0);
    expect(new Set(hooks.received.map(({ body }) => body.event)).size).toBeGreaterThan(2);
  });
});
