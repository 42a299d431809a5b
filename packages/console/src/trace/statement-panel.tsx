/** One statement: its hops as a waterfall, what it changed, and all of it. */
import { durationText, timeText, valueText } from '../format.js';
import { changesOf } from './changes.js';
import { type Mark, waterfallOf } from './lanes.js';

export function StatementPanel({ mark, close }: { readonly mark: Mark; close(): void }) {
  const { statement, hops, before } = mark;
  const { bars, isCut } = waterfallOf(hops);
  return (
    <section className="panel" aria-label="Statement">
      <div className="title">
        <h2>
          {statement.source}/{statement.stream} <code>{statement.key}</code>
        </h2>
        <span className="aside">
          {statement.gone ? 'gone' : `version ${statement.version ?? 'none'}`} · entry{' '}
          {statement.journal}
        </span>
        <button type="button" className="quiet" onClick={close} aria-label="Close the statement">
          ✕
        </button>
      </div>
      <table className="hops">
        <thead className="hidden">
          <tr>
            <th scope="col">At</th>
            <th scope="col">After</th>
            <th scope="col">Where</th>
            <th scope="col">What</th>
            <th scope="col">Share of the time</th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ hop, from, to }, index) => (
            <tr key={`${hop.room} ${hop.what}`}>
              <td className="time">{timeText(Date.parse(hop.at), 'ms')}</td>
              <td className="number">{index === 0 ? '' : `+${durationText(hop.ms)}`}</td>
              <td className="dim">{hop.room}</td>
              <td>{hop.what}</td>
              <td className="bar">
                {index === 1 && isCut ? (
                  <span className="dim">not drawn: longer than all the rest</span>
                ) : (
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect
                      x={from * 100}
                      width={Math.max(0.6, (to - from) * 100)}
                      y="2"
                      height="6"
                    />
                  </svg>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Content mark={mark} />
      {before === null && (
        <p className="note">Nothing older is known of this record, or it was not asked for.</p>
      )}
    </section>
  );
}

const changesShown = 40;

function Content({ mark }: { readonly mark: Mark }) {
  const { payload, personal } = mark.statement;
  const sealed = personalTexts[personal.kind];
  const changes =
    mark.before === null || payload === null ? [] : changesOf(mark.before.payload, payload);
  return (
    <>
      {changes.length > 0 && (
        <>
          <h3>
            Changed since version {mark.before?.version ?? 'before'} ({changes.length})
          </h3>
          <table className="data changes">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Before</th>
                <th scope="col">Now</th>
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, changesShown).map((change) => (
                <tr key={change.path}>
                  <th scope="row">
                    <code>{change.path}</code>
                  </th>
                  <td>
                    <del>{valueText(change.before)}</del>
                  </td>
                  <td>
                    <ins>{valueText(change.after)}</ins>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {changes.length > changesShown && (
            <p className="note">and {changes.length - changesShown} more</p>
          )}
        </>
      )}
      {mark.before !== null && payload !== null && changes.length === 0 && (
        <p className="note">Its business part is as in the version before.</p>
      )}
      {sealed !== null && <p className="note">{sealed}</p>}
      <details open={changes.length === 0}>
        <summary>What the source stated</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: A region that scrolls must be reachable. */}
        <pre tabIndex={0}>{payload === null ? '(no body)' : JSON.stringify(payload, null, 2)}</pre>
      </details>
    </>
  );
}

const personalTexts = {
  none: null,
  open: null,
  sealed: 'It has a personal part, which is sealed and not shown here.',
  erased: 'Its personal part was erased.',
} as const;
