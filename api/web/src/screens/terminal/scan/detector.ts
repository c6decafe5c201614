// What finds codes in a picture: the browser's own reader where it has one that reads what shops print, else ZXing.
import { FORMATS, type Read, suffices } from './codes';

export interface Detector {
  detect(picture: HTMLCanvasElement): Promise<readonly Read[]>;
}

interface Native {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

declare global {
  var BarcodeDetector: Native | undefined;
}

const load = async (): Promise<Detector> => (await import('./zxing')).zxing();

/** The browser's own, until it gives up: on some tablets what it relies on is not installed, and it says so only when it is asked. */
class Own implements Detector {
  #instead: Promise<Detector> | undefined;

  constructor(
    private readonly native: Detector,
    private readonly zxing: () => Promise<Detector>,
  ) {}

  async detect(picture: HTMLCanvasElement): Promise<readonly Read[]> {
    if (this.#instead === undefined) {
      try {
        return await this.native.detect(picture);
      } catch {
        this.#instead = this.zxing();
      }
    }
    return (await this.#instead).detect(picture);
  }
}

/** A reader that is ready. */
export async function detector(
  native: Native | undefined = globalThis.BarcodeDetector,
  zxing: () => Promise<Detector> = load,
): Promise<Detector> {
  const read = await native?.getSupportedFormats().catch((): string[] => []);
  if (native === undefined || read === undefined || !suffices(read)) return zxing();
  return new Own(new native({ formats: FORMATS.filter((format) => read.includes(format)) }), zxing);
}
