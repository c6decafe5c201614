// The bytes of a file as text, whatever program wrote them: UTF-8 with or without a mark, UTF-16 as Excel's "Unicode text", else
// Windows-1252, which reads anything.

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Every other byte of Latin text in UTF-16 is nothing: on which side tells the order. */
function sixteen(bytes: Uint8Array): Encoding | undefined {
  const seen = bytes.subarray(0, 400);
  const [zeros, half] = [[0, 0] as [number, number], Math.floor(seen.length / 2)];
  for (const [at, byte] of seen.entries()) if (byte === 0) zeros[at % 2 === 0 ? 0 : 1] += 1;
  if (half < 2) return undefined;
  if (zeros[1] > half * 0.6 && zeros[0] < half * 0.1) return 'utf-16le';
  return zeros[0] > half * 0.6 && zeros[1] < half * 0.1 ? 'utf-16be' : undefined;
}

export function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const wide = sixteen(bytes);
  if (wide !== undefined) return wide;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** The text without the mark that may stand before it. */
export function decode(bytes: Uint8Array): { text: string; encoding: Encoding } {
  const encoding = encodingOf(bytes);
  return { text: new TextDecoder(encoding).decode(bytes).replace(/^\uFEFF/, ''), encoding };
}
