import { beforeEach, expect, it } from 'vitest';
import { keep, kept, mayKeepOnDevice, schemes } from './kept';

const otto = { tenantId: 'acme', actorId: 'otto' };
const others = [
  { tenantId: 'acme', actorId: 'ben' },
  { tenantId: 'other', actorId: 'otto' },
];

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  mayKeepOnDevice(false, otto);
});

it('what somebody likes is kept for the tab, and on the device only with their agreement', () => {
  keep('language', 'et');
  expect([kept('language'), localStorage.length]).toEqual(['et', 0]);
  mayKeepOnDevice(true, otto);
  keep('look', 'dark');
  sessionStorage.clear();
  expect([kept('language'), kept('look')]).toEqual(['et', 'dark']);
});

it('who takes the agreement back leaves nothing on the device', () => {
  mayKeepOnDevice(true, otto);
  keep('look', 'dark');
  mayKeepOnDevice(false, otto);
  expect(localStorage.length).toBe(0);
});

it('what nobody could have chosen is not taken for a look', () => {
  sessionStorage.setItem('kilter-look', 'pink');
  expect(schemes.get('auto')).toBe('auto');
});

it('filters with customers in them are of one person in one company, on the device too', () => {
  mayKeepOnDevice(true, otto);
  keep(otto, '[{"customer":"Pumps Ltd"}]');
  sessionStorage.clear();
  expect(kept(otto)).toContain('Pumps');
  for (const other of others) {
    expect(kept(other)).toBeUndefined();
    mayKeepOnDevice(false, other);
  }
  expect(kept(otto)).toContain('Pumps');
  mayKeepOnDevice(false, otto);
  expect(kept(otto)).toBeUndefined();
});
