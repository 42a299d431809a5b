import type { Emulators } from '@headrace/emulators';

export type Row = Readonly<Record<string, unknown>>;

/** What a test does to emulated systems beside their own protocols, and reads in their books. */
export function controlOf({ control: { url }, shopware: { clientId } }: Emulators) {
  const call = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const answer = await fetch(url + path, {
      ...{ method },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = (await answer.json()) as Answer;
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(said)}`);
    return said;
  };
  return {
    url,
    call,
    /** Calls of ours that changed something in the shop. */
    async mutating(): Promise<number> {
      const { byClient } = await call<{ byClient: Record<string, { mutating: number }> }>(
        'GET',
        '/calls',
      );
      return byClient[clientId]?.mutating ?? 0;
    },
    async ledger(name: string): Promise<readonly Row[]> {
      const text = (await (await fetch(`${url}/ledger/${name}`)).text()).trim();
      return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Row);
    },
  };
}
