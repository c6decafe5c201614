import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { type DoneLine, useDoneLine } from '../app/undo';
import { commandNow, useCommand } from './command';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
afterEach(() => void vi.unstubAllGlobals());

const screen: { mutate: (input: { status: string }) => void; line?: DoneLine } = { mutate: () => {} };
const back = vi.fn(async (_status: string) => {});

/** A machine whose status is changed, and what is said of it. */
function Machine({ status }: { status: string }) {
  const line = useDoneLine();
  const { mutate } = useCommand<{ change: { userErrors: [] } }, { status: string }>(
    { toString: () => 'mutation' },
    { done: (_, input) => ({ said: `${status} → ${input.status}`, undo: () => back(status) }) },
  );
  useEffect(() => void Object.assign(screen, { mutate, line }));
  return null;
}

test('news that come before the answer do not change what Undo brings back', async () => {
  let answer: (response: Response) => void = () => {};
  const answered = new Promise<Response>((give) => {
    answer = give;
  });
  vi.stubGlobal('fetch', () => answered);
  const [root, queries] = [createRoot(document.createElement('div')), new QueryClient()];
  const draw = (status: string) =>
    act(async () =>
      root.render(
        <QueryClientProvider client={queries}>
          <Machine status={status} />
        </QueryClientProvider>,
      ),
    );
  await draw('RUNNING');
  await act(async () => screen.mutate({ status: 'DOWN' }));
  await draw('DOWN');
  await act(async () => answer(Response.json({ data: { change: { userErrors: [] } } })));
  await vi.waitFor(() => expect(screen.line?.said).toBe('RUNNING → DOWN'));
  await screen.line?.undo?.();
  expect(back).toHaveBeenCalledWith('RUNNING');
  await act(async () => root.unmount());
});

test('what nobody answered is the same when somebody presses again, and another thing once it was answered', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const asked: string[] = [];
  let isAway = true;
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    asked.push(JSON.parse(body).variables.input.commandId);
    if (isAway) throw new TypeError('gone');
    return Response.json({ data: { change: { userErrors: [] } } });
  });
  const press = (status: string) =>
    commandNow<{ change: { userErrors: [] } }, { status: string }>({ toString: () => 'mutation' }, { status });
  const lost = expect(press('DOWN')).rejects.toThrow();
  await vi.runAllTimersAsync();
  await lost;
  expect(asked.length).toBe(4);
  isAway = false;
  await press('AVAILABLE');
  await press('DOWN');
  await press('DOWN');
  const [first, other, again, anew] = [asked[0], ...asked.slice(4)];
  expect(new Set(asked.slice(0, 4)).size).toBe(1);
  expect(again).toBe(first);
  expect(new Set([first, other, anew]).size).toBe(3);
  vi.useRealTimers();
});
