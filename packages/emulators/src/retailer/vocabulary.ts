import type { LanguageCode } from './channels.js';

/** Words the world is written in. */

export type Texts = Readonly<Record<LanguageCode, string>>;

export const texts = (nl: string, de: string, en: string): Texts => ({
  'nl-NL': nl,
  'de-DE': de,
  'en-GB': en,
});

export interface CategoryWords {
  readonly key: string;
  readonly name: Texts;
  readonly sizeSystem: SizeSystemKey;
  /** Day of the year on which demand peaks, and how strongly it swings around its mean. */
  readonly peakDay: number;
  readonly amplitude: number;
  readonly priceFromMinor: number;
  readonly priceToMinor: number;
  readonly weightGrams: number;
  readonly returnRate: number;
  readonly taxClass: number;
}

export type SizeSystemKey = 'letters' | 'waist' | 'shoe' | 'single';

export const SIZE_SYSTEMS: Readonly<Record<SizeSystemKey, readonly string[]>> = {
  letters: ['XS', 'S', 'M', 'L', 'XL', 'XXL'],
  waist: ['44', '46', '48', '50', '52', '54', '56'],
  shoe: ['38', '39', '40', '41', '42', '43', '44', '45'],
  single: [],
};

const category = (
  key: string,
  name: Texts,
  sizeSystem: SizeSystemKey,
  season: readonly [number, number],
  priceMinor: readonly [number, number],
  weightGrams: number,
  returnRate: number,
  taxClass = 0,
): CategoryWords => ({
  key,
  name,
  sizeSystem,
  peakDay: season[0],
  amplitude: season[1],
  priceFromMinor: priceMinor[0],
  priceToMinor: priceMinor[1],
  weightGrams,
  returnRate,
  taxClass,
});

export const CATEGORY_WORDS: readonly CategoryWords[] = [
  category(
    'jackets',
    texts('Jassen', 'Jacken', 'Jackets'),
    'letters',
    [320, 0.7],
    [5995, 24995],
    1100,
    0.28,
  ),
  category(
    'trousers',
    texts('Broeken', 'Hosen', 'Trousers'),
    'waist',
    [90, 0.2],
    [3995, 12995],
    650,
    0.34,
  ),
  category(
    'shirts',
    texts('Overhemden', 'Hemden', 'Shirts'),
    'letters',
    [130, 0.25],
    [2495, 8995],
    280,
    0.22,
  ),
  category(
    'knitwear',
    texts('Truien', 'Strickwaren', 'Knitwear'),
    'letters',
    [330, 0.6],
    [3495, 11995],
    450,
    0.24,
  ),
  category(
    'shoes',
    texts('Schoenen', 'Schuhe', 'Shoes'),
    'shoe',
    [265, 0.3],
    [4995, 19995],
    1300,
    0.36,
  ),
  category(
    'rainwear',
    texts('Regenkleding', 'Regenkleidung', 'Rainwear'),
    'letters',
    [290, 0.5],
    [2995, 14995],
    700,
    0.18,
  ),
  category(
    'shorts',
    texts('Korte broeken', 'Shorts', 'Shorts'),
    'waist',
    [180, 0.8],
    [1995, 6995],
    300,
    0.25,
  ),
  category(
    'bags',
    texts('Tassen', 'Taschen', 'Bags'),
    'single',
    [235, 0.3],
    [1995, 15995],
    800,
    0.08,
  ),
  category(
    'accessories',
    texts('Accessoires', 'Zubehör', 'Accessories'),
    'single',
    [345, 0.4],
    [595, 4995],
    120,
    0.06,
  ),
  category(
    'care',
    texts('Verzorging', 'Pflege', 'Care'),
    'single',
    [60, 0.1],
    [495, 2495],
    350,
    0.03,
    1,
  ),
];

export const NOUNS: Readonly<Record<string, readonly Texts[]>> = {
  jackets: [
    texts('Parka', 'Parka', 'Parka'),
    texts('Winterjas', 'Winterjacke', 'Winter jacket'),
    texts('Softshell', 'Softshelljacke', 'Softshell'),
  ],
  trousers: [
    texts('Werkbroek', 'Arbeitshose', 'Work trousers'),
    texts('Chino', 'Chinohose', 'Chinos'),
    texts('Spijkerbroek', 'Jeans', 'Jeans'),
  ],
  shirts: [
    texts('Overhemd', 'Hemd', 'Shirt'),
    texts('Poloshirt', 'Poloshirt', 'Polo shirt'),
    texts('T-shirt', 'T-Shirt', 'T-shirt'),
  ],
  knitwear: [texts('Trui', 'Pullover', 'Jumper'), texts('Vest', 'Strickjacke', 'Cardigan')],
  shoes: [
    texts('Veiligheidsschoen', 'Sicherheitsschuh', 'Safety shoe'),
    texts('Sneaker', 'Sneaker', 'Trainer'),
    texts('Laars', 'Stiefel', 'Boot'),
  ],
  rainwear: [
    texts('Regenjas', 'Regenjacke', 'Raincoat'),
    texts('Regenbroek', 'Regenhose', 'Rain trousers'),
  ],
  shorts: [
    texts('Korte werkbroek', 'Kurze Arbeitshose', 'Work shorts'),
    texts('Bermuda', 'Bermuda', 'Bermudas'),
  ],
  bags: [
    texts('Rugzak', 'Rucksack', 'Backpack'),
    texts('Gereedschapstas', 'Werkzeugtasche', 'Tool bag'),
  ],
  accessories: [
    texts('Riem', 'Gürtel', 'Belt'),
    texts('Muts', 'Mütze', 'Beanie'),
    texts('Handschoenen', 'Handschuhe', 'Gloves'),
  ],
  care: [
    texts('Impregneerspray', 'Imprägnierspray', 'Waterproofing spray'),
    texts('Leerbalsem', 'Lederbalsam', 'Leather balm'),
  ],
};

