/** The reference page of a connector, generated from its description so that it cannot go stale. */
import { z } from 'zod';
import type { ConnectorSpec, NotifySpec, Stream } from './connector.js';
import type { ReceiveSpec } from './receive.js';
import { type Tested, type TestedAgainst, untested } from './tested.js';
import type { SignatureSpec } from './webhook.js';

/** What of a JSON schema the page shows. */
interface SettingSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SettingSchema | boolean;
  readonly items?: SettingSchema;
  readonly anyOf?: readonly SettingSchema[];
}

/**
 * Markdown reference of a connector, equal for equal input; used by the documentation build.
 *
 * ```ts
 * await writeFile('docs/connectors/shopware.md', describeConnector(shopware.spec));
 * ```
 */
export function describeConnector<Schema extends z.ZodType>(spec: ConnectorSpec<Schema>): string {
  const sections = [
    `# ${spec.title}`,
    `Connector \`${spec.name}\`. ${waysText(spec)}`,
    '## Tested against',
    table(['What', 'Version', 'When', 'How'], testedRows(spec.tested ?? untested)),
    '## Settings',
    table(['Setting', 'Type', 'Default', 'Meaning'], settingRows(schemaOf(spec.config), '')),
    ...streamSections(spec),
    ...webhookSections(spec.notify),
    ...deliverySections(spec.receive),
  ];
  const permissions = spec.permissions ?? [];
  const rowsOf = (isForWriting: boolean) =>
    permissions
      .filter((one) => (one.isForWriting ?? false) === isForWriting)
      .map(({ name, why }) => [`\`${name}\``, why]);
  const [reading, writing] = [rowsOf(false), rowsOf(true)];
  if (reading.length > 0) {
    sections.push('## Permissions', table(['Permission', 'Needed for'], reading));
  }
  if (writing.length > 0) {
    sections.push(
      '## Permissions of live flows',
      'Not needed, and not asked for, before a flow to this system is live.',
      table(['Permission', 'Needed for'], writing),
    );
  }
  return `${sections.join('\n\n')}\n`;
}

function waysText<Schema extends z.ZodType>({ budget, receive }: ConnectorSpec<Schema>): string {
  if (receive !== undefined) return 'It asks for nothing: what it knows is sent to it.';
  return `Requests share a budget of ${budget.requestsPerSecond} a second, ${budget.concurrency} at a time.`;
}

/** Says what was not done as plainly as what was. */
function testedRows({ emulator, specification, recorded, real }: Tested): string[][] {
  const notYet = (what: string) => [what, 'not yet', '', ''];
  const against = ({ version, date }: TestedAgainst) => [version, date];
  const how = (text: string, digest?: string) =>
    digest === undefined ? text : `${text}, SHA-256 \`${digest}…\``;
  return [
    emulator === null
      ? notYet('emulator')
      : ['emulator', emulator.version, 'every commit', `contract suite, \`${emulator.suite}\``],
    ...(specification === null
      ? [notYet('specification')]
      : 'none' in specification
        ? [['specification', 'none', '', specification.none]]
        : [
            [
              'specification',
              ...against(specification),
              how('fields compared', specification.digest),
            ],
          ]),
    ...(recorded.length === 0 ? [notYet('recorded')] : []),
    ...recorded.map((one) => [
      'recorded',
      ...against(one),
      `replayed at every commit, \`${one.folder}\``,
    ]),
    ...(real.length === 0 ? [notYet('real system')] : []),
    ...real.map((one) => ['real system', ...against(one), 'reported by who runs it']),
  ];
}

function schemaOf(config: z.ZodType): SettingSchema {
  return z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }) as SettingSchema;
}

function settingRows(schema: SettingSchema, prefix: string): string[][] {
  const rows: string[][] = [];
  for (const [name, setting] of Object.entries(schema.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const isRequired = schema.required?.includes(name) === true;
    const fallback = setting.default === undefined ? '' : `\`${JSON.stringify(setting.default)}\``;
    rows.push([
      `\`${path}\``,
      typeOf(setting),
      isRequired ? 'required' : fallback,
      setting.description ?? '',
    ]);
    rows.push(...settingRows(setting, path));
  }
  return rows;
}

function typeOf(schema: SettingSchema): string {
  if (schema.secret === true) return 'secret';
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  }
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object' && schema.properties === undefined) {
    const { additionalProperties: values } = schema;
    return typeof values === 'object' ? `map to ${typeOf(values)}` : 'map';
  }
  if (schema.type === undefined) return 'any';
  return typeof schema.type === 'string' ? schema.type : schema.type.join(' or ');
}

