/** Every stream: how it is told of changes, how late it is, and why it is as it is. */
import { useEffect } from 'react';
import type { StreamStatus } from '../client/schema.js';
import { countText, durationText, timeText, zoneName } from '../format.js';
import { StateWord, toneOf } from '../parts/stream-state.js';
import { Link, usePlace } from '../router.js';
import { useStatus } from '../session-context.js';

export function StreamsPage() {
  const status = useStatus();
  const { query } = usePlace();
  const only = query.get('source');
  useEffect(() => {
    document.title = 'Streams · Headrace';
  }, []);
  if (status === null) return <p className="loading">Reading…</p>;
  if (status.streams.length === 0) {
    return (
      <section className="empty">
        <h1>No stream yet</h1>
        <p>
          Name a source in <code>headrace.config.ts</code> and start again;{' '}
          <code>headrace init --systems shopware,sap</code> writes one that runs.
        </p>
      </section>
    );
  }
  const streams = status.streams.filter(({ source }) => only === null || source === only);
  return (
    <section>
      <div className="title">
        <h1>Streams{only === null ? '' : ` of ${only}`}</h1>
        {only !== null && <Link to="/streams">All sources</Link>}
        <span className="aside">
          {timeText(Date.parse(status.now))} · {zoneName()}
        </span>
      </div>
      <div className="scroll">
        <table className="data">
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col">State</th>
              <th scope="col">Told by</th>
              <th scope="col" className="number">
                Records
              </th>
              <th scope="col" className="number" title="Source time to durable, last changes">
                Lag p50
              </th>
              <th scope="col" className="number">
                p99
              </th>
              <th scope="col" className="number" title="Keys that changed and were not read since">
                Waiting
              </th>
              <th scope="col" className="number" title="Since the stream was last known whole">
                Known whole
              </th>
              <th scope="col">Newest change</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {streams.map((stream) => (
              <Row key={`${stream.source}/${stream.stream}`} stream={stream} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="note">
        Lag is measured on changes that came since the start; a stream that has told of none shows
        none. What is polled waits for its interval at most.
      </p>
    </section>
  );
}

function Row({ stream }: { readonly stream: StreamStatus }) {
  const { lagMs, watermark } = stream;
  return (
    <tr>
      <th scope="row">
        <span className="dim">{stream.source}/</span>
        {stream.stream}
      </th>
      <td>
        <StateWord tone={toneOf(stream)} word={stream.state} />
      </td>
      <td>
        {stream.mode}
        {stream.mode === 'poll' && (
          <span className="dim"> every {durationText(stream.everyMs)}</span>
        )}
      </td>
      <td className="number">{countText(stream.records)}</td>
      <td className="number">{lagMs === null ? <None /> : durationText(lagMs.p50)}</td>
      <td className="number">{lagMs === null ? <None /> : durationText(lagMs.p99)}</td>
      <td className="number">{countText(stream.waiting)}</td>
      <td className="number">{durationText(stream.behindMs)} ago</td>
      <td>
        {watermark === null ? (
          <span className="dim" title="The source dates none of its records">
            not told
          </span>
        ) : (
          timeText(Date.parse(watermark))
        )}
      </td>
      <td className="why">{stream.why}</td>
    </tr>
  );
}

function None() {
  return (
    <span className="dim" title="No change seen since the start">
      none yet
    </span>
  );
}
