/** How numbers read on the page: grouped, in no locale but one. */
const WHOLE = new Intl.NumberFormat('en-US');
const PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', maximumSignificantDigits: 3 });

export const number = (value: number): string => WHOLE.format(Math.round(value));
/** Rows, attempts, shares and ratios alike: as many digits as tell them apart. */
export const figure = (value: number): string => (Number.isInteger(value) ? WHOLE.format(value) : value.toPrecision(3));

export const percent = (value: number): string => PERCENT.format(value);

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `2024-02-29T23:59:59.123Z` as people write it. */
export const moment = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
