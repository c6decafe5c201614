// What is asked of oneself beyond a password: an app, passkeys, recovery codes. By /auth/…, renewed on the way where the token has ended.
import { post, Refusal, refusalOf, UNAUTHENTICATED } from '../../api/post';
import { asOwn, comeBack } from '../../api/who';

export interface Factors {
  totp: boolean;
  recoveryCodes: number;
  passkeys: { id: string; label: string; added: string; used?: string | null }[];
  passkeysAt?: string | null;
}

export interface AppBegun {
  key: string;
  qrCode?: string | null;
}

interface Ceremony {
  ceremony: string;
  origin: string;
  options: { [name: string]: unknown };
}

interface Codes {
  recoveryCodes?: string[];
}

async function asked<Said>(path: string, body: object): Promise<Said> {
  for (;;) {
    await asOwn();
    const at = Date.now();
    const { response, said } = await post(path, body);
    if (response.ok) return said as Said;
    const refusal = refusalOf(response, said);
    if (!(refusal instanceof Refusal) || refusal.code !== UNAUTHENTICATED) throw refusal;
    await comeBack(at);
  }
}

export const list = () => asked<Factors>('/auth/second-factor/list', {});
export const beginApp = (password: string) => asked<AppBegun>('/auth/second-factor/totp/begin', { password });
export const confirmApp = (code: string) => asked<Codes>('/auth/second-factor/totp/confirm', { code });
export const removeApp = (password: string) => asked<object>('/auth/second-factor/totp/remove', { password });
export const newCodes = (password: string) => asked<Codes>('/auth/second-factor/recovery-codes', { password });
export const removePasskey = (passkey: string, password: string) => asked<object>('/auth/passkeys/remove', { passkey, password });

export const canPasskeys = (): boolean => 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

/** Has the browser make a passkey between the two requests that begin and end it. */
export async function addPasskey(label: string, password: string): Promise<Codes> {
  const begun = await asked<Ceremony>('/auth/passkeys/add/begin', { password });
  const options = begun.options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) throw new Refusal('NO_PASSKEY', 'no passkey was chosen');
  return asked<Codes>('/auth/passkeys/add/confirm', { ceremony: begun.ceremony, label, credential: made.toJSON() });
}
