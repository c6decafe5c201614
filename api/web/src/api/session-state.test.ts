import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { signOut } from './session-state';

const answers = (status: number) => vi.stubGlobal('fetch', async () => Response.json({}, { status }));
const gone = vi.fn();
beforeEach(() => {
  vi.spyOn(location, 'assign').mockImplementation(gone);
  sessionStorage.setItem('kilter-draft-acme-otto-job-1', '{"customer":"Pumps Ltd"}');
  sessionStorage.setItem('kilter-jobs-acme-otto', '{"customer":"Pumps Ltd"}');
  sessionStorage.setItem('kilter-graphiql-acme-otto', '{"query":"{ jobs }"}');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  gone.mockClear();
});

it.each([429, 500])('who is still in after an answer of %i is told so, and stays where they are', async (status) => {
  answers(status);
  await expect(signOut()).rejects.toMatchObject({ name: 'Refusal' });
  expect(gone).not.toHaveBeenCalled();
  expect(sessionStorage.length).toBe(3);
});

it('who is offline is still in', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('offline')));
  await expect(signOut()).rejects.toMatchObject({ name: 'Unreachable' });
  expect(gone).not.toHaveBeenCalled();
});

it.each([200, 401])('who is out after an answer of %i leaves, and leaves nothing that they typed', async (status) => {
  answers(status);
  await signOut();
  expect(gone).toHaveBeenCalledWith('/sign-in');
  expect(sessionStorage.length).toBe(0);
});
