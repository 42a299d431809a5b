/**
 * Business events from a queue of SAP Event Mesh, over its REST interface: one message a call, kept
 * there until it is acknowledged by its id (quality of service 1).
 */
import type { Authenticator, NoticeQueue, QueuedNotice } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { placeAt, tokens } from './authenticate.js';
import type { SapConfig } from './config.js';
import type { SapContext } from './odata/question.js';

type QueueSettings = NonNullable<SapConfig['events']>;

export function eventQueue(context: SapContext): NoticeQueue | null {
  const { events } = context.config;
  if (events === undefined) return null;
  const { origin } = placeAt(events.url);
  const root = rootOf(events);
  const authorize = queueTokens(context, events);
  const post = (path: string, headers: Readonly<Record<string, string>>) =>
    context.http.request({ method: 'POST', origin, path, authorize, headers });

  const takeOne = async (): Promise<QueuedNotice | null> => {
    const path = `${root}/consumption`;
    const { status, headers, body } = await post(path, { 'x-qos': '1' }).catch((thrown) => {
      throw isStatus(thrown, 404) ? noQueue(events, thrown) : thrown;
    });
    if (status === 204) return null;
    const id = headers['x-message-id'];
    if (id === undefined) {
      throw new HeadraceError('contract', 'Event Mesh gave a message without its id.', {
        code: 'E_SAP_QUEUE',
        hint: 'Check `events.url`: it is the `uri` of the protocol `httprest` in the service key.',
      });
    }
    return {
      request: { method: 'POST', uri: path, headers, body },
      async acknowledge() {
        await post(`${root}/${encodeURIComponent(id)}/acknowledgement`, {}).catch((thrown) => {
          // It took us too long, so it comes again under another number.
          if (!isStatus(thrown, 404)) throw thrown;
        });
      },
    };
  };

  return {
    everyMs: events.every,
    async take(max) {
      const answers = await Promise.allSettled(Array.from({ length: max }, takeOne));
      const notices = answers.flatMap((answer) =>
        answer.status === 'fulfilled' && answer.value !== null ? [answer.value] : [],
      );
      const failed = answers.find((answer) => answer.status === 'rejected');
      // What was handed out must not wait for what was not: the next call fails again.
      if (notices.length === 0 && failed !== undefined) throw failed.reason;
      return notices;
    },
  };
}

/** Tokens of the broker, which are no tokens of the system. */
export function queueTokens(context: SapContext, { auth }: QueueSettings): Authenticator {
  return tokens(context, auth.secret, placeAt(auth.tokenUrl));
}

/** Names of queues have slashes of their own. */
function rootOf({ url, queue }: QueueSettings): string {
  const base = new URL(url).pathname.replace(/\/+$/, '');
  return `${base}/messagingrest/v1/queues/${encodeURIComponent(queue)}/messages`;
}

function isStatus(thrown: unknown, status: number): boolean {
  return thrown instanceof HeadraceError && thrown.context['status'] === status;
}

function noQueue({ queue }: QueueSettings, cause: unknown): HeadraceError {
  return new HeadraceError('config', `Event Mesh has no queue ${queue}.`, {
    code: 'E_SAP_QUEUE',
    hint: 'Write its full name, as `namespace/name`, and check `events.url`.',
    cause,
  });
}
