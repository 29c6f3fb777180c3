import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf } from '../../../shared/canonical/types/decimal.ts';
import { nearestFloat32 } from '../../../shared/canonical/types/float32-text.ts';
import { bytesOf, changes, expectDistinct, expectEqual, expectRefused, roundTrip } from './encode.ts';

const INTEGER = { kind: 'integer' } as const;
const DECIMAL = { kind: 'decimal' } as const;
const FLOAT64 = { kind: 'float64' } as const;
const FLOAT32 = { kind: 'float32' } as const;

const anyInteger = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.bigInt());

describe('integer', () => {
  it('[S06] is the same from text, number, bigint and bytes, and reads back', () => {
    fc.assert(
      fc.property(anyInteger, (value) => {
        const wide = BigInt.asUintN(512, value).toString(16).padStart(128, '0');
        expectEqual(INTEGER, value, value.toString(), Buffer.from(wide, 'hex'), { coefficient: value, exponent: 0 });
        expect(roundTrip(INTEGER, value)).toBe(value);
      }),
    );
    expectEqual(INTEGER, 5n, 5, '5', '+5', '005', Uint8Array.of(5), Uint8Array.of(0, 0, 5));
    expectEqual(INTEGER, 0n, -0, '-0', '0');
  });

  it.each([
    ['0', '100100'],
    ['127', '10017f'],
    ['128', '10020080'],
    ['-128', '100180'],
    ['-129', '1002ff7f'],
    ['18446744073709551615', '100900ffffffffffffffff'],
    ['-9223372036854775808', '10088000000000000000'],
  ])('writes %s in as few bytes as it takes', (text, hex) => {
    expect(bytesOf(INTEGER, text)).toBe(hex);
  });

  it('keeps apart what a double would not: unsigned 2⁶⁴ − 1 and 2⁶⁴', () => {
    expectDistinct(INTEGER, '18446744073709551615', '18446744073709551616', '9007199254740993', '9007199254740992');
  });

  it.each(['', '1.0', '1e3', ' 1', '0x10', '١', '1_000', '--1', 'NaN', new Uint8Array(0)])(
    'refuses the spelling %j instead of guessing',
    (spelling) => expectRefused(INTEGER, spelling),
  );

  it('refuses what is of another type, or may have lost digits already', () => {
    const wrong = [
      1.5,
      2 ** 53,
      Number.NaN,
      true,
      { coefficient: 15n, exponent: -1 },
      { special: 'NaN' } as const,
      [1],
    ];
    for (const spelling of wrong) expectRefused(INTEGER, spelling, 'field-type');
  });
});

