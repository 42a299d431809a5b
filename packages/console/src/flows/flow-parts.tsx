/** How flows look in one line: their state as a word, their last hour as bars. */
import type { FlowMinute, FlowStatus } from '../client/schema.js';
import { countText } from '../format.js';
import { StateWord, type Tone } from '../parts/stream-state.js';

const tones: Readonly<Record<FlowStatus['state'], Tone>> = {
  shadow: 'idle',
  live: 'ok',
  paused: 'warn',
  stopped: 'bad',
  rehearsing: 'busy',
  held: 'warn',
  failing: 'bad',
  gated: 'warn',
};

export function FlowState({ flow }: { readonly flow: FlowStatus }) {
  return <StateWord tone={tones[flow.state]} word={flow.state} />;
}

export function WriteMode({ flow }: { readonly flow: FlowStatus }) {
  const isLive = flow.write === 'live';
  const text = isLive ? 'It writes' : 'It shows what it would write, and writes nothing';
  return (
    <span className={`badge mode-${flow.write}`} title={text}>
      {isLive ? 'LIVE' : 'SHADOW'}
    </span>
  );
}

const barWidth = 2;
const height = 22;

/** Written, shown and failed, minute by minute; the highest minute has the full height. */
export function LastHour({ minutes }: { readonly minutes: readonly FlowMinute[] }) {
  const sums = minutes.map(({ delivered, failed, shown }) => delivered + failed + shown);
  const most = Math.max(1, ...sums);
  const total = (pick: (minute: FlowMinute) => number) =>
    minutes.reduce((sum, minute) => sum + pick(minute), 0);
  const text = [
    `${countText(total((one) => one.delivered))} written`,
    `${countText(total((one) => one.shown))} shown`,
    `${countText(total((one) => one.failed))} failed`,
  ].join(', ');
  return (
    <svg
      className="spark"
      width={minutes.length * barWidth}
      height={height}
      role="img"
      aria-label={`Last hour: ${text}; at most ${countText(most)} in a minute`}
    >
      <title>{`Last hour: ${text}`}</title>
      <line x1="0" x2={minutes.length * barWidth} y1={height - 0.5} y2={height - 0.5} />
      {minutes.map((minute, index) => (
        <Bar key={minute.at} x={index * barWidth} minute={minute} most={most} />
      ))}
    </svg>
  );
}

function Bar({
  x,
  minute,
  most,
}: {
  readonly x: number;
  readonly minute: FlowMinute;
  readonly most: number;
}) {
  const scale = (height - 2) / most;
  // What was there is seen, however little of it.
  const tall = (count: number) => (count === 0 ? 0 : Math.max(1.5, count * scale));
  const written = tall(minute.delivered);
  const shown = tall(minute.shown);
  const failed = tall(minute.failed);
  const floor = height - 1;
  return (
    <>
      <rect className="written" x={x} width="1.5" y={floor - written} height={written} />
      <rect className="shown" x={x} width="1.5" y={floor - written - shown} height={shown} />
      <rect
        className="failed"
        x={x}
        width="1.5"
        y={floor - written - shown - failed}
        height={failed}
      />
    </>
  );
}
