import { type CheckResult, ensureError, isUnreachable, type Permission } from '@headrace/sdk';
import { fieldTypes } from './context.js';
import { fieldIdOf, type MappedType } from './fields.js';
import { objects, text } from './json.js';
import type { FieldType } from './model.js';
import { notify } from './notify.js';
import { type InriverContext, queryIds, readModel } from './rest.js';
import { streams } from './streams.js';

/** A key acts as its user, whose role decides what it sees. */
export const permissions: readonly Permission[] = [
  { name: 'View entities', why: 'products, variants, categories and their links' },
  { name: 'View model', why: 'languages, field types and lists of values' },
];

/** One result for each thing that must be right before the first record can be. */
export async function check(context: InriverContext): Promise<readonly CheckResult[]> {
  const key = await attempt('key', 'The PIM does not accept the key.', async () => {
    await readModel(context, 'languages');
    return { ok: true, text: 'The PIM accepts the key.' };
  });
  if (!key.ok) return [key];
  const { types, links } = context.config;
  return [
    key,
    await attempt('model', 'The model cannot be read.', async () => {
      const rows = objects(await readModel(context, 'entitytypes'));
      const typeIds = rows.map(({ id }) => text(id));
      const linkIds = rows.flatMap(({ outboundLinkTypes }) => outboundLinkTypes ?? []);
      const missing = [
        ...Object.values(types).filter((id) => !typeIds.includes(id)),
        ...Object.values(links).filter((id) => !linkIds.includes(id)),
      ];
      const has = typeIds.join(', ');
      return missing.length === 0
        ? { ok: true, text: 'All entity and link types of the settings are there.' }
        : {
            ok: false,
            text: `The PIM has no ${missing.join(', ')}; its types are ${has}. \`headrace connect discover --write\` fills them in.`,
          };
    }),
    await attempt('fields', 'The field types cannot be read.', async () => {
      const missing = missingFields(context, await fieldTypes(context));
      return missing.length === 0
        ? { ok: true, text: 'All field types of the settings are there.' }
        : {
            ok: false,
            text: `The PIM has no ${missing.join(', ')}; \`headrace connect discover --write\` fills in what it has.`,
          };
    }),
    ...(await checkEntities(context)),
    checkRelay(context),
  ];
}

function missingFields({ config }: InriverContext, found: readonly FieldType[]): readonly string[] {
  return (Object.keys(config.fields) as MappedType[]).flatMap((type) =>
    Object.values(config.fields[type])
      .flatMap((source) => fieldIdOf(source) ?? [])
      .filter(
        (id) =>
          !found.some((field) => field.id === id && field.entityTypeId === config.types[type]),
      ),
  );
}

async function checkEntities(context: InriverContext): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [name, type] of Object.entries(context.config.types)) {
    results.push(
      await attempt(`entities ${name}`, `Entities of type ${type} cannot be read.`, async () => {
        const { length } = await queryIds(context, [type]);
        return length > 0
          ? { ok: true, text: `${length} of type ${type} can be read.` }
          : { ok: false, text: `None of type ${type} is shown: may the user of the key see them?` };
      }),
    );
  }
  return results;
}

function checkRelay(context: InriverContext): CheckResult {
  const name = 'relay';
  if (notify.secrets(context.config).length > 0) {
    return {
      name,
      ok: true,
      text: 'A relay may tell us of changes; whether one does shows in status.',
    };
  }
  const everyMs = streams(context.config).map((stream) => stream.everyMs);
  const seconds = Math.max(...everyMs) / 1000;
  return { name, ok: true, text: `No relay; changes are found within ${seconds} s.` };
}

async function attempt(
  name: string,
  onError: string,
  run: () => Promise<{ readonly ok: boolean; readonly text: string }>,
): Promise<CheckResult> {
  try {
    return { name, ...(await run()) };
  } catch (thrown) {
    const error = ensureError(thrown);
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    const what = isUnreachable(error) ? 'The PIM is not reached.' : onError;
    return { name, ok: false, text: `${what} ${error.message}${hint}` };
  }
}
