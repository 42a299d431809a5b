/** Texts that tell of a person whatever field they stand in. */

export type TellingKind = 'email' | 'phone' | 'iban';

const EMAIL =
  /[\p{L}\p{N}._%+'-]*[\p{L}\p{N}_%+-]@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/gu;
const IBAN =
  /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?(?![\p{L}\p{N}])/gu;
/** International with `+` or `00` and something between, national with something between. */
const PHONE =
  /(?<![\p{L}\p{N}.+-])(?:\+\d[\d ()./-]{6,18}\d|00\d{1,3}[ ./-][\d ()./-]{6,16}\d|\(?0\d{1,4}\)?[ /-][\d /-]{5,14}\d)(?![\p{L}\p{N}]|[.:]\d)/gu;
const DATE = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^[\d-]+T?\d\d:/;

export function replaceTelling(
  text: string,
  by: (kind: TellingKind, value: string) => string,
): string {
  if (!/[@\d]/.test(text)) return text;
  const mailed = text.includes('@') ? text.replace(EMAIL, (value) => by('email', value)) : text;
  return mailed
    .replace(IBAN, (value) => (isIban(value) ? by('iban', value) : value))
    .replace(PHONE, (value) => (isPhone(value) ? by('phone', value) : value));
}

function isPhone(text: string): boolean {
  const count = text.replace(/\D/g, '').length;
  return count >= 9 && count <= 15 && !DATE.test(text);
}

/** ISO 13616: the check digits are right, which of other texts one in 97 has. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Names of fields that hold credentials. */
export const CREDENTIAL =
  /pass(?:word|wd|phrase)|secret|(?:access|refresh|auth|api|csrf)[-_]?token|^token$|api[-_]?key|access[-_]?key|private[-_]?key|credential|^authorization$|cookie|signature|^sig$/i;

/** Names of fields a person should look at where no path says that they are personal. */
export const SOUNDS_PERSONAL =
  /(?:first|last|full|middle|maiden|contact|recipient|person|user)[-_]?name|surname|street|zip[-_]?code|postal|postcode|birth|phone|mobile|fax|mail|comment|remark|^notes?$|iban|vat[-_]?id|passport|salutation|ip[-_]?address|remote[-_]?address|created[-_]?by|changed[-_]?by|modified[-_]?by/i;

/** Names of fields in which digits alone are a phone. */
export const SOUNDS_LIKE_PHONE = /phone|mobile|telefon|telephone|^tel$|fax|whatsapp/i;
