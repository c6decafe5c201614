// PINs and badges of people whose entries are still to be sent: encrypted under a key that this tablet uses and nobody can read out of the
// page. Where the browser has no cryptography they are kept as long as the page lives.
import type { Shown } from './door';
import { formOf } from './scan';
import type { SealKeys, Store } from './store';

/** So many kinds of badges are told apart. */
const FORMS = 8;

export class Seals {
  readonly #inPage = new Map<string, Shown>();

  constructor(private readonly store: Store) {}

  async #keys(): Promise<SealKeys | undefined> {
    if (globalThis.crypto?.subtle === undefined) return undefined;
    const known = await this.store.get('keys');
    if (known !== undefined) return known;
    const made: SealKeys = {
      seal: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
      badges: await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
    };
    await this.store.set('keys', made);
    return made;
  }

  async keep(visit: string, shown: Shown, at: number): Promise<void> {
    this.#inPage.set(visit, shown);
    const keys = await this.#keys();
    if (keys === undefined || !this.store.isKept) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, keys.seal, new TextEncoder().encode(JSON.stringify(shown)));
    await this.store.set(`sealed:${visit}`, { iv, bytes, at });
  }

  async open(visit: string): Promise<Shown | undefined> {
    const inPage = this.#inPage.get(visit);
    if (inPage !== undefined) return inPage;
    const [keys, sealed] = [await this.#keys(), await this.store.get(`sealed:${visit}`)];
    if (keys === undefined || sealed === undefined) return undefined;
    try {
      const bytes = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, keys.seal, sealed.bytes);
      return JSON.parse(new TextDecoder().decode(bytes)) as Shown;
    } catch {
      return undefined;
    }
  }

  async forget(visit: string): Promise<void> {
    this.#inPage.delete(visit);
    await this.store.forget(`sealed:${visit}`);
  }

  async forgetAll(): Promise<void> {
    this.#inPage.clear();
    for (const name of await this.store.names()) {
      if (name.startsWith('sealed:')) await this.store.forget(`sealed:${name.slice('sealed:'.length)}`);
    }
  }

  /** What a badge becomes under a key of this tablet: it is found again, and not read. */
  async #mark(badge: string): Promise<`badge:${string}` | undefined> {
    const keys = await this.#keys();
    if (keys === undefined) return undefined;
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', keys.badges, new TextEncoder().encode(badge.trim())));
    return `badge:${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }

  /** Whose badge it was when the server was asked last. */
  async ownerOf(badge: string): Promise<string | undefined> {
    const mark = await this.#mark(badge);
    return mark && (await this.store.get(mark))?.operatorId;
  }

  /** How badges that came in here are built. */
  async badgeForms(): Promise<readonly string[]> {
    return (await this.store.get('badgeForms')) ?? [];
  }

  async isOwner(badge: string, operatorId: string | undefined): Promise<void> {
    if (operatorId !== undefined) {
      const form = formOf(badge);
      const others = (await this.badgeForms()).filter((one) => one !== form);
      await this.store.set('badgeForms', [form, ...others].slice(0, FORMS));
    }
    const mark = await this.#mark(badge);
    if (mark === undefined) return;
    if (operatorId === undefined) await this.store.forget(mark);
    else await this.store.set(mark, { operatorId });
  }
}
