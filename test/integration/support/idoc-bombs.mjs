// Documents of about 16 MiB made to be dear, parsed where memory is scarce: what becomes of each.
import { parentPort } from 'node:worker_threads';
import { idoc } from '../../../packages/connectors/dist/index.js';

const { receive, config } = idoc.spec;
const settings = config.parse({ secret: 'secret' });
const size = 15 << 20;
const fill = (text) => text.repeat(Math.floor(size / text.length));
const control =
  '<EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP><CREDAT>20260301</CREDAT><CRETIM>093000</CRETIM></EDI_DC40>';
const named = '<E1MARAM><MATNR>A</MATNR></E1MARAM>';
const of = (inner) => `<R><IDOC>${control}${inner}</IDOC></R>`;
const entities = (from) =>
  Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
    from,
  );

const bombs = {
  laughs: () => `<!DOCTYPE R [<!ENTITY l0 "ha">${entities('')}]>${of('<A>&l9;</A>')}`,
  quadratic: () =>
    `<!DOCTYPE R [<!ENTITY a "${'a'.repeat(1 << 20)}">]>${of(`<A>${'&a;'.repeat(1 << 20)}</A>`)}`,
  attributes: () => of(`<A ${fill('a="" ')}/>`),
  deep: () => of(fill('<A>')),
  manyIdocs: () => `<R>${fill('<IDOC/>')}</R>`,
  manyFields: () => of(fields()),
  manySegments: () => of(fill('<A><B/></A>')),
  oneText: () => of(`<A>${fill('x')}</A>`),
  whitespace: () => of(`<A>${fill(' ')}<B/></A>`),
  references: () => of(`<A>${fill('&#65;')}</A>`),
  comments: () => of(`${named}${fill('<!---->')}`),
};

function fields() {
  let text = '<A>';
  for (let at = 0; text.length < size; at += 1) text += `<F${at}/>`;
  return `${text}</A>`;
}

const answers = {};
for (const [name, make] of Object.entries(bombs)) {
  try {
    const [record] = receive.parse(Buffer.from(make()), settings);
    answers[name] = record.refused?.code ?? 'read';
  } catch (error) {
    answers[name] = error.code;
  }
}
parentPort.postMessage(answers);
