/** Each source with its streams, always in sight; what is not well says why. */
import type { StreamStatus } from '../client/schema.js';
import { countText, durationText } from '../format.js';
import { Link } from '../router.js';
import { useStatus } from '../session-context.js';
import { Dot, toneOf, worstOf } from './stream-state.js';

export function StatusStrip() {
  const status = useStatus();
  if (status === null) return <div className="strip" />;
  const sources = grouped(status.streams);
  const unwell = status.streams.filter((stream) => ['warn', 'bad'].includes(toneOf(stream)));
  return (
    <section className="strip" aria-label="Streams">
      <ul>
        {[...sources].map(([source, streams]) => (
          <li key={source}>
            <Link to={`/streams?source=${encodeURIComponent(source)}`} className="chip">
              <b>{source}</b>
              <span className="dots">
                {streams.map((stream) => (
                  <Dot key={stream.stream} tone={toneOf(stream)} />
                ))}
              </span>
              <span>{summaryOf(streams)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <span className="journal">{countText(status.journal.entries)} entries</span>
      {!status.healthy && <p className="strip-why tone-bad">{status.why}</p>}
      {unwell.slice(0, 2).map(({ source, stream, state, why }) => (
        <p key={`${source}/${stream}`} className="strip-why">
          <b>
            {source}/{stream}
          </b>{' '}
          {state}: {why}
        </p>
      ))}
    </section>
  );
}

function grouped(streams: readonly StreamStatus[]): Map<string, StreamStatus[]> {
  const groups = new Map<string, StreamStatus[]>();
  for (const stream of streams) {
    const group = groups.get(stream.source);
    if (group === undefined) groups.set(stream.source, [stream]);
    else group.push(stream);
  }
  return groups;
}

/** Lag only where a change was seen: a stream that has told nothing is not on time. */
function summaryOf(streams: readonly StreamStatus[]): string {
  const worst = worstOf(streams.map(toneOf));
  const lags = streams.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs.p99]));
  const words: Readonly<Record<string, string>> = {
    ok: lags.length === 0 ? 'no change seen yet' : `p99 ${durationText(Math.max(...lags))}`,
    busy: 'reading',
    idle: 'quiet hours',
  };
  const states = streams.filter((stream) => toneOf(stream) === worst);
  return words[worst] ?? `${states.length} ${states[0]?.state}`;
}
