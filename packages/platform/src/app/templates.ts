/** The texts `headrace init` writes, by system. */
import { configName } from './folders.js';
import { inriverTemplate } from './template-inriver.js';
import { sapTemplate } from './template-sap.js';
import { shopwareTemplate } from './template-shopware.js';
import { version } from './version.js';

export interface SystemTemplate {
  readonly system: string;
  /** Name the source gets in the project. */
  readonly source: string;
  readonly settings: readonly {
    readonly name: string;
    readonly comment: string;
    readonly isOptional?: true;
  }[];
  /** The source as it stands in the project, without its name. */
  readonly call: string;
  readonly maps: string;
  /** What `connect discover --write` finds for it. */
  readonly fills: string;
}

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
  const together = togetherText(chosen.map(({ source }) => source));
  const helpers = [
    ...['commerceFeatures', 'defineProject', 'env', 'optionalSecret', 'remap', 'secret'],
  ].filter((name) =>
    [...chosen.map(({ call }) => call), 'defineProject(', together].some((text) =>
      text.includes(`${name}(`),
    ),
  );
  return `import { ${helpers.join(', ')} } from 'headrace';
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
${together}});
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
  const demand = `  // What a model sees of orders, stock, prices and customers; the currency is that of above.
  features: commerceFeatures({ currency: 'EUR' }),
  // Daily demand of each variant, held while the ERP's stock or an order stream is too old.
  predict: { demand: { horizonDays: 30 } },
`;
  return `  // Which system is believed where several state a field; the first that states it.
  leading: {
${rows.join('\n')}
  },
${hasBuyers ? links + demand : ''}`;
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
  const each = (command: string, note: string) =>
    chosen
      .map(({ source }) => `npx headrace connect ${command.replace('SOURCE', source)}`)
      .map((line, index) => (index === 0 ? `${line.padEnd(42)} # ${note}` : line))
      .join('\n');
  return `# Our Headrace project

| file | what it is |
|---|---|
| \`${configName}\` | sources, time zone, currency; typed, so a wrong key is an error in the editor and at start |
| \`maps/\` | how our own fields reach the canonical model |
| \`.env\` | addresses and secrets; never in Git |
| \`.headrace/\` | the data; never in Git |

\`\`\`sh
${each('check SOURCE', 'may we read what we need?')}
${each('discover SOURCE --write', 'fill maps/ with what it has')}
npx headrace up                            # read it, follow it
npx headrace status                        # how far behind is each stream, and why
npx headrace trace ORDER-NUMBER            # everything about one record
\`\`\`
`;
}
