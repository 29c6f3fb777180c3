/**
 * The default event bus: takes events from the outbox, matches them with the rules, and delivers until the target has
 * accepted them, at least once. What cannot be delivered goes to the target's dead-letter queue.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
import { ApiError } from '../service.ts';
import type { Store } from '../store.ts';
import { createDeliveries, type Delivery } from './deliveries.ts';
import { createOutbox, markDelivered, type PendingEvent, pendingEvents } from './outbox.ts';
import type { Rule, Target } from './rule.ts';

/** The trouble that EventBridge may make on purpose, since it promises neither once nor in order. */
export interface Disorder {
  /** How often every event is delivered. */
  readonly copies: number;
  /** Whether what is matched together is delivered the last one first. */
  readonly reversed: boolean;
}

export interface BusOptions {
  readonly store: Store;
  readonly rules: readonly Rule[];
  readonly now: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** What delays between attempts are multiplied by. */
  readonly timeScale: number;
  readonly disorder?: Disorder | undefined;
  /**
   * Hands the payload (JSON text) to the target. Where the target's state is in the same store, it commits before this
   * resolves. Throws `ApiError` where the target or IAM refuses.
   */
  deliver(rule: Rule, target: Target, payload: string): Promise<void>;
  /** Sends to the dead-letter queue. Throws `ApiError`. */
  bury(rule: Rule, queueArn: string, payload: string, attributes: Readonly<Record<string, string>>): void;
  /** An event that could neither be delivered nor buried. */
  lost(rule: Rule, target: Target, error: unknown): void;
  /** A defect of the bus itself, or a database that fails. */
  defect(error: unknown): void;
}

export interface Bus {
  start(): void;
  /** Nothing in the outbox, nothing on its way. */
  readonly quiet: boolean;
  stop(): Promise<void>;
}

/** How often the outbox is looked at, in milliseconds. */
const POLL_MS = 20;
const BATCH = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** "…when the target no longer exists or permissions are missing, the event is not retried." */
const HOPELESS = /^(AccessDenied|ResourceNotFound|.*DoesNotExist|ValidationException|InvalidExecutionInput|.*TooLarge)/;

export function createBus(options: BusOptions): Bus {
  const { store, now } = options;
  const { copies, reversed } = options.disorder ?? { copies: 1, reversed: false };
  createOutbox(store);
  const deliveries = createDeliveries(store);
  const rules = new Map(options.rules.map((rule) => [rule.name, rule]));
  let timer: NodeJS.Timeout | undefined;
  const inFlight = new Map<number, Promise<void>>();
  let stopped = false;

  /** One transaction: an event is marked when its deliveries are written down, so that a crash neither loses nor doubles it. */
  const match = (): void =>
    store.transaction(() => {
      const events = pendingEvents(store, BATCH);
      // One moment for all: deliveries go out by their time, and then in this order.
      const at = now();
      const found = events.flatMap((event) => {
        const envelope = envelopeOf(event);
        const text = JSON.stringify(envelope);
        markDelivered(store, event.position);
        return options.rules
          .filter((rule) => rule.matches(envelope))
          .flatMap((rule) => rule.targets.map(({ id }) => ({ event: text, rule: rule.name, target: id, at })))
          .flatMap((delivery) => Array.from({ length: copies }, () => delivery));
      });
      for (const delivery of reversed ? found.reverse() : found) deliveries.add(delivery);
    });

  const attempt = async (delivery: Delivery): Promise<void> => {
    const rule = rules.get(delivery.rule);
    const target = rule?.targets.find(({ id }) => id === delivery.target);
    // A rule that a changed template no longer has.
    if (!rule || !target) return deliveries.remove(delivery.id);
    try {
      await options.deliver(rule, target, target.input ?? delivery.event);
      if (!stopped) deliveries.remove(delivery.id);
    } catch (error) {
      if (!stopped) settle(delivery, rule, target, error);
    }
  };

  const settle = (delivery: Delivery, rule: Rule, target: Target, error: unknown): void => {
    const code = error instanceof ApiError ? error.code : 'INTERNAL_ERROR';
    const aged = now() - delivery.createdAt > target.maximumEventAgeSeconds * 1_000 * options.timeScale;
    const spent = delivery.attempts >= target.maximumRetryAttempts;
    if (!aged && !spent && !HOPELESS.test(code)) {
      const grown = Math.min(FIRST_RETRY_MS * 2 ** delivery.attempts, LONGEST_RETRY_MS);
      // Half fixed, half jitter.
      deliveries.retryAt(delivery.id, now() + Math.round(grown * (0.5 + options.random() / 2) * options.timeScale));
      return;
    }
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: error instanceof ApiError ? error.message : 'The target failed.',
      RETRY_ATTEMPTS: String(delivery.attempts),
      ...(spent ? { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' } : {}),
      ...(aged ? { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' } : {}),
    };
    store.transaction(() => {
      try {
        if (target.deadLetterArn === undefined) throw error;
        options.bury(rule, target.deadLetterArn, delivery.event, attributes);
      } catch (failure) {
        options.lost(rule, target, failure);
      }
      deliveries.remove(delivery.id);
    });
  };

  /** Those that start together start in order; none waits for another to end. */
  const launch = (delivery: Delivery): void => {
    const done = attempt(delivery)
      .catch((error: unknown) => {
        if (!stopped) options.defect(error);
      })
      .then(() => {
        inFlight.delete(delivery.id);
      });
    inFlight.set(delivery.id, done);
  };

  const tick = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    try {
      if (pendingEvents(store, 1).length > 0) match();
      for (const delivery of deliveries.due(now(), BATCH)) if (!inFlight.has(delivery.id)) launch(delivery);
    } catch (error) {
      options.defect(error);
    }
    timer = setTimeout(tick, POLL_MS);
  };

  return {
    start: tick,
    get quiet() {
      return inFlight.size === 0 && pendingEvents(store, 1).length === 0 && deliveries.nextAt() === undefined;
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(inFlight.values());
    },
  };
}

/** The event as targets receive it. */
function envelopeOf({ position: _, detailType, ...event }: PendingEvent): object {
  return { version: '0', ...event, 'detail-type': detailType };
}
