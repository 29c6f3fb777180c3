/** A new salt beside the others: new runs take it, runs under way keep theirs, and old tokens stay what they are. */
import type { Random } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { parseTokenSalts, type TokenSalts } from '../../../shared/token/salts.ts';
import { Tokeniser } from '../../../shared/token/tokeniser.ts';
import { alphanumeric } from '../protocol/alphanumeric.ts';
import type { Rotation } from '../protocol/rotation.ts';

/** As the template has the first one made: 381 bits. */
const SALT_CHARACTERS = 64;

export function saltRotation(deployment: string, random: Random): Rotation {
  return {
    create: async (text) => {
      const { salts } = parseTokenSalts(text);
      const next = String(Math.max(...[...salts.keys()].map(Number)) + 1);
      return JSON.stringify({
        current: next,
        ...Object.fromEntries(salts),
        [next]: alphanumeric(SALT_CHARACTERS, random),
      });
    },
    follows: (pendingText, currentText) => {
      const [pending, current] = [parseTokenSalts(pendingText), parseTokenSalts(currentText)];
      const kept = [...current.salts].every(([version, salt]) => pending.salts.get(version) === salt);
      const added = [...pending.salts.keys()].filter((version) => !current.salts.has(version));
      return kept && added.length === 1 && added[0] === pending.current;
    },
    // A salt is known to nobody but this secret.
    set: async () => undefined,
    test: async (pendingText, currentText) => {
      const [pending, current] = [parseTokenSalts(pendingText), parseTokenSalts(currentText)];
      if (new Set(pending.salts.values()).size !== pending.salts.size) throw wrong('Two versions have one salt.');
      tokenise(pending, pending.current, deployment);
      for (const version of current.salts.keys()) {
        if (tokenise(pending, version, deployment) === tokenise(current, version, deployment)) continue;
        throw wrong('A token would change.');
      }
    },
  };
}

const wrong = (detail: string): Problem => new Problem('configuration-invalid', { detail });

function tokenise(salts: TokenSalts, version: string, deployment: string): string {
  const tokeniser = new Tokeniser({ salts, version, deployment, stage: 'ingestion' });
  try {
    return tokeniser.token('rotation', 'test', 'value');
  } finally {
    tokeniser.dispose();
  }
}
