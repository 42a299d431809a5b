import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { Timers } from '@headrace/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { smtpMailer } from '../ports/index.js';
import { alertSinks } from './alert-channels.js';
import {
  type Alert,
  type AlertFacts,
  alertsPart,
  type Differing,
  keysMax,
  nextAlerts,
  type Standing,
  standingOf,
} from './alerts.js';
import { FoldHarness } from './fold-harness.js';
import { foldOf } from './part.js';

const start = 1_760_000_000_000;
const second = 1000;
const late: AlertFacts['checks'][number] = {
  check: 'watermark-lag',
  target: 'erp/stock',
  culprit: 'erp',
  why: 'It is late.',
  since: start,
};
const quiet: AlertFacts = {
  ...{ now: start, checks: [], streams: [], differing: new Map(), freeBytes: null, trouble: null },
};

describe('alerts', () => {
  it('are raised once and told to be over once it has been well for a minute', () => {
    let standing = new Map<string, Standing>();
    const look = (at: number, checks: readonly (typeof late)[]) => {
      const next = nextAlerts(standing, { ...quiet, now: start + at * second, checks });
      standing = next.standing;
      return [...next.raised, ...next.recovered].map(({ state }) => state);
    };
    expect(look(0, [late])).toEqual(['raised']);
    expect(look(1, [late])).toEqual([]);
    expect(look(2, []), 'flapping').toEqual([]);
    expect(look(3, [late])).toEqual([]);
    expect(look(40, [])).toEqual([]);
    expect(look(64, [])).toEqual(['recovered']);
    expect(look(65, [])).toEqual([]);
    expect(look(66, [late])).toEqual(['raised']);
  });

  describe('of two systems that differ', () => {
    const hour = 3600 * second;
    const price = (why: string): AlertFacts['checks'][number] => ({
      ...{ check: 'price', target: 'price', culprit: 'erp', why, since: start },
    });
    const keys = (...names: string[]): Differing[] =>
      names.map((key) => ({ key, culprit: key.startsWith('erp') ? 'erp' : 'shop' }));
    const looking = () => {
      let standing = new Map<string, Standing>();
      return (at: number, differing: readonly Differing[]) => {
        const next = nextAlerts(standing, {
          ...{ ...quiet, now: start + at, differing: new Map([['price', differing]]) },
          checks: differing.length === 0 ? [] : [price(`They disagree on ${differing.length}.`)],
        });
        standing = next.standing;
        return [...next.raised, ...next.recovered];
      };
    };

    it('are told again when other keys come to differ, with whose fault these are', () => {
      const look = looking();
      expect(look(0, keys('erp1'))).toMatchObject([{ state: 'raised', keys: ['erp1'] }]);
      expect(look(30 * hour, keys('erp1'))).toEqual([]);
      const [again, ...others] = look(31 * hour, keys('s1', 'erp1'));
      expect(others).toEqual([]);
      expect(again).toMatchObject({
        ...{ id: 'price price', state: 'raised', culprit: 'shop', keys: ['s1', 'erp1'] },
        ...{ message: 'They disagree on 2. New among them: s1.' },
        ...{ since: start, at: start + 31 * hour },
      });
      expect(look(60 * hour, keys('s1', 'erp1'))).toEqual([]);
      expect(look(61 * hour, keys('erp1')), 'one is level').toEqual([]);
      expect(look(70 * hour, keys('s1', 'erp1')), 'it comes and goes').toEqual([]);
      expect(look(71 * hour, [])).toMatchObject([{ state: 'recovered', at: start + 71 * hour }]);
    });

    it('are told again once an hour while a fault goes from key to key', () => {
      const look = looking();
      const differing: Differing[] = [];
      const told: number[] = [];
      for (let minute = 0; minute <= 180; minute += 1) {
        differing.unshift(...keys(`s${minute}`));
        const [alert] = look((minute * hour) / 60, [...differing]);
        if (alert === undefined) continue;
        told.push(minute);
        if (minute === 60) expect(alert.message).toContain('s60, s59, s58 and 57 more.');
      }
      expect(told).toEqual([0, 60, 120, 180]);
    });

    it('name a bounded number of keys', () => {
      const look = looking();
      const many = keys(...Array.from({ length: 3 * keysMax }, (_, index) => `s${index}`));
      expect(look(0, many)[0]?.keys).toHaveLength(keysMax);
      expect(look(2 * hour, keys('new', 's0'))[0]?.keys).toHaveLength(keysMax);
    });

    it('say nothing of keys that differed before, when there are more than they remember', () => {
      const look = looking();
      const many = keys(...Array.from({ length: 300 }, (_, index) => `s${index}`));
      look(0, many);
      for (let at = 1; at <= 10; at += 1) {
        expect(look(at * hour, many.slice(at)), `${at} are level`).toEqual([]);
      }
      const [again] = look(11 * hour, [...keys('new'), ...many.slice(11)]);
      expect(again?.message).toContain('New among them: new.');
      expect(look(12 * hour, [...keys('new'), ...many.slice(11)])).toEqual([]);
    });

    it('are told again after a restart of what was not told before it', () => {
      const alert: Alert = {
        ...{ id: 'price price', state: 'raised', kind: 'disagreement', target: 'price' },
        ...{ culprit: 'erp', message: 'Apart.', since: start, at: start, keys: ['erp1'] },
      };
      const harness = new FoldHarness(foldOf('test', 1, [alertsPart()]), start);
      harness.control({ ...alert, action: 'alert', principal: 'system' });
      const after = (names: string[]) =>
        nextAlerts(standingOf(harness.reader), {
          ...{ ...quiet, now: start + 2 * hour, checks: [price('Apart.')] },
          differing: new Map([['price', keys(...names)]]),
        }).raised.map((raised) => raised.keys);
      expect(after(['erp1'])).toEqual([]);
      expect(after(['s1', 'erp1'])).toEqual([['s1', 'erp1']]);
    });
  });

  it('tell of a disk that fills and of a stream that cannot be read', () => {
    const alarms = [{ code: 'E_READ', message: 'The system answered 503.', since: start }];
    const { raised } = nextAlerts(new Map(), {
      ...{ ...quiet, freeBytes: 1 << 20 },
      streams: [{ name: 'erp/stock', alarms }],
    });
    expect(raised.map(({ kind, culprit }) => [kind, culprit])).toEqual([
      ['errors', 'erp'],
      ['disk', 'headrace'],
    ]);
  });

  it('stand after a restart as they were journaled', () => {
    const harness = new FoldHarness(foldOf('test', 1, [alertsPart()]), start);
    const alert: Alert = {
      ...{ id: 'disk', state: 'raised', kind: 'disk', target: 'data', culprit: 'headrace' },
      ...{ message: 'Full.', since: start, at: start, keys: [] },
    };
    harness.control({ ...alert, action: 'alert', principal: 'system' });
    harness.control({
      ...alert,
      id: 'x',
      state: 'recovered',
      action: 'alert',
      principal: 'system',
    });
    expect([...standingOf(harness.reader).values()]).toEqual([{ alert, seenAt: start }]);
  });
});

