import { type FormEvent, useState } from 'react';

export function SignIn({
  trouble,
  enter,
}: {
  readonly trouble: string | null;
  readonly enter: (token: string) => Promise<void>;
}) {
  const [text, setText] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setIsAsking(true);
    void enter(text.trim()).finally(() => setIsAsking(false));
  };
  return (
    <main className="sign-in">
      <h1>Headrace</h1>
      <form onSubmit={send}>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby="token-help"
        />
        <button type="submit" disabled={text.trim() === '' || isAsking}>
          Enter
        </button>
        {trouble !== null && (
          <p className="problem" role="alert">
            {trouble}
          </p>
        )}
      </form>
      <p id="token-help">
        The first start printed one. It is kept in this window only, and forgotten with it. Or open
        the link that <code>headrace up</code> or <code>headrace demo</code> printed: it works once,
        for 15 minutes.
      </p>
    </main>
  );
}
