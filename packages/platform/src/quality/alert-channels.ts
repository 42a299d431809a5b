/**
 * The ways alerts go out: a signed webhook after the Standard Webhooks specification, a hook that
 * takes Slack's messages, and mail over SMTP. Each tries again a few times, waiting longer each
 * time; a channel that stays down costs nothing but its own messages.
 */
import { createHmac } from 'node:crypto';
import { HeadraceError, type Secret, type Timers } from '@headrace/sdk';
import type { Fetch, Mailer } from '../ports/index.js';
import type { Alert, AlertSink } from './alerts.js';

/** What a project writes under `alerts`. */
export interface AlertConfig {
  /** Signed as Standard Webhooks say; the secret begins with `whsec_`. */
  readonly webhook?: { readonly url: string; readonly secret: string | Secret };
  /** An incoming webhook of Slack, Mattermost, Teams: it gets `{ "text": … }`. */
  readonly slack?: { readonly url: string | Secret };
  readonly mail?: {
    /** `smtp://user:password@host:587` or `smtps://…:465`. */
    readonly url: string | Secret;
    readonly from: string;
    readonly to: readonly string[];
  };
}

export interface ChannelPorts {
  readonly fetch: Fetch;
  readonly mailer: Mailer;
  readonly timers: Timers;
  readonly now: () => number;
}

const attemptsMax = 5;
const firstWaitMs = 2000;
const timeOutMs = 10_000;

export function alertSinks(config: AlertConfig, ports: ChannelPorts): AlertSink[] {
  const { webhook, slack, mail } = config;
  return [
    ...(webhook === undefined ? [] : [webhookSink(webhook, ports)]),
    ...(slack === undefined ? [] : [slackSink(slack, ports)]),
    ...(mail === undefined ? [] : [mailSink(mail, ports)]),
  ];
}

function webhookSink(config: NonNullable<AlertConfig['webhook']>, ports: ChannelPorts): AlertSink {
  return {
    name: 'webhook',
    send: (alert) => {
      const body = JSON.stringify({
        type: `headrace.alert.${alert.state}`,
        timestamp: isoOf(alert.at),
        data: alert,
      });
      const id = idOf(alert);
      return retrying(ports, () => {
        const headers = signedHeaders(
          id,
          Math.floor(ports.now() / 1000),
          body,
          textOf(config.secret),
        );
        return post(ports, config.url, body, headers);
      });
    },
  };
}

/** `webhook-id`, `webhook-timestamp` and `webhook-signature` over `id.timestamp.body`. */
export function signedHeaders(
  id: string,
  timestamp: number,
  body: string,
  secret: string,
): Record<string, string> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}

function slackSink(config: NonNullable<AlertConfig['slack']>, ports: ChannelPorts): AlertSink {
  return {
    name: 'slack',
    send: (alert) =>
      retrying(ports, () =>
        post(ports, textOf(config.url), JSON.stringify({ text: lineOf(alert) }), {}),
      ),
  };
}

function mailSink(config: NonNullable<AlertConfig['mail']>, ports: ChannelPorts): AlertSink {
  const { from, to } = config;
  return {
    name: 'mail',
    send: (alert) =>
      retrying(ports, () =>
        ports.mailer.send(textOf(config.url), {
          ...{ from, to, subject: lineOf(alert).slice(0, 120), date: ports.now() },
          ...{ id: idOf(alert), text: mailText(alert) },
        }),
      ),
  };
}

export function lineOf({ state, kind, target, message }: Alert): string {
  return state === 'raised'
    ? `[headrace] ${kind}: ${target}. ${message}`
    : `[headrace] over: ${kind}, ${target}.`;
}

function mailText(alert: Alert): string {
  const { state, kind, target, culprit, message, since } = alert;
  return [
    state === 'raised' ? message : `It is over: ${message}`,
    '',
    `What: ${kind} of ${target}`,
    `Look at: ${culprit}`,
    `Since: ${isoOf(since)}`,
  ].join('\n');
}

/** The same for each attempt, so that a receiver can tell a repetition; another where it is told again. */
function idOf({ id, state, at }: Alert): string {
  return `alert_${Buffer.from(`${id}|${state}|${at}`).toString('base64url')}`;
}

async function post(
  { fetch }: ChannelPorts,
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<void> {
  const response = await fetch(url, {
    ...{ method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(timeOutMs) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  await response.arrayBuffer();
  if (response.status >= 200 && response.status < 300) return;
  throw new HeadraceError('transient', `The channel answered ${response.status}.`, {
    code: 'E_ALERT_CHANNEL',
  });
}

async function retrying({ timers }: ChannelPorts, send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (thrown) {
      if (attempt === attemptsMax) throw thrown;
      await timers.sleep(firstWaitMs * 2 ** (attempt - 1));
    }
  }
}

function textOf(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
