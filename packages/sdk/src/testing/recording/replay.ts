/** Answers requests from a recording, so that a connector runs without its system. */
import type {
  Clock,
  HttpClient,
  HttpRequest,
  HttpResponse,
  JsonObject,
} from '../../connector/index.js';
import { errorFromStatus, HeadraceError } from '../../connector/index.js';
import { exchangeKey, nearestTo, plainRequest } from './exchange-key.js';
import {
  type RecordedBody,
  type RecordedExchange,
  type Recording,
  type RecordingInfo,
  readRecording,
} from './recording.js';

export interface ReplayedRecording {
  readonly info: RecordingInfo;
  readonly http: HttpClient;
  /** Stands still at the time of the recording: polls then ask what they asked. */
  readonly clock: Clock;
  /** The settings recorded; secrets are placeholders. */
  readonly settings: JsonObject;
}

/**
 * Opens a folder that `headrace connect record` wrote.
 *
 * ```ts
 * const recording = replayRecording('fixtures/recorded');
 * const source = shopware(recording.settings);
 * for (const { name, run } of testConnector(source, { clock: recording.clock, recording })) it(name, run);
 * ```
 *
 * A request that was not recorded throws `invariant` E_NOT_RECORDED, which names the nearest one.
 */
export function replayRecording(folder: string): ReplayedRecording {
  return replayOf(readRecording(folder));
}

/** The same for a recording in memory. */
export function replayOf({ info, files }: Recording): ReplayedRecording {
  const exchanges = Object.values(files).flat();
  const byKey = new Map<string, RecordedExchange>();
  for (const exchange of exchanges) byKey.set(exchangeKey(exchange.request), exchange);
  const clock: Clock = { now: () => info.recordedAtMs, monotonicMs: () => 0 };

  async function request(wanted: HttpRequest): Promise<HttpResponse> {
    const asked = plainRequest(wanted);
    const where = `${asked.method} ${asked.path.split('?')[0]}`;
    const found = byKey.get(exchangeKey(asked));
    if (found === undefined) {
      const requests = exchanges.map((exchange) => exchange.request);
      throw new HeadraceError('invariant', `${where} was not recorded.`, {
        code: 'E_NOT_RECORDED',
        hint: `${nearestTo(asked, requests)} Record again if the connector asks differently now.`,
      });
    }
    const { status, headers } = found.response;
    if (status >= 400) throw errorFromStatus(status, headers, where, clock.now());
    return { status, headers, body: bytesOf(found.response) };
  }

  return { info, http: { request }, clock, settings: info.settings };
}

/** The bytes of a recorded body. */
export function bytesOf({ json, text }: RecordedBody): Uint8Array {
  return Buffer.from(json === undefined ? (text ?? '') : JSON.stringify(json));
}
