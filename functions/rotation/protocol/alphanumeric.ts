import type { Random } from '../../../shared/ports.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** The largest multiple of the alphabet's size among bytes: what lies above would favour its beginning, and is drawn again. */
const EVEN = 256 - (256 % ALPHABET.length);

/** Letters and digits, each as likely as the other: 5.95 bits a character. */
export function alphanumeric(length: number, random: Random): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < EVEN && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}
