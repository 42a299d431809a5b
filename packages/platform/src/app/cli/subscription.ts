import { type ConnectorContext, HeadraceError } from '@headrace/sdk';
import type { EngineSource } from '../../engine/index.js';
import { usageError } from './errors.js';

/** The address a system shall push to, and the connector's way to tell it. */
export function subscriptionOf(
  source: EngineSource,
  url: string,
): {
  readonly callback: string;
  readonly subscribeAt: (context: ConnectorContext<never>, callback: string) => Promise<void>;
} {
  const { notify } = source.spec;
  if (notify?.subscribe === undefined) {
    throw new HeadraceError('config', `The connector ${source.spec.name} makes no webhooks.`, {
      code: 'E_NO_WEBHOOKS',
      hint: 'Its streams are polled; `headrace connect list` shows how often.',
    });
  }
  if (notify.secrets(source.config as never).length === 0) {
    throw new HeadraceError('config', `The source ${source.name} has no webhook secret.`, {
      code: 'E_NO_WEBHOOK_SECRET',
      hint: 'Set `webhookSecret` in the project: without it no notice can be told from a forged one.',
    });
  }
  if (!URL.canParse(url)) throw usageError(`--url is an address such as https://hooks.example.com`);
  const base = url.replace(/\/+$/, '');
  const path = `/v1/webhooks/${source.name}`;
  return {
    callback: base.endsWith(path) ? base : `${base}${path}`,
    subscribeAt: notify.subscribe,
  };
}
