// A file that is read by a worker. Whoever has enough of it closes it, also in the middle of reading.
import type { Mapping } from './cells';
import type { Missing } from './plan';
import type { Answer, Asks, Reading, Summary } from './reading';
import type { Asked } from './run';
import { type Table, TableRefused } from './table';

type Of<Name extends keyof Reading> = Awaited<ReturnType<Reading[Name]>>;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export class Reader {
  readonly #worker = new Worker(new URL('./reading.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('value' in data) waiting?.resolve(data.value);
      else if ('refused' in data) waiting?.reject(new TableRefused(data.refused.why, data.refused.count));
      else waiting?.reject(new Error(data.failed));
    };
    // It could not be loaded, or has no memory left: nothing will be answered any more.
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || 'the file could not be read'));
      this.#waiting.clear();
    };
  }

  #ask<Name extends keyof Reading>(name: Name, ...given: Parameters<Reading[Name]>): Promise<Of<Name>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ id, name, given } as Asks);
    });
  }

  open(file: Blob): Promise<Table> {
    return this.#ask('open', file);
  }

  summary(mapping: Mapping, zone: string): Promise<Summary> {
    return this.#ask('summary', mapping, zone);
  }

  /** What is asked for the last summary. */
  async begin(missing: Missing[], tenant: string): Promise<Asked> {
    const all = await this.#ask('begin', missing);
    const ask = (at: number) => this.#ask('batch', at, tenant);
    async function* batches() {
      for (let [at, batch] = [1, await ask(0)]; batch !== undefined; batch = await ask(at++)) yield batch;
    }
    return { all, batches: batches() };
  }

  /** Nothing more is answered. */
  close(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }
}
