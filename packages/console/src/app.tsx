/** The shell: who is here, where they are, how the streams are, and the view. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, call } from './client/client.js';
import { type Connection, follow, type LiveEntry } from './client/events.js';
import type { Session } from './client/schema.js';
import { FlowPage } from './flows/flow-page.js';
import { FlowsPage } from './flows/flows-page.js';
import { SearchBox } from './parts/search-box.js';
import { StatusStrip } from './parts/status-strip.js';
import { ThemeButton } from './parts/theme-button.js';
import { ReadinessPage } from './readiness/readiness-page.js';
import { Link, usePlace } from './router.js';
import { redeem, storedToken, storeToken, takeCode } from './session.js';
import { sessionContext, statusContext } from './session-context.js';
import { SignIn } from './sign-in.js';
import { StreamsPage } from './streams/streams-page.js';
import { TracePage } from './trace/trace-page.js';
import { useApi } from './use-api.js';

const code = takeCode();

export function App() {
  const [token, setToken] = useState(storedToken);
  const [session, setSession] = useState<Session | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isOpening, setIsOpening] = useState(code !== null);
  const redeemed = useRef(false);

  const lose = useCallback(() => {
    storeToken(null);
    setToken(null);
    setSession(null);
    setTrouble('This token no longer opens anything.');
  }, []);

  const enter = useCallback(async (given: string) => {
    try {
      setSession(await call(given, 'readSession', {}));
      storeToken(given);
      setToken(given);
      setTrouble(null);
    } catch (thrown) {
      storeToken(null);
      setToken(null);
      const isUnknown = thrown instanceof ApiError && thrown.status === 401;
      setTrouble(isUnknown ? 'No token of this platform.' : messageOf(thrown));
    }
  }, []);

  useEffect(() => {
    if (code !== null && !redeemed.current) {
      redeemed.current = true;
      redeem(code)
        .then(enter, (thrown: unknown) => setTrouble(messageOf(thrown)))
        .finally(() => setIsOpening(false));
    } else if (code === null && token !== null && session === null) void enter(token);
  }, [enter, token, session]);

  if (isOpening || (token !== null && session === null)) return <p className="opening">Opening…</p>;
  if (token === null || session === null) return <SignIn trouble={trouble} enter={enter} />;
  return <Signed token={token} session={session} lose={lose} />;
}

function Signed({
  token,
  session,
  lose,
}: {
  readonly token: string;
  readonly session: Session;
  readonly lose: () => void;
}) {
  const [connection, setConnection] = useState<Connection>('connecting');
  const listeners = useRef(new Set<(entry: LiveEntry) => void>());
  useEffect(
    () =>
      follow(token, {
        entry: (entry) => {
          for (const listener of listeners.current) listener(entry);
        },
        connection: setConnection,
      }),
    [token],
  );
  const context = useMemo(
    () => ({
      token,
      session,
      lose,
      onEntry(listener: (entry: LiveEntry) => void) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [token, session, lose],
  );
  return (
    <sessionContext.Provider value={context}>
      <Shell connection={connection} session={session} lose={lose} />
    </sessionContext.Provider>
  );
}

const statusEveryMs = 2000;

function Shell({
  connection,
  session,
  lose,
}: {
  readonly connection: Connection;
  readonly session: Session;
  readonly lose: () => void;
}) {
  const { path } = usePlace();
  const { data: status, error } = useApi('readStatus', {}, statusEveryMs);
  return (
    <statusContext.Provider value={status}>
      <a className="skip" href="#view">
        Skip to the view
      </a>
      <header className="top">
        <Link to="/" className="mark">
          Headrace
        </Link>
        <nav aria-label="Views">
          {views.map(({ to, name }) => (
            <Link key={to} to={to} aria-current={isAt(path, to) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <SearchBox />
        <span className={`live live-${error === null ? connection : 'waiting'}`} role="status">
          {error === null ? connectionTexts[connection] : 'no answer'}
        </span>
        <ThemeButton />
        <button type="button" className="quiet" onClick={lose} title="Forget this token">
          {session.name} · {session.role}
        </button>
      </header>
      <StatusStrip />
      <main id="view">
        <View path={path} />
      </main>
    </statusContext.Provider>
  );
}

const views = [
  { to: '/readiness', name: 'Readiness' },
  { to: '/flows', name: 'Flows' },
  { to: '/trace', name: 'Trace' },
  { to: '/streams', name: 'Streams' },
] as const;

const connectionTexts: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  live: 'live',
  waiting: 'reconnecting',
};

function isAt(path: string, to: string): boolean {
  return path === to || path.startsWith(`${to}/`);
}

function View({ path }: { readonly path: string }) {
  const [, view = '', ...rest] = path.split('/');
  if (view === 'trace') return <TracePage id={rest.map(decodeURIComponent).join('/')} />;
  if (view === 'streams') return <StreamsPage />;
  if (view === 'readiness') return <ReadinessPage />;
  if (view === 'flows' && rest.length > 0) {
    return <FlowPage name={rest.map(decodeURIComponent).join('/')} />;
  }
  if (view === 'flows' || view === '') return <FlowsPage />;
  return (
    <section className="empty">
      <h1>Nothing is here</h1>
      <p>
        There is no view at <code>{path}</code>. Go to <Link to="/readiness">Readiness</Link>,{' '}
        <Link to="/flows">Flows</Link>, <Link to="/trace">Trace</Link> or{' '}
        <Link to="/streams">Streams</Link>.
      </p>
    </section>
  );
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof ApiError) {
    return [thrown.message, thrown.problem?.detail].filter(Boolean).join(' ');
  }
  return String(thrown);
}
