/**
 * inRiver sends no webhooks; customers relay what a listener extension is called with. The relay is
 * ours to define: Standard Webhooks, with a body that names the entity or the link and nothing else.
 */
import { type Change, type InboundRequest, jsonBody, type NotifySpec } from '@headrace/sdk';
import type { InriverConfig } from './config.js';
import { idText, object, text } from './json.js';

/** Relays at most five minutes off, or five minutes late, are believed. */
const TOLERANCE_MS = 5 * 60_000;

export const notify: NotifySpec<InriverConfig> = {
  signature: {
    headers: ['webhook-signature'],
    encoding: 'base64',
    message: '{id}.{timestamp}.{body}',
    timestamp: { header: 'webhook-timestamp' },
    timestampUnit: 's',
    toleranceMs: TOLERANCE_MS,
    idHeader: 'webhook-id',
    prefix: 'v1,',
    secretEncoding: 'base64',
  },
  secrets({ webhookSecret }) {
    if (webhookSecret === undefined) return [];
    const list = Array.isArray(webhookSecret) ? webhookSecret : [webhookSecret];
    return list.map((secret) => secret.reveal());
  },
  parse,
};

function parse(request: InboundRequest, config: InriverConfig) {
  const body = object(jsonBody(request));
  const at = Date.parse(text(body?.occurredAt) ?? '');
  const source = idText(body?.sourceEntityId);
  const target = idText(body?.targetEntityId);
  const entity = idText(body?.entityId);
  const changes =
    source !== null && target !== null
      ? linkChanges(source, target, text(body?.linkTypeId), config)
      : entity === null
        ? []
        : entityStreams(text(body?.entityTypeId), text(body?.event), config).map((stream) => ({
            stream,
            key: entity,
          }));
  return {
    eventId: request.headers['webhook-id'] ?? text(body?.id),
    at: Number.isNaN(at) ? null : at,
    changes,
  };
}

/** A relay that does not look up the type makes every stream ask; those of other types find nothing. */
function entityStreams(
  typeId: string | null,
  event: string | null,
  { types }: InriverConfig,
): readonly string[] {
  const isGone = event?.endsWith('Deleted') === true;
  const product = isGone ? ['product', 'assortment'] : ['product'];
  if (typeId === null) return [...product, 'variant', 'category'];
  if (typeId === types.product) return product;
  if (typeId === types.variant) return ['variant'];
  return typeId === types.category || typeId === types.channel ? ['category'] : [];
}

function linkChanges(
  source: string,
  target: string,
  linkTypeId: string | null,
  { links }: InriverConfig,
): readonly Change[] {
  const ofSource = { stream: 'assortment', key: source };
  const ofTarget = { stream: 'assortment', key: target };
  const below = { stream: 'category', key: target };
  if (linkTypeId === null) return [ofSource, ofTarget, below];
  if (linkTypeId === links.productVariant || linkTypeId === links.productResource)
    return [ofSource];
  if (linkTypeId === links.categoryProduct) return [ofTarget];
  const isTree = linkTypeId === links.categoryCategory || linkTypeId === links.channelCategory;
  return isTree ? [below] : [];
}
