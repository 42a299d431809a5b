/**
 * The report of `headrace assess` as one file: no script, nothing fetched, made to be printed and
 * sent on. Each figure is a `data` element with the value as the API has it.
 */
import type { AssessedStream, AssessReport, UnmappedField } from './assess.js';
import { countText, durationText } from './cli/human.js';

const fieldsMax = 12;

export function assessPage(report: AssessReport): string {
  const { now, systems, streams, pairs, coverage, unmapped, unread, useCases } = report;
  const ready = useCases.filter((one) => one.ready).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>What ${text(systems.join(', '))} are ready for</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>What your data is ready for</h1>
<p class="lead">${text(systems.join(', '))}, read and never written to, as of <time datetime="${text(now)}">${text(now.slice(0, 16).replace('T', ' '))}</time>.
${figure('use cases ready', ready)} of ${countText(useCases.length)} use cases can begin.</p>

<section aria-labelledby="use-cases">
<h2 id="use-cases">Use cases</h2>
${useCases.map(useCase).join('\n')}
</section>

<section aria-labelledby="streams">
<h2 id="streams">How fast, and how complete</h2>
<p>Lag is the time from a change in the system to its record here, over the changes since this started. It is empty
until something changes; a day shows more than an hour.</p>
${table(
  ['Stream', 'How', '>Records', '>Lag p50', '>Lag p95', '>Complete', 'State'],
  streams.map(streamRow),
)}
</section>

<section aria-labelledby="pairs">
<h2 id="pairs">Where systems disagree</h2>
${
  pairs.length === 0
    ? '<p>No two connected systems state the same thing.</p>'
    : table(
        ['What', 'Between', '>Compared', '>Differ', '>On their way'],
        pairs.map(({ pair, a, b, compared, differing, pending }) => [
          text(pair),
          text(`${a} = ${b}`),
          figure(`${pair} compared`, compared),
          figure(`${pair} differing`, differing),
          figure(`${pair} pending`, pending),
        ]),
      )
}
</section>

<section aria-labelledby="coverage">
<h2 id="coverage">What is known of each variant that is sold</h2>
${
  coverage.length === 0
    ? '<p>No connected system tells of prices, costs, stock, categories or lead times.</p>'
    : table(
        ['What', '>Have it', '>Of', '>Share'],
        coverage.map(({ kind, has, sellable }) => [
          text(kind === 'leadTime' ? 'lead time' : kind),
          figure(`${kind} has`, has),
          figure(`${kind} sellable`, sellable),
          text(sellable === 0 ? '–' : shareText(has / sellable)),
        ]),
      )
}
</section>

<section aria-labelledby="unmapped">
<h2 id="unmapped">Filled, and not used yet</h2>
<p>Fields of the newest records that no mapping reads. Of records about persons only the kind of value is shown.</p>
${unmapped.length === 0 ? '<p>Every filled field is read.</p>' : byStream(unmapped)}
${unread.map(({ stream, why }) => `<p class="note">${text(stream)} was not looked at: ${text(why)}</p>`).join('\n')}
</section>
</main>
</body>
</html>
`;
}

function useCase({
  title,
  ready,
  because,
  readyOn,
  better,
}: AssessReport['useCases'][number]): string {
  const verdict = ready ? 'Ready' : readyOn === null ? 'Not yet' : `Ready on ${readyOn}`;
  const kind = ready ? 'ready' : readyOn === null ? 'not' : 'soon';
  const list = (items: readonly string[]) =>
    items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul>`;
  return `<article class="case ${kind}">
<h3>${text(title)} <span class="verdict">${text(verdict)}</span></h3>
${list(because)}${better.length === 0 ? '' : `<p class="note">Better with:</p>${list(better)}`}
</article>`;
}

function streamRow(stream: AssessedStream): string[] {
  const { source, mode, records, lagMs, everyMs, complete, state, why } = stream;
  const name = `${source}/${stream.stream}`;
  const lag = (of: 'p50' | 'p95') =>
    lagMs === null ? '–' : figure(`${name} ${of}`, lagMs[of], durationText(Math.max(0, lagMs[of])));
  const how =
    mode === 'push' ? 'pushed' : mode === 'delivery' ? 'sent' : `every ${durationText(everyMs)}`;
  return [
    text(name),
    text(how),
    figure(`${name} records`, records),
    lag('p50'),
    lag('p95'),
    complete === null ? '–' : figure(`${name} complete`, complete, shareText(complete)),
    text([state, why ?? stream.incompleteBecause].filter((one) => one !== null).join(': ')),
  ];
}

function byStream(fields: readonly UnmappedField[]): string {
  const groups = new Map<string, UnmappedField[]>();
  for (const field of fields) {
    const name = `${field.source}/${field.stream}`;
    groups.set(name, [...(groups.get(name) ?? []), field]);
  }
  return [...groups]
    .map(([name, own]) => {
      const rows = own
        .slice(0, fieldsMax)
        .map(({ path, fillRate, sample, isOwn }) => [
          `<code>${text(path)}</code>${isOwn ? ' <b>yours</b>' : ''}`,
          figure(`${name} ${path}`, fillRate, shareText(fillRate)),
          text(sample ?? ''),
        ]);
      const more = own.length - rows.length;
      const rest = more > 0 ? `<p class="note">and ${countText(more)} more</p>` : '';
      const looked = countText(own[0]?.records ?? 0);
      return `<h3>${text(name)} <small>${looked} records looked at</small></h3>
${table(['Field', '>Filled', 'Such as'], rows)}${rest}`;
    })
    .join('\n');
}

/** @param head Names of columns; those of numbers begin with `>`. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kind = head.map((name) => (name.startsWith('>') ? ' class="number"' : ''));
  const names = head.map(
    (name, index) => `<th scope="col"${kind[index]}>${text(name.replace(/^>/, ''))}</th>`,
  );
  const lines = rows.map(
    (row) => `<tr>${row.map((cell, index) => `<td${kind[index]}>${cell}</td>`).join('')}</tr>`,
  );
  return `<div class="wide"><table><thead><tr>${names.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div>`;
}

function figure(of: string, value: number, shown = countText(value)): string {
  return `<data value="${value}" title="${text(of)}">${text(shown)}</data>`;
}

/** Cut, not rounded: what is almost whole does not look whole. */
function shareText(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10} %`;
}

function text(plain: string): string {
  return plain.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const style = `
:root { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid #d5dae0; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
h3 small { font-weight: 400; color: #59636e; }
.lead { font-size: 1.1rem; margin: 0; }
.case { border-left: .3rem solid #59636e; padding: .1rem 0 .1rem .9rem; margin: .9rem 0; break-inside: avoid; }
.case h3 { margin: 0; }
.case ul { margin: .3rem 0 0; padding-left: 1.1rem; }
.ready { border-color: #1a7f37; } .soon { border-color: #9a6700; } .not { border-color: #cf222e; }
.verdict { font-weight: 600; padding-left: .5rem; }
.ready .verdict { color: #1a7f37; } .soon .verdict { color: #7d5300; } .not .verdict { color: #b31d28; }
.note { color: #59636e; margin: .4rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #e4e8ec; }
th { font-weight: 600; color: #59636e; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { main { max-width: none; padding: 0; } .wide { overflow: visible; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
`;
