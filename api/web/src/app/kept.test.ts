import { beforeEach, expect, it } from 'vitest';
import { keep, kept, mayKeepOnDevice, schemes } from './kept';

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  mayKeepOnDevice(false);
});

it('what somebody likes is kept for the tab, and on the device only with their agreement', () => {
  keep('language', 'et');
  expect([kept('language'), localStorage.length]).toEqual(['et', 0]);
  mayKeepOnDevice(true);
  keep('look', 'dark');
  sessionStorage.clear();
  expect([kept('language'), kept('look')]).toEqual(['et', 'dark']);
});

it('who takes the agreement back leaves nothing on the device', () => {
  mayKeepOnDevice(true);
  keep('look', 'dark');
  mayKeepOnDevice(false);
  expect(localStorage.length).toBe(0);
});

it('what nobody could have chosen is not taken for a look', () => {
  sessionStorage.setItem('kilter-look', 'pink');
  expect(schemes.get('auto')).toBe('auto');
});
