/** The texts `headrace init` writes, by system. */
import { configName } from './load-project.js';
import { inriverTemplate } from './template-inriver.js';
import { sapTemplate } from './template-sap.js';
import { version } from './version.js';

export interface SystemTemplate {
  readonly system: string;
  /** Name the source gets in the project. */
  readonly source: string;
  readonly settings: readonly { readonly name: string; readonly comment: string }[];
  /** The source as it stands in the project, without its name. */
  readonly call: string;
  readonly maps: string;
  /** What is left to a person after the check. */
  readonly next: readonly string[];
}

const shopwareTemplate: SystemTemplate = {
  system: 'shopware',
  source: 'shop',
  next: [
    'npx headrace connect discover shop   lists sales channels and fields, by id, to name in maps/',
  ],
  settings: [
    { name: 'SHOP_URL', comment: 'Address of the shop, without /api' },
    {
      name: 'SHOP',
      comment:
        'Access key id and secret access key of an integration, as id:key (or SHOP_FILE=path)',
    },
  ],
  call: `remap(
      shopware({
        url: env('SHOP_URL'),
        auth: secret('SHOP'),
        salesChannels: shopwareMaps.salesChannels,
        customFields: shopwareMaps.customFields,
        // Once the shop shall push its changes (headrace connect subscribe shop):
        // webhookSecret: secret('SHOP_WEBHOOK'),
      }),
      { product: shopwareMaps.product },
    )`,
  maps: `/**
 * Where your shop differs from any other. After a change, try it before it runs:
 *
 *   npx headrace connect read shop product --limit 3 --json > sample.json
 *   npx headrace map test shop/product --sample sample.json
 */
import type { MapChange } from 'headrace';

/**
 * As long as this is empty, every sales channel of the shop is read, under its own name:
 * "Alpha Nederland" is \`alpha-nederland\`. To give them names of yours, or to leave some out, list
 * those you want: id of the sales channel → your name for it. \`headrace connect discover shop\` lists
 * the ids. Names given here stay when someone renames a channel in the shop.
 */
export const salesChannels: Record<string, string> = {
  // '0189a0b1c2d3e4f5061728394a5b6c7d': 'web',
};

/**
 * Custom fields: where they go → what they are called in the shop. Nothing personal belongs here.
 * \`headrace connect discover shop\` lists the fields there are.
 */
export const customFields: Record<'product' | 'order' | 'customer', Record<string, string>> = {
  product: {
    // 'traits.shop.fit': 'custom_fit',
  },
  order: {},
  customer: {},
};

/**
 * The last word on what a product record says, after the connector's own mapping: \`mapped\` are the
 * canonical records (product, variant, listing, price) made of \`record\`. Pure: no clock, no
 * requests, nothing but the arguments, so that a replay next year gives the same.
 */
export const product: MapChange = (mapped, record) =>
  mapped.map((one) => {
    // For example, what your shop keeps for tests is published nowhere:
    // if (one.entity === 'listing' && record.productNumber === 'TEST') {
    //   return { ...one, fields: { ...one.fields, isPublished: false } };
    // }
    return one;
  });
`,
};

export const templates: Readonly<Record<string, SystemTemplate>> = {
  shopware: shopwareTemplate,
  inriver: inriverTemplate,
  sap: sapTemplate,
};

/** Files every project has. */
export function commonFiles(chosen: readonly SystemTemplate[]): Record<string, string> {
  return {
    [configName]: configText(chosen),
    '.env': envText(chosen),
    '.env.example': envText(chosen),
    '.gitignore': ['node_modules/', '.headrace/', '.env', 'sample.json', ''].join('\n'),
    'README.md': readmeText(chosen),
    'package.json': packageText(),
    'tsconfig.json': tsconfigText,
  };
}

function configText(chosen: readonly SystemTemplate[]): string {
  const imports = chosen.map(
    ({ system }) => `import * as ${system}Maps from './maps/${system}.js';`,
  );
  const sources = chosen.map(({ source, call }) => `    ${source}: ${call},`);
  return `import { defineProject, env, remap, secret } from 'headrace';
import { ${chosen.map(({ system }) => system).join(', ')} } from 'headrace/connectors';
${imports.join('\n')}

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['en-GB'],
  // Nothing is written to any system.
  write: 'shadow',
  // Brand → its channels, as they are called in maps/. A channel that is not named is its own brand.
  brands: {
    // main: ['web', 'marketplace'],
  },
  sources: {
${sources.join('\n')}
  },
${togetherText(chosen.map(({ source }) => source))}});
`;
}

/** Which source leads, by entity; those the project does not have are left out. */
const leads: Readonly<Record<string, readonly string[]>> = {
  'product.*': ['pim', 'shop', 'erp'],
  'variant.*': ['pim', 'shop', 'erp'],
  'variant.unit': ['erp', 'pim', 'shop'],
  stock: ['erp', 'shop'],
  price: ['erp', 'shop'],
  order: ['shop', 'erp'],
};

/** What a project says of several systems; nothing where there is one. */
function togetherText(sources: readonly string[]): string {
  const rows = Object.entries(leads).flatMap(([path, order]) => {
    const known = order.filter((source) => sources.includes(source));
    const name = /^\w+$/.test(path) ? path : `'${path}'`;
    const names = known.map((source) => `'${source}'`).join(', ');
    return known.length < 2 ? [] : [`    ${name}: [${names}],`];
  });
  if (rows.length === 0) return '';
  const hasBuyers = ['shop', 'erp'].every((source) => sources.includes(source));
  const links = `  // A customer of the shop and one of the ERP who are named in the same order are one person.
  // Orders meet when both call a channel by the same name: salesChannels and salesAreas in maps/.
  links: [{ entity: 'customer', by: 'order', from: 'shop', to: 'erp' }],
`;
  return `  // Which system is believed where several state a field; the first that states it.
  leading: {
${rows.join('\n')}
  },
${hasBuyers ? links : ''}`;
}

function envText(chosen: readonly SystemTemplate[]): string {
  const settings = chosen.flatMap((one) =>
    one.settings.flatMap(({ name, comment }) => [`# ${comment}`, `${name}=`, '']),
  );
  return [
    ...settings,
    '# Token of the HTTP API, for status, tail, erase and token; shown once by the first `headrace up`',
    'HEADRACE_TOKEN=',
    '',
  ].join('\n');
}

function packageText(): string {
  const text = {
    name: 'my-headrace',
    private: true,
    type: 'module',
    scripts: { start: 'headrace up', check: 'tsc' },
    dependencies: { headrace: version() },
    devDependencies: { typescript: '^6.0.0' },
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

const tsconfigText = `{
  "compilerOptions": {
    "target": "ES2023",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["${configName}", "maps", "connectors"],
  "exclude": ["node_modules", "**/*.test.ts"]
}
`;

function readmeText(chosen: readonly SystemTemplate[]): string {
  const [first] = chosen;
  return `# Our Headrace project

| file | what it is |
|---|---|
| \`${configName}\` | sources, time zone, currency; typed, so a wrong key is an error in the editor and at start |
| \`maps/\` | how our own fields reach the canonical model |
| \`.env\` | addresses and secrets; never in Git |
| \`.headrace/\` | the data; never in Git |

\`\`\`sh
npx headrace connect check ${first?.source ?? ''}   # may we read what we need?
npx headrace up                   # read it, follow it
npx headrace status               # how far behind is each stream, and why
npx headrace trace ORDER-NUMBER   # everything about one record
\`\`\`
`;
}
