// The code that pairs a tablet, as an address that any camera opens. It stands after the #, which no server ever sees.

const MARK = '#pair=';

export const pairingAddress = (origin: string, code: string): string => `${origin}/terminal${MARK}${code}`;

/** The code in what was scanned: in such an address, or by itself. */
export function pairingCode(text: string): string {
  const at = text.indexOf(MARK);
  return (at < 0 ? text : text.slice(at + MARK.length)).trim().toUpperCase();
}

/** The code in the part of an address after the #; empty where there is none. */
export const pairingCodeAfter = (hash: string): string => (`#${hash}`.startsWith(MARK) ? pairingCode(`#${hash}`) : '');
