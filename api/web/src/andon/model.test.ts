import { describe, expect, it } from 'vitest';
import type { CallFragment } from '../api/generated/andon';
import { inOrder, withCall } from './model';

const call = (id: string, over: Partial<CallFragment> = {}): CallFragment => ({
  id,
  job: { id: 'J', code: 'J-1', name: null },
  operation: 10,
  workCenter: { id: 'W', code: 'TURN', name: 'Turning' },
  machine: null,
  reason: 'Tool broke',
  calledAt: '2026-11-23T10:00:00Z',
  calledBy: { name: 'Otto' },
  escalatedAt: null,
  answeredAt: null,
  answeredBy: null,
  endedAt: null,
  ...over,
});
const known = (...calls: CallFragment[]) => ({ totalCount: calls.length, position: '1', edges: calls.map((node) => ({ node })) });
const ids = ({ edges }: ReturnType<typeof withCall>) => edges.map(({ node }) => node.id).join(' ');

describe('open calls', () => {
  it('come, change and go', () => {
    const two = withCall(known(call('a')), call('b'));
    expect([ids(two), two.totalCount]).toEqual(['a b', 2]);
    const answered = withCall(two, call('a', { answeredAt: '2026-11-23T10:05:00Z' }));
    expect([ids(answered), answered.totalCount]).toEqual(['b a', 2]);
    const one = withCall(answered, call('b', { endedAt: '2026-11-23T10:06:00Z' }));
    expect([ids(one), one.totalCount]).toEqual(['a', 1]);
    expect(withCall(one, call('b', { endedAt: '2026-11-23T10:06:00Z' })).totalCount).toBe(1);
  });

  it('have first what nobody has answered, and of that what has escalated', () => {
    const at = (minute: string) => ({ calledAt: `2026-11-23T10:${minute}:00Z` });
    const done = { answeredAt: '2026-11-23T10:30:00Z', escalatedAt: '2026-11-23T10:20:00Z' };
    const all = [call('answered', { ...at('01'), ...done }), call('new', at('20')), call('old', at('05'))];
    const escalated = call('escalated', { ...at('10'), escalatedAt: '2026-11-23T10:20:00Z' });
    expect(inOrder([...all, escalated]).map(({ id }) => id)).toEqual(['escalated', 'old', 'new', 'answered']);
  });
});
