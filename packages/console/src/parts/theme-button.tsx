import { useEffect, useState } from 'react';

const storageKey = 'headrace-theme';
const order = ['system', 'light', 'dark'] as const;
type Theme = (typeof order)[number];

const signs: Readonly<Record<Theme, string>> = { system: '◐', light: '○', dark: '●' };

export function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(storageKey, theme);
  }, [theme]);
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
  return (
    <button
      type="button"
      className="quiet"
      onClick={() => setTheme(next)}
      aria-label={`Colours: ${theme}. Switch to ${next}.`}
      title={`Colours: ${theme}`}
    >
      {signs[theme]}
    </button>
  );
}

function stored(): Theme {
  const text = localStorage.getItem(storageKey);
  return order.find((one) => one === text) ?? 'system';
}
