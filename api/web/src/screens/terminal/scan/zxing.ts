// What reads codes where the browser does not: ZXing as WebAssembly. A chunk of its own, loaded when a camera is opened first, and kept by
// the terminal's service worker. The library would fetch its .wasm from a CDN: it is told to take ours, which is of the same release.
import { BarcodeDetector, prepareZXingModule, purgeZXingModule } from 'barcode-detector/ponyfill';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { FORMATS } from './codes';
import type { Detector } from './detector';

// The same object every time: by that the library knows that it has been compiled already.
const overrides = { locateFile: () => wasm };

export async function zxing(): Promise<Detector> {
  try {
    // Compiled now: who can't load or run it is told before they hold a badge to the camera.
    await prepareZXingModule({ overrides, fireImmediately: true });
  } catch (error) {
    // It would keep the failure for good, and the network may be back.
    purgeZXingModule();
    throw error;
  }
  return new BarcodeDetector({ formats: [...FORMATS] });
}
