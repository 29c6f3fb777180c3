/** What a person sees while a sweep runs: partitions, rows a second, time left. Ordinals and counts, and nothing else. */
import { type Progress, progressLine } from '../demo/progress.ts';
import type { SweepProgress } from './sweep.ts';

const WIDTH = 24;
const REDRAW_MS = 100;

export interface ProgressBar extends SweepProgress {
  end(): void;
}

/** `now` in milliseconds. */
export function progressBar(
  stream: NodeJS.WriteStream,
  now: () => number,
  line: Progress = progressLine(stream),
): ProgressBar {
  let step = 'planning';
  let [partitions, done, expected, rows] = [0, 0, 0, 0];
  let begin = now();
  let last = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    if (now() - last < REDRAW_MS) return;
    last = now();
    const standing = { partitions, done, expected, rows, milliseconds: now() - begin };
    // A bar is for a terminal; a log has the numbers.
    line.show(step !== 'hashing' ? step : stream.isTTY ? barText(standing) : standingText(standing));
  };
  return {
    planned: (count, estimate) => {
      partitions = count;
      expected = estimate;
    },
    step: (name) => {
      step = name;
      if (name === 'hashing') begin = now();
      last = Number.NEGATIVE_INFINITY;
      draw();
    },
    rows: (_side, more) => {
      rows += more;
      draw();
    },
    partition: () => {
      done += 1;
      draw();
    },
    end: () => line.clear(),
  };
}

interface Standing {
  readonly partitions: number;
  readonly done: number;
  /** Rows that statistics promise; they may be wrong. */
  readonly expected: number;
  readonly rows: number;
  readonly milliseconds: number;
}

/** Of the work, as far as statistics tell. */
function shareOf({ partitions, done, expected, rows }: Standing): number {
  return Math.min(1, Math.max(done / Math.max(partitions, 1), Math.min(rows / Math.max(expected, 1), 0.99)));
}

export function barText(standing: Standing): string {
  const filled = Math.round(WIDTH * shareOf(standing));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}  ${standingText(standing)}`;
}

export function standingText(standing: Standing): string {
  const { partitions, done, rows, milliseconds } = standing;
  const share = shareOf(standing);
  const seconds = milliseconds / 1000;
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0;
  const left = share > 0 ? (seconds * (1 - share)) / share : undefined;
  return [
    `${done}/${partitions} partitions`,
    `${rows.toLocaleString('en-US')} rows`,
    `${rate.toLocaleString('en-US')} rows/s`,
    ...(left === undefined ? [] : [`${timeText(left)} left`]),
  ].join('  ');
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
