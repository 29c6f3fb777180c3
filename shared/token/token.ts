/** What a token looks like. */

/** 24 bytes: two of a billion different values share a token with a chance of 2⁻¹³³. */
const MAC_CHARACTERS = 32;
const TOKEN = /^tok_([1-9][0-9]{0,8})_([A-Za-z0-9_-]{32})$/;

/** `tok_<salt version>_<base64url of the first 24 bytes of the MAC>`; `mac` is the whole MAC in base64url. */
export function formatToken(saltVersion: string, mac: string): string {
  return `tok_${saltVersion}_${mac.slice(0, MAC_CHARACTERS)}`;
}

/** The salt version of a token; `undefined` when the text is no token. */
export function saltVersionOf(text: string): string | undefined {
  return TOKEN.exec(text)?.[1];
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