describe('decimal', () => {
  const decimals = fc.tuple(fc.bigInt(), fc.integer({ min: -60, max: 60 }));

  it('[S06] keeps value and drops spelling: zeros at either end, exponents, signs of zero', () => {
    expectEqual(DECIMAL, '100.00', '100', '+100', '1e2', '0.1E3', '1000e-1', '00100.', 100, 100n);
    expectEqual(DECIMAL, '0', '-0.00', '0e5', '.0', 0);
    expectEqual(DECIMAL, '-.5', '-0.50', '-5e-1');
    expectEqual(DECIMAL, 'NaN', 'nan');
    expectEqual(DECIMAL, 'Infinity', '+inf', 'INF');
    expectEqual(DECIMAL, '-Infinity', '-inf');
  });

  it('reads back, and a value times a power of ten is the same however it is spelled', () => {
    fc.assert(
      fc.property(decimals, fc.nat(8), ([coefficient, exponent], zeros) => {
        const spelled = `${coefficient}e${exponent}`;
        expectEqual(DECIMAL, spelled, `${coefficient * 10n ** BigInt(zeros)}e${exponent - zeros}`);
        const value = roundTrip(DECIMAL, spelled);
        expect(bytesOf(DECIMAL, value)).toBe(bytesOf(DECIMAL, spelled));
      }),
    );
  });

  it('has different bytes for different values', () => {
    fc.assert(
      fc.property(decimals, decimals, ([a, x], [b, y]) => {
        const shift = BigInt(60 + x);
        const other = BigInt(60 + y);
        const equal = a * 10n ** shift === b * 10n ** other;
        expect(bytesOf(DECIMAL, `${a}e${x}`) === bytesOf(DECIMAL, `${b}e${y}`)).toBe(equal);
      }),
    );
  });

  it('keeps apart what peers confuse: 1e-20 and 9e-20, 1.5 and 1.9, 1.234999 and 1.23, 38 digits and one more', () => {
    expectDistinct(DECIMAL, '1e-20', '9e-20', '0', '1.5', '1.9', '1.234999', '1.23', '2');
    expectDistinct(DECIMAL, `1.${'0'.repeat(38)}1`, '1', `1.${'0'.repeat(37)}1`);
    expectDistinct(DECIMAL, '9'.repeat(65), `${'9'.repeat(64)}8`, '1e65', '1e300', '1e-300');
    expectDistinct(DECIMAL, 'NaN', 'Infinity', '-Infinity', '0');
  });

  it.each([
    ['0', '110100'],
    ['1', '110401000001'],
    ['-1', '110402000001'],
    ['12345.678', '1108010200010929'.concat('1a7c')],
    ['0.0001', '110401010001'],
  ])('writes %s as groups of four digits', (text, hex) => {
    expect(bytesOf(DECIMAL, text)).toBe(hex);
  });

  it('rounds to a declared scale, half to even, and counts what it changed', () => {
    const type = { kind: 'decimal', scale: 2 } as const;
    expectEqual(type, '0.12', '0.125', '0.1151', '0.120');
    expectEqual(type, '0.14', '0.135');
    expectEqual(type, '-0.12', '-0.125');
    expectEqual(type, '10', '9.999', '10.0049');
    expectEqual(type, '0', '0.005', '-0.004', '1e-1000000');
    expect(changes(type, '0.125', '0.12', '0.1200', '0.121', 'NaN', '5e10')).toEqual({ scale: 2 });
    expect(changes({ kind: 'decimal', scale: 0 }, '2.5', '3.5', '4')).toEqual({ scale: 2 });
    expectEqual({ kind: 'decimal', scale: 0 }, '2', '2.5', '1.5');
  });

  it.each(['', '.', '1.2.3', '1e', ' 1', '1,5', '0x1', '1e1000001', '1e9999999999', 'one'])('refuses %j', (spelling) =>
    expectRefused(DECIMAL, spelling),
  );

  it.each([0.1, 2 ** 60, true, new Uint8Array(1)])('refuses %j: a decimal never passes through a double', (spelling) =>
    expectRefused(DECIMAL, spelling, 'field-type'),
  );
});

describe('float64', () => {
  it('[S06] is the binary value, and reads back, from number and text', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(roundTrip(FLOAT64, value)).toBe(value);
        if (Number.isFinite(value) && !Object.is(value, -0))
          expectEqual(FLOAT64, value, value.toString(), value.toExponential(20));
      }),
    );
  });

  it('keeps apart what six digits do not, and the two zeros', () => {
    expectDistinct(FLOAT64, 1e-20, 9e-20, 0, -0, 1e300, Infinity, -Infinity, NaN, 5e-324, 1, 1 + Number.EPSILON);
    expectDistinct(FLOAT64, '-0', '0');
  });

  it('[S06] takes all digits of a value, however many are printed', () => {
    const tiny = (5e-324).toPrecision(100);
    expectEqual(FLOAT64, 5e-324, tiny, '5e-324', '4.9e-324', '4.94065645841246544e-324');
    // All 751 of them.
    const digits = (5n ** 1074n).toString();
    expectEqual(FLOAT64, 5e-324, `${digits}e-1074`);
    expectRefused(FLOAT64, `${digits.slice(0, 50)}9${digits.slice(51)}e-1074`, 'field-range');
    expectEqual(FLOAT64, 2 ** 80, '1208925819614629174706176', '1.2089258196146292e24');
  });

  it('takes NaN and the infinities from text', () => {
    expectEqual(FLOAT64, Number.NaN, 'NaN', 'nan');
    expectEqual(FLOAT64, Number.POSITIVE_INFINITY, 'Infinity', 'inf', '+Infinity');
    expectEqual(FLOAT64, Number.NEGATIVE_INFINITY, '-Infinity', '-inf');
  });

  it('merges the zeros only when that is declared, and counts it', () => {
    const type = { kind: 'float64', negativeZero: 'zero' } as const;
    expectEqual(type, 0, -0, '-0.0');
    expect(changes(type, 0, -0, '-0', 1)).toEqual({ 'negative-zero': 2 });
  });

  it('refuses a number that no double is near', () => {
    expectRefused(FLOAT64, '1e400', 'field-range');
    expectRefused(FLOAT64, '-1e400', 'field-range');
    expectRefused(FLOAT64, '1e-400', 'field-range');
    // Between two doubles, and it would be equal to the one that is nearer.
    expectRefused(FLOAT64, '9007199254740993', 'field-range');
    expectRefused(FLOAT64, '0.30000000000000001', 'field-range');
    expectRefused(FLOAT64, '3e-324', 'field-range');
    expectRefused(FLOAT64, 'abc');
    expectRefused(FLOAT64, 10n, 'field-type');
  });
});

