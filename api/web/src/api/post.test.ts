import { afterEach, expect, it, vi } from 'vitest';
import { post, Unreachable } from './post';

const answers = (answer: () => Response) => vi.stubGlobal('fetch', async () => answer());
afterEach(() => void vi.unstubAllGlobals());

/** A body that comes in part, and then this. */
const broken = (error: unknown) =>
  new Response(
    new ReadableStream({
      start(body) {
        body.enqueue(new TextEncoder().encode('{"data":'));
        body.error(error);
      },
    }),
  );

it('an answer that breaks off on its way is nobody reached, so that a command is asked again', async () => {
  answers(() => broken(new TypeError('network error')));
  await expect(post('/graphql', {})).rejects.toBeInstanceOf(Unreachable);
});

it('half an answer is none', async () => {
  answers(() => new Response('{"data":{"revise'));
  await expect(post('/graphql', {})).rejects.toBeInstanceOf(Unreachable);
});

it('whoever gave up while it was read has given up', async () => {
  answers(() => broken(new DOMException('left', 'AbortError')));
  await expect(post('/graphql', {})).rejects.toMatchObject({ name: 'AbortError' });
});

it('an empty answer is one, and a refusal in other words stays a refusal', async () => {
  answers(() => new Response(null, { status: 204 }));
  expect((await post('/auth/sign-out', {})).said).toBeUndefined();
  answers(() => new Response('<h1>Too large</h1>', { status: 413 }));
  const { response, said } = await post('/graphql', {});
  expect([response.status, said]).toEqual([413, undefined]);
});
