/**
 * A mapping of a flow is tried over HTTP and on the command line: what it reads, gives and would
 * change, each mistake at its place; and nothing is written, by whoever asks.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import type { FlowTrials } from '../../packages/platform/dist/app/try-flow.js';
import { type Answers, readAnswers } from './support/answers.js';
import { type FlowSystems, startFlowSystems } from './support/flow-systems.js';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const config = pathOf('./support/flow-project/acceptance.config.ts');
const program = pathOf('../../packages/platform/dist/app/main.js');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('a trial of a flow', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-trial-'));
  let systems: FlowSystems;
  let platform: Platform;
  let answers: Answers;
  const tokens: Record<string, string> = {};

  const send = async (path: string, body: object, role = 'admin') => {
    const response = await fetch(`${platform.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[role]}` },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    expect(answers.problem('POST', path, response.status, answer)).toBeNull();
    return { status: response.status, answer: answer as FlowTrials & { readonly code: string } };
  };
  const test = async (body: object, flow = 'shop.thing') =>
    (await send(`/v1/flows/${flow}/test`, body)).answer;

  const cli = async (map: string, ...args: string[]) => {
    const env = {
      ...process.env,
      ...{ HEADRACE_URL: platform.url, HEADRACE_TOKEN: tokens.operator },
      ...{ SYSTEMS_URL: systems.url, WRITE: 'shadow', MAP: map, EVERY_MS: '100' },
    };
    const given = ['map', 'test', ...args, '--config', config];
    const run = promisify(execFile)(process.execPath, [program, ...given], { env });
    return run.then(
      ({ stdout }) => ({ code: 0, out: stdout }),
      (thrown: { code: number; stdout: string }) => ({ code: thrown.code, out: thrown.stdout }),
    );
  };

  beforeAll(async () => {
    systems = await startFlowSystems(() => 0.5);
    const { erp, shop } = systems;
    for (let at = 0; at < 12; at += 1) erp.thing.put(`k${at}`, 10 + at);
    erp.order.put('o1', 2);
    shop.things.set('k1', { price: 999, step: 7 });
    shop.things.set('k2', { price: 12, step: 3 });
    shop.things.set('k3', { price: 10, step: 4 });
    platform = await startPlatform({
      project: await loadProject(config, {
        ...{ SYSTEMS_URL: systems.url, WRITE: 'shadow', MAP: 'plain', EVERY_MS: '100' },
      }),
      folder: join(folder, 'data'),
      log: silent,
      listen: { host: '127.0.0.1', port: 0 },
      crash: (error) => {
        throw error;
      },
    });
    answers = await readAnswers(platform.url);
    tokens.admin = platform.token ?? '';
    for (const role of ['viewer', 'operator']) {
      const made = await fetch(`${platform.url}/v1/tokens`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.admin}` },
        body: JSON.stringify({ name: role, role }),
      });
      tokens[role] = ((await made.json()) as { token: string }).token;
    }
    const isLooked = () => {
      const { due, differs } = platform.flows.find('shop.thing').state();
      return due === 0 && differs > 0 && platform.flows.find('shop.order').state().differs === 1;
    };
    for (let turn = 0; !isLooked(); turn += 1) {
      if (turn > 1000) expect.fail('the flows have not looked at everything');
      await delay(50);
    }
  });

  afterAll(async () => {
    await platform?.close();
    await systems?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows what is read, given, there and different, and what limits would say of it', async () => {
    const groups = ['k0', 'k1', 'k2', 'k3'].map((key) => `variant/${key}`);
    const answer = await test({ groups });
    expect(answer).toMatchObject({ flow: 'shop.thing', write: 'shadow', faults: [] });
    const [made, jump, level, small] = answer.groups;
    expect(made).toMatchObject({
      records: [{ entity: 'price', isOwn: false, sources: ['erp'] }],
      gives: { key: 'k0', fields: { price: 10, step: 1 } },
      ...{ target: null, isRead: true, faults: [] },
      live: { does: 'write', fields: ['price'] },
    });
    expect(jump).toMatchObject({
      target: { fields: { price: 999, step: 7 } },
      differences: [
        { field: 'price', before: 999, after: 11 },
        { field: 'step', before: 7, after: 2, isForeign: true },
      ],
      verdict: { does: 'show' },
      live: { does: 'hold', why: 'change', text: expect.stringContaining('999 → 11') },
    });
    expect(level).toMatchObject({ verdict: { does: 'level' }, differences: [] });
    expect(small?.live).toMatchObject({ does: 'write', text: 'Writes price.' });
    const recent = await test({ recent: 20 });
    expect(recent.groups.length).toBe(12);
    expect((await test({ recent: 2 })).groups.length).toBe(2);
    const unknown = await send('/v1/flows/shop.thing/test', { groups: ['variant/none'] });
    expect([unknown.status, unknown.answer.code]).toEqual([409, 'E_NO_GROUP']);
  });

  it('takes a sample, and says which of its records is wrong', async () => {
    const [known] = (await test({ groups: ['variant/k1'] })).groups;
    const [record] = known?.records ?? [];
    const fields = { ...record?.fields, list: { amount: '12', currency: 'EUR' } };
    const answer = await test({
      records: [
        { ...record, fields },
        { entity: 'price', fields: { ...fields, currency: 'euro' } },
        { entity: 'stock', fields: {} },
      ],
    });
    expect(answer.groups).toMatchObject([
      { group: 'variant/k1', gives: { fields: { price: 12 } }, target: { fields: { price: 999 } } },
    ]);
    expect(answer.faults.map(({ code, path }) => [code, path])).toEqual([
      ['E_FIELDS', 'records.1.fields.currency'],
      ['E_FLOW_SAMPLE', 'records.2'],
    ]);
    const empty = await send('/v1/flows/shop.thing/test', { records: [] });
    expect([empty.status, empty.answer.code]).toEqual([400, 'E_BODY']);
  });

  it('asks the target for an operator, and only maps for a viewer', async () => {
    const path = '/v1/flows/shop.thing/test';
    const body = { groups: ['variant/k1'] };
    const reads = systems.shop.reads;
    expect((await send(path, body, 'viewer')).status).toBe(403);
    const mapped = await send(`${path}?target=none`, body, 'viewer');
    expect(mapped.answer.groups).toMatchObject([
      { gives: { key: 'k1' }, target: null, isRead: false, verdict: { does: 'unknown' } },
    ]);
    expect(systems.shop.reads, 'calls of the shop').toBe(reads);
    expect((await send(path, body, 'operator')).answer.groups[0]?.isRead).toBe(true);
    expect(systems.shop.reads).toBe(reads + 1);
  });

  it('opens no name, though the flow would for its call', async () => {
    const { groups } = await test({ recent: 5 }, 'shop.order');
    expect(groups).toMatchObject([{ gives: { key: 'o1', fields: { lines: 2 } } }]);
    expect(JSON.stringify(groups)).not.toContain('Ada');
  });

  it('says so when the target does not answer, and shows the mapping all the same', async () => {
    systems.shop.isDown = true;
    const { groups } = await test({ groups: ['variant/k1'] });
    systems.shop.isDown = false;
    expect(groups).toMatchObject([
      { gives: { key: 'k1' }, isRead: false, faults: [{ at: 'read' }] },
    ]);
  });

  it('is had on the command line, and a mapping is corrected without the platform', async () => {
    const kept = await cli('plain', 'shop.thing', '--group', 'variant/k1', '--json');
    const sample = join(folder, 'sample.json');
    writeFileSync(sample, kept.out);
    expect(JSON.parse(kept.out)).toMatchObject({ changes: [{ key: 'k1' }], errors: [] });

    const threw = await cli('sale', 'shop.thing', '--sample', sample, '--json');
    expect(threw.code).toBe(2);
    const { errors } = JSON.parse(threw.out) as {
      errors: { code: string; place: { file: string; line: number } }[];
    };
    expect(errors).toMatchObject([{ group: 'variant/k1', at: 'map', code: 'E_FLOW_MAP' }]);
    const { file = '', line = 0 } = errors[0]?.place ?? {};
    expect(file).toBe('acceptance.config.ts');
    expect(readFileSync(config, 'utf8').split('\n')[line - 1]).toContain('sale.amount');

    const unfit = await cli('colour', 'shop.thing', '--sample', sample);
    expect(unfit.code).toBe(2);
    expect(unfit.out).toMatch(/price: "free"\n.*✗ Invalid input/);
    expect(unfit.out).toMatch(/colour: "red"\n.*✗ the sink has no such field/);
    expect(unfit.out).toContain('lookup colours(k1) → "red"');

    const mended = await cli('plain', 'shop.thing', '--sample', sample);
    expect(mended.code).toBe(0);
    expect(mended.out).toMatch(/price +999 +11/);
    expect(mended.out).toMatch(/step +7 +2 +\(owned elsewhere\)/);
    expect(mended.out).toContain('if live: → hold (change)');
  });

  it('has written nothing, and journaled nothing', async () => {
    const end = platform.engine.durableEnd();
    const before = JSON.stringify(platform.flows.find('shop.thing').state());
    await test({ recent: 20 });
    await test({ groups: ['variant/k1'] });
    const kinds = Array.from(
      { length: platform.engine.durableEnd() - end },
      (_, at) => platform.engine.history.entry(end + at, false)?.header.kind,
    );
    expect(kinds.filter((kind) => kind === 'outcome' || kind === 'control')).toEqual([]);
    expect(JSON.stringify(platform.flows.find('shop.thing').state())).toBe(before);
    expect([systems.shop.mutations, systems.web.mutations]).toEqual([0, 0]);
    expect(systems.shop.orders).toEqual([]);
  });
});