describe('float32', () => {
  const floats = fc.float();

  it('[S06] is the binary value, and reads back, from number and shortest text', () => {
    fc.assert(
      fc.property(floats, (value) => {
        expect(roundTrip(FLOAT32, value)).toBe(value);
        if (Number.isFinite(value) && value !== 0) expectEqual(FLOAT32, value, value.toPrecision(9), value.toString());
      }),
    );
  });

  const nearest = (text: string): number => {
    const exact = decimalOf(text);
    if (exact === undefined || 'special' in exact) throw new TypeError('No number.');
    return nearestFloat32(text, exact);
  };

  it.each([
    // The text lies a hair above the midpoint of 1 and the next float; the nearest double is the midpoint itself.
    ['1.000000059604644775390626', 1 + 2 ** -23],
    ['1.000000059604644775390624', 1],
    ['1.000000059604644775390625', 1],
    ['1.000000178813934326171875', 1 + 2 ** -22],
    ['-1.000000059604644775390626', -1 - 2 ** -23],
    ['0.7006492321624086e-45', 2 ** -149],
    ['16777217', 16777216],
    ['16777219', 16777220],
  ])('takes the nearest float of a text, also where a double in between would mislead: %s', (text, value) =>
    expect(nearest(text)).toBe(value),
  );

  it.each(['16777217', '16777219', '0.1000000001', '1.000000059604644775390624', '2e-45', '1.10000003'])(
    '[S06] refuses a number that lies between two floats, which would be equal to either: %s',
    (text) => expectRefused(FLOAT32, text, 'field-range'),
  );

  it('[S06] takes as many digits as anybody prints of a float', () => {
    expectEqual(FLOAT32, Math.fround(1.1), '1.1', '1.10', '1.10000002', '1.100000024', '1.10000002384185791015625');
    expectEqual(FLOAT32, 16777216, '16777216', '1.6777216e7', '16777216.0');
    expectEqual(FLOAT32, 2 ** -149, '1e-45', '1.4e-45', '1.40129846e-45');
  });

  it('agrees with exact arithmetic on the nearest float of any text', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, min: 2 ** -60, max: 2 ** 60 }),
        fc.integer({ min: -3, max: 3 }),
        (low, nudge) => {
          const view = new DataView(new ArrayBuffer(4));
          view.setFloat32(0, low);
          view.setInt32(0, view.getInt32(0) + 1);
          const high = view.getFloat32(0);
          // Both floats and their midpoint as multiples of 2^−90, then nudged by far less than a double can say.
          const unit = (value: number): bigint => BigInt(value * 2 ** 90);
          const middle = (unit(low) + unit(high)) * 5n ** 90n * 10n ** 30n + 2n * BigInt(nudge);
          const even = (view.getInt32(0) & 1) === 0;
          const expected = nudge > 0 || (nudge === 0 && even) ? high : low;
          // middle / 2 / 2^90 / 10^30 = middle · 10^−120 / 2 (with 5^90 taken in)
          expect(nearest(`${middle * 5n}e-121`)).toBe(expected);
        },
      ),
    );
  });

  it('refuses a double that is no float, and a number beyond it', () => {
    expectRefused(FLOAT32, 0.1, 'field-type');
    expectRefused(FLOAT32, '1e39', 'field-range');
    expectRefused(FLOAT32, '1e-60', 'field-range');
  });
});

describe('boolean', () => {
  const BOOLEAN = { kind: 'boolean' } as const;

  it('[S06] is one of two, however it is spelled', () => {
    expectEqual(BOOLEAN, true, 'true', 'TRUE', 't', '1', 1, 1n, 'yes', 'on', Uint8Array.of(1));
    expectEqual(BOOLEAN, false, 'false', 'f', '0', 0, 0n, 'no', 'off', Uint8Array.of(0));
    expect([roundTrip(BOOLEAN, 't'), roundTrip(BOOLEAN, 'f')]).toEqual([true, false]);
  });

  it('refuses everything else', () => {
    for (const spelling of ['', '2', 'maybe', 'toString']) expectRefused(BOOLEAN, spelling);
    for (const spelling of [2, -1n, 0.5, Uint8Array.of(2), Uint8Array.of(0, 1)])
      expectRefused(BOOLEAN, spelling, 'field-type');
  });
});
