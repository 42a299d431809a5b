/** A stream's state as a word and a mark; the mark differs in form, too, not in colour alone. */
import type { StreamStatus } from '../client/schema.js';

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle';

const tones: Readonly<Record<StreamStatus['state'], Tone>> = {
  live: 'ok',
  starting: 'busy',
  backfilling: 'busy',
  behind: 'warn',
  waiting: 'warn',
  late: 'bad',
  stopped: 'bad',
  quiet: 'idle',
};

export function toneOf(stream: StreamStatus): Tone {
  return tones[stream.state];
}

const order: readonly Tone[] = ['idle', 'ok', 'busy', 'warn', 'bad'];

export function worstOf(tones: readonly Tone[]): Tone {
  return tones.reduce<Tone>(
    (worst, tone) => (order.indexOf(tone) > order.indexOf(worst) ? tone : worst),
    'idle',
  );
}

export function StateWord({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className={`state tone-${tone}`}>
      <Dot tone={tone} />
      {word}
    </span>
  );
}

export function Dot({ tone }: { readonly tone: Tone }) {
  return (
    <svg
      className={`dot tone-${tone}`}
      viewBox="0 0 10 10"
      width="10"
      height="10"
      aria-hidden="true"
    >
      {shapes[tone]}
    </svg>
  );
}

const shapes: Readonly<Record<Tone, React.ReactNode>> = {
  ok: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  busy: <circle cx="5" cy="5" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  warn: <path d="M5 .8 9.6 9H.4z" fill="currentColor" />,
  bad: <path d="M1 1h8v8H1z" fill="currentColor" />,
  idle: <path d="M1 4h8v2H1z" fill="currentColor" />,
};
