/** Everything about one id: lanes over time, the statement looked at, and the same as a table. */
import { useEffect, useMemo, useState } from 'react';
import { later } from '../browser.js';
import type { Trace } from '../client/schema.js';
import { countText, durationText, timeText, zoneName } from '../format.js';
import { go, Link, tracePath, usePlace, withQuery } from '../router.js';
import { useSession } from '../session-context.js';
import { useApi } from '../use-api.js';
import {
  actsOf,
  type Lane,
  lanesOf,
  type Mark,
  meaningsOf,
  roomy,
  type Span,
  spanOf,
} from './lanes.js';
import { LanesView } from './lanes-view.js';
import { StatementPanel } from './statement-panel.js';

export function TracePage({ id }: { readonly id: string }) {
  useEffect(() => {
    document.title = id === '' ? 'Trace · Headrace' : `${id} · Headrace`;
  }, [id]);
  const { data, error, isLoading, reload } = useApi('trace', id === '' ? null : { params: { id } });
  useFollow(data, reload);
  if (id === '') return <Start />;
  if (isLoading) return <p className="loading">Looking for {id}…</p>;
  if (error !== null && data === null) {
    return (
      <section className="empty">
        <h1>{error.status === 404 ? `Nothing is known of ${id}` : error.message}</h1>
        <p>
          {error.problem?.detail ??
            'Give an order number, a SKU, a customer number, ENTITY/KEY, or the id a source uses.'}
        </p>
      </section>
    );
  }
  return data === null ? null : <Found trace={data} />;
}

function Start() {
  return (
    <section className="empty">
      <h1>Trace</h1>
      <p>
        Press <kbd>/</kbd> and give an order number, a SKU, a customer number or the id any system
        uses. You see what each system said of it, when it was true, and when it could be read here.
      </p>
    </section>
  );
}

/** Asks again when one of the records shown gets a new statement. */
function useFollow(trace: Trace | null, reload: () => void): void {
  const { onEntry } = useSession();
  useEffect(() => {
    if (trace === null) return;
    const records = new Set(trace.answers.map(({ record }) => record));
    let forget: (() => void) | null = null;
    const stop = onEntry(({ source, stream, key }) => {
      if (forget !== null || !records.has(`${source}/${stream}/${key}`)) return;
      forget = later(300, () => {
        forget = null;
        reload();
      });
    });
    return () => {
      stop();
      forget?.();
    };
  }, [trace, reload, onEntry]);
}

function Found({ trace }: { readonly trace: Trace }) {
  const { query } = usePlace();
  const lanes = useMemo(() => lanesOf(trace), [trace]);
  const whole = useMemo(() => spanOf(lanes), [lanes]);
  const marks = lanes.flatMap(({ rows }) => rows.flatMap((row) => row.marks));
  const entry = query.get('entry');
  const selected =
    entry === null ? undefined : marks.find((mark) => mark.statement.journal === Number(entry));
  const span = spanIn(query) ?? whole;
  const isZoomed = span !== whole;
  const zoom = (to: Span) =>
    go(withQuery({ from: isoOf(to.fromMs), to: isoOf(to.toMs) }), { replace: true });
  const select = (mark: Mark) =>
    go(withQuery({ entry: String(mark.statement.journal) }), { replace: true });
  const newest = marks.toSorted((a, b) => b.toMs - a.toMs)[0];

  return (
    <>
      <div className="title">
        <h1>{trace.id}</h1>
        <span className="aside">
          {plural(trace.answers.length, 'record')} in {plural(lanes.length, 'system')},{' '}
          {plural(marks.length, 'statement')} · times in {zoneName()}
        </span>
        <span className="tools">
          <button type="button" onClick={() => zoom(scaled(span, 0.5))}>
            Closer
          </button>
          <button type="button" onClick={() => zoom(scaled(span, 2))}>
            Wider
          </button>
          <button
            type="button"
            onClick={() => newest !== undefined && zoom(roomy(newestSpan(newest)))}
          >
            Newest change
          </button>
          <button
            type="button"
            disabled={!isZoomed}
            onClick={() => go(withQuery({ from: null, to: null }), { replace: true })}
          >
            All
          </button>
        </span>
      </div>
      <Meanings trace={trace} />
      <LanesView
        lanes={lanes}
        span={span}
        selected={selected?.statement.journal ?? null}
        select={select}
        zoom={zoom}
      />
      <p className="legend">
        <span>○ became true at its source</span>
        <span>● could be read here</span>
        <span>the line between them is the delay, dashed where it was read in a pass</span>
        <span>◆ what a flow did there</span>
        <span>drag to zoom</span>
      </p>
      {selected !== undefined && (
        <StatementPanel
          mark={selected}
          close={() => go(withQuery({ entry: null }), { replace: true })}
        />
      )}
      <Twin lanes={lanes} selected={selected?.statement.journal ?? null} select={select} />
    </>
  );
}

/** From when anyone read it, where it had been true for long: that would hide the hops. */
function newestSpan({ fromMs, toMs, hops, isPass }: Mark): Span {
  const read = hops.find(({ room }) => room !== 'source');
  const readMs = read === undefined ? fromMs : Date.parse(read.at);
  return { fromMs: isPass ? readMs : Math.min(fromMs, readMs), toMs };
}