describe('channels', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  const alert: Alert = {
    ...{ id: 'silence shop/order', state: 'raised', kind: 'silence', target: 'shop/order' },
    ...{ culprit: 'shop', message: 'Nothing new for 9 min.', since: start, at: start, keys: [] },
  };
  const timers: Timers = { sleep: async () => undefined };
  const ports = { fetch, mailer: smtpMailer, timers, now: () => start };

  async function hook(statuses: number[]) {
    const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        calls.push({ headers: request.headers, body });
        response.writeHead(statuses[calls.length - 1] ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls };
  }

  it('sign a webhook as the specification says, and send it again under the same id', async () => {
    const { url, calls } = await hook([503, 200]);
    const secret = `whsec_${Buffer.from('a very secret key of bytes').toString('base64')}`;
    const [sink] = alertSinks({ webhook: { url, secret } }, ports);
    await sink?.send(alert);
    expect(calls).toHaveLength(2);
    expect(calls[0]?.headers['webhook-id']).toBe(calls[1]?.headers['webhook-id']);
    const { headers, body } = calls[1] as (typeof calls)[number];
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from('a very secret key of bytes');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(JSON.parse(body)).toMatchObject({ type: 'headrace.alert.raised', data: alert });
  });

  it('give a Slack hook one line, and say when it stays down', async () => {
    const { url, calls } = await hook([200]);
    const [slack] = alertSinks({ slack: { url } }, ports);
    await slack?.send(alert);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({
      text: '[headrace] silence: shop/order. Nothing new for 9 min.',
    });
    const down = await hook([500, 500, 500, 500, 500]);
    const [other] = alertSinks({ slack: { url: down.url } }, ports);
    await expect(other?.send(alert)).rejects.toMatchObject({ code: 'E_ALERT_CHANNEL' });
    expect(down.calls).toHaveLength(5);
  });

  it('hand mail to a relay, and no address that could begin another command', async () => {
    const heard: string[] = [];
    const server = createTcpServer((socket) => {
      let inData = false;
      socket.write('220 relay\r\n');
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().split('\r\n').slice(0, -1)) {
          heard.push(line);
          if (inData) {
            if (line === '.') socket.write('250 taken\r\n');
            inData = line !== '.';
          } else if (line.startsWith('EHLO')) socket.write('250-relay\r\n250 8BITMIME\r\n');
          else if (line === 'DATA') {
            inData = true;
            socket.write('354 go on\r\n');
          } else socket.write(line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
        }
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const mail = { url, from: 'Headrace <alerts@shop.example>', to: ['ops@shop.example'] };
    const [sink] = alertSinks({ mail }, ports);
    await sink?.send(alert);
    expect(heard).toContain('MAIL FROM:<alerts@shop.example>');
    expect(heard).toContain('RCPT TO:<ops@shop.example>');
    const body = heard.slice(heard.indexOf('') + 1, heard.indexOf('.')).join('');
    expect(Buffer.from(body, 'base64').toString()).toContain('Nothing new for 9 min.');
    const evil = { ...mail, to: ['ops@shop.example>\r\nRCPT TO:<x@evil.example'] };
    const [refusing] = alertSinks({ mail: evil }, ports);
    await expect(refusing?.send(alert)).rejects.toMatchObject({ code: 'E_ALERT_CHANNEL' });
  });
});
