import { describe, expect, it } from 'vitest';
import { pairingAddress, pairingCode, pairingCodeAfter } from './pairing';

describe('a pairing code', () => {
  it('is the same scanned as an address, scanned by itself and typed', () => {
    const address = pairingAddress('https://kilter.example', 'ABCD-EF23');
    expect(address).toBe('https://kilter.example/terminal#pair=ABCD-EF23');
    for (const text of [address, 'ABCD-EF23', ' abcd-ef23 ']) expect(pairingCode(text)).toBe('ABCD-EF23');
  });

  it('comes out of an address that was opened, and nothing else does', () => {
    expect(pairingCodeAfter('pair=abcd-ef23')).toBe('ABCD-EF23');
    for (const hash of ['', 'content', 'repair=x']) expect(pairingCodeAfter(hash)).toBe('');
  });
});
