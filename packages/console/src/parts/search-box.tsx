/** One box for any id. `/` reaches it from anywhere. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { go, tracePath, usePlace } from '../router.js';

export function SearchBox() {
  const { path } = usePlace();
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const id = /^\/trace\/(.+)$/.exec(path)?.[1];
    if (id !== undefined) setText(id.split('/').map(decodeURIComponent).join('/'));
  }, [path]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (event.key !== '/' || isTyping || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  const send = (event: FormEvent) => {
    event.preventDefault();
    const id = text.trim();
    if (id === '') return;
    go(tracePath(id));
    field.current?.blur();
  };
  return (
    <search>
      <form onSubmit={send}>
        <input
          ref={field}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Order, SKU, customer or any id"
          aria-label="Trace an id"
          aria-keyshortcuts="/"
          spellCheck={false}
          autoComplete="off"
        />
        <span className="key" aria-hidden="true">
          /
        </span>
      </form>
    </search>
  );
}
