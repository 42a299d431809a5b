import type {
  ConfiguredSource,
  ConnectorContext,
  ConnectorSpec,
  JsonObject,
} from '../../connector/index.js';
import { Secret } from '../../connector/index.js';
import { type AnonymisedRecording, anonymise } from './anonymise.js';
import { type CaptureOptions, captureSource } from './capture.js';

export interface SourceRecording extends AnonymisedRecording {
  /** Streams that could not be read, with the reason; they are not in the recording. */
  readonly failed: readonly { readonly stream: string; readonly reason: string }[];
}

/**
 * Records exchanges with a real system, without persons and secrets; real data never leaves this
 * function. Called by `headrace connect record`, and in a connector's own test:
 *
 * ```ts
 * const { recording, report } = await recordSource(source, context, { limit: 25 });
 * writeRecording('fixtures/recorded', recording);
 * ```
 *
 * @param context Reaches the system; its clock, timers and randomness are the real ones.
 */
export async function recordSource<Config>(
  source: ConfiguredSource<Config>,
  context: ConnectorContext<Config>,
  options: CaptureOptions,
): Promise<SourceRecording> {
  const spec = source.connector as unknown as ConnectorSpec<never>;
  const capture = await captureSource(spec, context, options);
  const { recording, report } = anonymise(capture, {
    connector: spec.name,
    settings: plainSettings(source.settings, new Set(secretsIn(context.config))),
    // A shorter one is a word as well, and keeps nobody out.
    secrets: secretsIn(context.config).filter((text) => text.length >= SECRET_MIN),
    addresses: [
      spec.baseUrl(context.config as never),
      ...(spec.origins?.(context.config as never) ?? []),
    ],
    key: context.random.bytes(32),
  });
  return { recording, report, failed: capture.failed };
}

/** What JSON can hold; functions of the project are not part of a recording. */
function plainSettings(settings: unknown, secrets: ReadonlySet<string>): JsonObject {
  const text = JSON.stringify(settings ?? {}, (_, value: unknown) =>
    typeof value === 'string' && secrets.has(value) ? '[secret]' : value,
  );
  return JSON.parse(text) as JsonObject;
}

/** Secrets and their parts: `id:key` must show neither half of itself. */
function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) {
    const text = value.reveal();
    return [text, ...text.split(':')];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

const SECRET_MIN = 6;
