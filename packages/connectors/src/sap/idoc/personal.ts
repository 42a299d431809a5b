/** What IDocs say about persons: names, addresses, cards, accounts and texts anybody may write in. */
import type { IdocConfig, StreamName } from './config.js';

/** Of a partner segment; its role and country stay, and for its number there is a handle. */
const partnerFields = words(`
  PARTN LIFNR NAME1 NAME2 NAME3 NAME4 STRAS STRS2 HAUSN STOCK PFACH PFORT ORT01 ORT02 COUNC PSTLZ
  PSTL2 ABLAD PERNR PARNR PARGE TELF1 TELF2 TELBX TELFX TELTX TELX1 ANRED TITLE IHREZ BNAME PAORG
  ORGTX KNREF ILNNR E1EDKA3 E1EDPA3
`);

const addressFields = words(`
  PARTNER_ID ADDRESS_ID LANGUAGE FORMOFADDR NAME1 NAME2 NAME3 NAME4 NAME_TEXT NAME_CO LOCATION
  BUILDING FLOOR ROOM_NO STREET1 STREET2 STREET3 STREET_NO HOUSE_SUPL HOUSE_RANG POSTL_COD1
  POSTL_COD2 POSTL_COD3 POSTL_AREA CITY1 CITY2 POSTL_PBOX POSTL_CITY TELEPHONE1 TELEPHONE2 TELEFAX
  TELEX E_MAIL E1ADRE1
`);

const under = (segment: string, fields: readonly string[]) =>
  fields.map((name) => `${segment}.*.${name}`);

const paths: Readonly<Record<StreamName, readonly string[]>> = {
  order: [
    ...under('E1EDKA1', partnerFields),
    ...under('E1EDP01.*.E1EDPA1', partnerFields),
    // Texts are free, cards and accounts are of whoever pays.
    ...['E1EDKT1', 'E1EDK28', 'E1EDK36', 'E1EDP01.*.E1EDPT1'],
  ],
  material: [],
  delivery: [
    ...under('E1EDL20.*.E1ADRM1', addressFields),
    ...['E1EDL20.*.E1TXTH8', 'E1EDL20.*.E1TXTH9', 'E1EDL20.*.E1EDL24.*.E1TXTP8'],
    'E1EDL20.*.E1EDL24.*.E1TXTP9',
  ],
  storeSales: [],
  receipts: [
    ...under('E1WPB01', ['KUNDNR', 'KASSIERER', 'CSHNAME']),
    ...under('E1WPB01.*.E1WPB06', ['KARTENNR', 'KARTENFNR', 'GUELTBIS', 'KONTOINH', 'AUTORINR']),
  ],
};

/** Those of SAP, and those the settings add for segments of the customer's own. */
export function personalPaths(stream: StreamName, config: IdocConfig): readonly string[] {
  const own = config.personal.flatMap((path) =>
    path.startsWith(`${stream}.`) ? path.slice(stream.length + 1) : [],
  );
  return [...paths[stream], ...own];
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