function streamSections<Schema extends z.ZodType>(spec: ConnectorSpec<Schema>): string[] {
  if (spec.example === undefined) return [];
  const streams = spec.streams(z.parse(spec.config, spec.example));
  return [
    '## Streams',
    table(
      ['Stream', 'What it is', 'Gives', 'Feed', 'Polled every', 'Full pass', 'Key', 'Version'],
      streams.map((stream) => streamRow(stream as Stream<unknown>)),
    ),
    ...streams.flatMap((stream) => personalSection(stream as Stream<unknown>)),
  ];
}

const DAY_MS = 86_400_000;

function streamRow(stream: Stream<unknown>): string[] {
  const passEveryMs = stream.passEveryMs ?? DAY_MS;
  const version = stream.names === undefined ? '' : (stream.names.version ?? 'none');
  const isSent = stream.feed === 'delivery';
  return [
    `\`${stream.name}\``,
    stream.description,
    stream.entities.join(', '),
    stream.feed,
    isSent ? 'never' : durationText(stream.everyMs),
    isSent ? 'never' : passEveryMs === 0 ? 'on request' : durationText(passEveryMs),
    stream.names === undefined ? '' : `\`${stream.names.key}\``,
    version === '' || version === 'none' ? version : `\`${version}\``,
  ];
}

function personalSection(stream: Stream<unknown>): string[] {
  if (stream.personal === undefined) return [];
  const paths = [...stream.personal.paths].sort().map((path) => `\`${path}\``);
  return [`Sealed in \`${stream.name}\` before anything is stored: ${paths.join(', ')}.`];
}

function webhookSections<Config>(notify: NotifySpec<Config> | undefined): string[] {
  if (notify === undefined) return [];
  const { signature } = notify;
  return [
    '## Webhook',
    table(
      ['Part', 'Value'],
      [
        ['Signature header', signature.headers.map((name) => `\`${name}\``).join(', ')],
        ['Signature', signatureText(signature)],
        ['Time', timeText(signature)],
        ['Accepted for', durationText(signature.toleranceMs)],
        ['Delivery id', signature.idHeader === undefined ? 'none' : `\`${signature.idHeader}\``],
        ['Created by us', notify.subscribe === undefined ? 'no' : 'yes, when asked'],
        ['State is read', notify.state === undefined ? 'no' : 'yes'],
      ],
    ),
  ];
}

function deliverySections<Config>(receive: ReceiveSpec<Config> | undefined): string[] {
  if (receive === undefined) return [];
  const { signature, bytesMax, fileEndings = [] } = receive;
  return [
    '## Deliveries',
    table(
      ['Part', 'Value'],
      [
        ['Sent to', '`POST /v1/deliveries/{source}`; answered 202 once it is in the journal'],
        ['Signature header', signature.headers.map((name) => `\`${name}\``).join(', ')],
        ['Signature', `${signatureText(signature)}, or a token of the role \`operator\``],
        ['At most', `${bytesMax / 1024 / 1024} MiB`],
        ['Files', fileEndings.map((ending) => `\`*${ending}\``).join(', ') || 'none'],
      ],
    ),
  ];
}

function signatureText(signature: SignatureSpec): string {
  if (signature.scheme === 'token')
    return `the shared secret itself, after \`${signature.prefix ?? ''}\``;
  return `HMAC-SHA256 of \`${signature.message}\`, ${signature.encoding}`;
}

function timeText(signature: SignatureSpec): string {
  const place = signature.timestamp;
  if (place === undefined) return 'none';
  const where =
    'header' in place ? `header \`${place.header}\`` : `body \`${place.body.join('.')}\``;
  return `${where}, ${signature.timestampUnit ?? 'ms'}`;
}

function durationText(ms: number | undefined): string {
  if (ms === undefined) return 'any time';
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
