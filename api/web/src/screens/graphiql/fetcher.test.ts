import { beforeEach, expect, it, vi } from 'vitest';
import { ended, renew } from '../../api/session-state';
import { fetcher, operationOf } from './fetcher';

interface Sink {
  next: (result: object) => void;
  error: (error: unknown) => void;
  complete: () => void;
}
const asked: { variables?: object; sink: Sink }[] = [];
const left = vi.fn();

vi.mock('graphql-ws', () => ({
  createClient: () => ({
    subscribe: ({ variables }: { variables?: object }, sink: Sink) => {
      asked.push({ variables, sink });
      return left;
    },
  }),
}));
vi.mock('../../api/query', () => ({ ask: vi.fn(async () => ({})) }));
vi.mock('../../api/session-state', async (original) => ({
  ...(await original<typeof import('../../api/session-state')>()),
  renew: vi.fn(async () => 'renewed'),
  ended: vi.fn(async () => undefined),
}));

const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
const refused = answer.bind(undefined, 401, { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] });
const query = { query: '{ company { name } }' };
const news = 'subscription($after: String) { jobChanged(after: $after) { cursor } }';

beforeEach(() => {
  asked.length = 0;
  vi.clearAllMocks();
});

/** Follows; what is heard is gathered. */
function following(document: string) {
  const heard: unknown[] = [];
  const observable = fetcher({ query: document });
  if (!('subscribe' in observable)) throw new Error('a subscription is followed');
  const { unsubscribe } = observable.subscribe({
    next: (result) => heard.push(result),
    error: (error: unknown) => heard.push(error),
    complete: () => heard.push('over'),
  });
  return { heard, unsubscribe };
}

it('the operation is the one that is named, and none where the document cannot be read', () => {
  const two = 'query A { company { name } } subscription B { jobChanged { kind } }';
  expect(operationOf({ query: two, operationName: 'B' })?.operation).toBe('subscription');
  expect(operationOf({ query: two, operationName: 'A' })?.operation).toBe('query');
  expect([operationOf({ query: two }), operationOf({ query: '{ company' })]).toEqual([undefined, undefined]);
});

it('a token that has ended is renewed on the way', async () => {
  vi.stubGlobal(
    'fetch',
    vi
      .fn()
      .mockResolvedValueOnce(refused())
      .mockResolvedValueOnce(answer(200, { data: { company: { name: 'A' } } })),
  );
  expect(await fetcher(query)).toEqual({ data: { company: { name: 'A' } } });
  expect([vi.mocked(renew).mock.calls.length, vi.mocked(ended).mock.calls.length]).toEqual([1, 0]);
});

it('where the session has ended it waits until somebody is in again', async () => {
  vi.mocked(renew).mockResolvedValueOnce('ended');
  vi.stubGlobal(
    'fetch',
    vi
      .fn()
      .mockResolvedValueOnce(refused())
      .mockResolvedValueOnce(answer(200, { data: {} })),
  );
  expect(await fetcher(query)).toEqual({ data: {} });
  expect(ended).toHaveBeenCalledOnce();
});

it('an answer is given with its errors, as it came', async () => {
  const said = { data: { company: null }, errors: [{ message: 'no', extensions: { code: 'RATE_LIMITED' } }] };
  vi.stubGlobal('fetch', vi.fn().mockResolvedValueOnce(answer(429, said)));
  expect(await fetcher(query)).toEqual(said);
});

it('what loses its socket goes on after its last message where it declares $after', async () => {
  const { heard, unsubscribe } = following(news);
  asked[0]?.sink.next({ data: { jobChanged: { cursor: '7' } } });
  asked[0]?.sink.error({ code: 4403 });
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect([asked[1]?.variables, heard.length]).toEqual([{ after: '7' }, 1]);
  unsubscribe();
  expect(left).toHaveBeenCalled();
});

it('what Kilter refuses is the answer, and is not asked again', async () => {
  const { heard } = following(news);
  asked[0]?.sink.error([{ message: 'no' }]);
  await vi.waitFor(() => expect(heard).toEqual([{ errors: [{ message: 'no' }] }, 'over']));
  expect(asked).toHaveLength(1);
});

it('who stops hears nothing more', () => {
  const { heard, unsubscribe } = following('subscription { jobChanged { kind } }');
  unsubscribe();
  asked[0]?.sink.next({ data: {} });
  expect([heard, left.mock.calls.length]).toEqual([[], 1]);
});