export const MODEL_NAMES: readonly string[] = [
  'Veluwe',
  'Texel',
  'Harz',
  'Eifel',
  'Drenthe',
  'Borkum',
  'Zeeland',
  'Rügen',
  'Ardèche',
  'Kent',
  'Skye',
  'Bergen',
  'Øresund',
  'Malmö',
  'Łeba',
  'Peel',
  'Taunus',
  'Schelde',
  'Waddén',
  'Limes',
];

export const MATERIALS: readonly Texts[] = [
  texts('Katoen', 'Baumwolle', 'Cotton'),
  texts('Polyester', 'Polyester', 'Polyester'),
  texts('Wol', 'Wolle', 'Wool'),
  texts('Leer', 'Leder', 'Leather'),
  texts('Katoen-polyester', 'Baumwolle-Polyester', 'Cotton-polyester'),
  texts('Gerecycled nylon', 'Recyceltes Nylon', 'Recycled nylon'),
];

export const FITS: readonly Texts[] = [
  texts('Slank', 'Schmal', 'Slim'),
  texts('Normaal', 'Normal', 'Regular'),
  texts('Ruim', 'Weit', 'Loose'),
];

export const COLOURS: readonly { readonly name: Texts; readonly hex: string }[] = [
  { name: texts('Zwart', 'Schwarz', 'Black'), hex: '#111111' },
  { name: texts('Marineblauw', 'Marineblau', 'Navy'), hex: '#1b2a4a' },
  { name: texts('Grijs', 'Grau', 'Grey'), hex: '#808080' },
  { name: texts('Groen', 'Grün', 'Green'), hex: '#2f6b3a' },
  { name: texts('Rood', 'Rot', 'Red'), hex: '#b3202a' },
  { name: texts('Zand', 'Sand', 'Sand'), hex: '#c8b58f' },
];

export const CARE_CODES: readonly string[] = ['W30', 'W40', 'W60', 'HAND', 'DRY', 'NONE'];

export const FIRST_NAMES: readonly string[] = [
  'Anna',
  'Bram',
  'Carla',
  'Daan',
  'Emma',
  'Finn',
  'Greta',
  'Hugo',
  'Ilse',
  'Jürgen',
  'Kees',
  'Lotte',
  'Max',
  'Noor',
  'Otto',
  'Petra',
  'Quinten',
  'Rosa',
  'Søren',
  'Tess',
  'Ursula',
  'Victor',
  'Wilma',
  'Xander',
  'Yara',
  'Zoë',
  'André',
  'Björn',
  'Chloé',
  'Dieter',
];

export const LAST_NAMES: readonly string[] = [
  'de Vries',
  'Jansen',
  'Müller',
  'Schmidt',
  'van den Berg',
  'Bakker',
  'Schröder',
  'Fischer',
  'Visser',
  'Smit',
  'Meyer',
  'Weber',
  'Mulder',
  'de Boer',
  'Wagner',
  'Koch',
  'Peters',
  'Hendriks',
  'Groß',
  'O’Neill',
  'Smith',
  'Taylor',
  'Brown',
  'Dekker',
  'Vermeulen',
  'Schäfer',
  'Kuiper',
  'Hofmann',
  'Brouwer',
  'Evans',
];

export const COMPANY_WORDS: readonly string[] = [
  'Bouw',
  'Techniek',
  'Montage',
  'Installatie',
  'Logistiek',
  'Groen',
  'Dak',
  'Schilders',
  'Metaal',
  'Zorg',
];

export const STREETS: Readonly<Record<string, readonly string[]>> = {
  NL: ['Kerkstraat', 'Dorpsstraat', 'Stationsweg', 'Molenlaan', 'Beukenhof'],
  DE: ['Hauptstraße', 'Bahnhofstraße', 'Gartenweg', 'Schillerstraße', 'Am Markt'],
  GB: ['High Street', 'Station Road', 'Mill Lane', 'Church Road', 'Park Avenue'],
  BE: ['Kerkstraat', 'Stationsstraat', 'Nieuwstraat', 'Molenstraat', 'Veldstraat'],
};

export const CITIES: Readonly<Record<string, readonly string[]>> = {
  NL: ['Amsterdam', 'Utrecht', 'Zwolle', 'Tilburg', '’s-Hertogenbosch', 'Groningen'],
  DE: ['Berlin', 'Köln', 'München', 'Lübeck', 'Düsseldorf', 'Dresden'],
  GB: ['London', 'Leeds', 'Bristol', 'Glasgow', 'Cardiff', 'York'],
  BE: ['Gent', 'Antwerpen', 'Leuven', 'Brugge', 'Hasselt', 'Mechelen'],
};

export const SUPPLIER_WORDS: readonly string[] = [
  'Norfjord',
  'Castell',
  'Brevon',
  'Hallund',
  'Tarvik',
  'Meridon',
  'Ostara',
  'Kvarn',
  'Lindholt',
  'Ferrand',
  'Solvane',
  'Drouwen',
  'Hexham',
  'Valkur',
  'Petersson',
  'Ibarra',
  'Quillan',
  'Rastede',
  'Sundby',
  'Torvald',
  'Ullman',
  'Verhage',
  'Wexford',
  'Ysel',
  'Zander',
];