function Meanings({ trace }: { readonly trace: Trace }) {
  const meanings = meaningsOf(trace);
  if (meanings.length < 2) return null;
  return (
    <p className="meanings">
      <span className="dim">It is</span>
      {meanings.slice(0, meaningsShown).map((ref) => (
        <EntityLink key={`${ref.entity}/${ref.key}`} to={ref} />
      ))}
      {meanings.length > meaningsShown && (
        <span className="dim">and {meanings.length - meaningsShown} more</span>
      )}
    </p>
  );
}

const meaningsShown = 8;
const keyLength = 30;

function EntityLink({ to }: { readonly to: { readonly entity: string; readonly key: string } }) {
  const { entity, key } = to;
  return (
    <Link className="ref" to={tracePath(`${entity}/${key}`)} title={`${entity} ${key}`}>
      <span>{entity}</span> {key.length > keyLength ? `${key.slice(0, keyLength)}…` : key}
    </Link>
  );
}

const versionsShown = 3;
const refsShown = 3;

/** The same as the lanes, for those who read tables. */
function Twin({
  lanes,
  selected,
  select,
}: {
  readonly lanes: readonly Lane[];
  readonly selected: number | null;
  select(mark: Mark): void;
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  return (
    <div className="scroll">
      <table className="data twin">
        <thead>
          <tr>
            <th scope="col">Statement</th>
            <th scope="col">Version</th>
            <th scope="col">True at its source</th>
            <th scope="col" className="number">
              Delay
            </th>
            <th scope="col">Readable here</th>
          </tr>
        </thead>
        {lanes.flatMap(({ rows }) =>
          rows.map((row) => {
            const isOpen = open.has(row.record);
            const newestFirst = row.marks.toReversed();
            const shown = isOpen ? newestFirst : newestFirst.slice(0, versionsShown);
            const folded = newestFirst.length - shown.length;
            const { answer } = row;
            return (
              <tbody key={row.record}>
                <tr className="group">
                  <th scope="rowgroup" colSpan={5}>
                    {row.record}
                    {answer.deleted && <span className="badge">deleted</span>}
                    {answer.entities.slice(0, refsShown).map((ref) => (
                      <EntityLink key={`${ref.entity}/${ref.key}`} to={ref} />
                    ))}
                    {answer.entities.length > refsShown && (
                      <span className="ref dim">and {answer.entities.length - refsShown} more</span>
                    )}
                    {answer.fault !== null && (
                      <p className="problem">
                        {answer.fault.code}: {answer.fault.message}
                      </p>
                    )}
                  </th>
                </tr>
                {shown.map((mark) => (
                  <TwinRow
                    key={mark.statement.journal}
                    mark={mark}
                    isSelected={mark.statement.journal === selected}
                    select={select}
                  />
                ))}
                {actsOf(answer).map(({ hop, atMs }) => (
                  <tr key={`${hop.journal} ${hop.what}`}>
                    <td>
                      <Link
                        className="act-link"
                        to={`/flows/${encodeURIComponent(hop.flow ?? '')}`}
                      >
                        entry {countText(hop.journal)}
                      </Link>
                    </td>
                    <td colSpan={2}>{hop.what}</td>
                    <td className="number">{durationText(hop.ms)}</td>
                    <td className="time">{timeText(atMs, 'ms')}</td>
                  </tr>
                ))}
                {folded > 0 && (
                  <tr>
                    <td colSpan={5}>
                      <button
                        type="button"
                        className="quiet"
                        onClick={() => setOpen(new Set([...open, row.record]))}
                      >
                        {folded} older versions
                      </button>
                    </td>
                  </tr>
                )}
              </tbody>
            );
          }),
        )}
      </table>
    </div>
  );
}

function TwinRow({
  mark,
  isSelected,
  select,
}: {
  readonly mark: Mark;
  readonly isSelected: boolean;
  select(mark: Mark): void;
}) {
  const { statement, fromMs, toMs, isPass } = mark;
  return (
    <tr className={isSelected ? 'selected' : undefined}>
      <td>
        <button type="button" className="quiet" onClick={() => select(mark)}>
          entry {countText(statement.journal)}
        </button>
        {statement.gone && <span className="badge">gone</span>}
      </td>
      <td>{statement.version ?? <span className="dim">none</span>}</td>
      <td className="time">
        {statement.eventAt === null ? (
          <span className="dim">not told</span>
        ) : (
          timeText(fromMs, 'ms')
        )}
      </td>
      <td className="number">
        {statement.eventAt !== null && isPass ? (
          <span
            className="dim"
            title="Read because everything was: no measure of how late news comes"
          >
            {durationText(toMs - fromMs)}, in a pass
          </span>
        ) : (
          statement.eventAt !== null && durationText(toMs - fromMs)
        )}
      </td>
      <td className="time">{timeText(toMs, 'ms')}</td>
    </tr>
  );
}

function spanIn(query: URLSearchParams): Span | null {
  const fromMs = Date.parse(query.get('from') ?? '');
  const toMs = Date.parse(query.get('to') ?? '');
  return fromMs < toMs ? { fromMs, toMs } : null;
}

function scaled({ fromMs, toMs }: Span, factor: number): Span {
  const middle = (fromMs + toMs) / 2;
  const half = Math.max(5, ((toMs - fromMs) / 2) * factor);
  return { fromMs: middle - half, toMs: middle + half };
}

function isoOf(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}

function plural(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
}
