import type { Bus, BusContext, OpenBus } from '../model/bus.ts';
import type { Clock, Timer } from '../model/clock.ts';
import type { TagClock } from '../model/entry.ts';
import type { Events } from '../model/events.ts';
import type { Trust } from './trust.ts';

export interface CoherenceOptions {
  readonly bus: Bus;
  readonly namespace: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly trust: Trust;
  /** Milliseconds that a change may go unheard of. */
  readonly staleness: number;
  /** Another process has changed what these addresses hold. */
  readonly changed: (addresses: readonly string[]) => void;
  /** Some process has changed what these addresses hold; it may be this one. */
  readonly touched: (addresses: readonly string[]) => void;
  /** Another process has invalidated tags, at this instant of their record. */
  readonly invalidated: (tags: readonly string[], clock: TagClock) => void;
  /** What memory believed because nothing was heard of it has to be looked at once more. */
  readonly doubted: () => void;
  /** Looks at the record of tags, which may have been lost, or have what was never announced. */
  readonly sync: () => Promise<void>;
}

/**
 * Has the memories of several processes agree, by a bus that tells of changes (docs/consistency.md). While it is heard,
 * memory is believed; whatever is amiss with it, memory is not.
 */
export class Coherence {
  readonly #options: CoherenceOptions;
  readonly #bus: OpenBus;
  /** Ends what is heard, unless the bus is heard again before. */
  #horizon: Timer | undefined;
  #closed = false;

  constructor(options: CoherenceOptions) {
    this.#options = options;
    this.#bus = options.bus.open(this.#context());
  }

  announce(addresses: readonly string[]): void {
    this.#bus.announce(addresses);
  }

  announceTags(tags: readonly string[], clock: TagClock): void {
    this.#bus.announceTags(tags, clock);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#horizon?.cancel();
    await this.#bus.close();
  }

  #context(): BusContext {
    const { bus, namespace, clock, events, staleness, changed, touched, invalidated } = this.#options;
    return {
      namespace,
      clock,
      staleness,
      changed,
      touched,
      invalidated,
      tagsTouched: () => this.#look(),
      listening: () => this.#expectBy(clock.elapsed() + staleness),
      heard: (since) => this.#heard(since),
      missed: (reason) => this.#doubt(reason),
      lost: () => this.#lose('disconnected'),
      report: (error) => events.emit('storeError', { store: bus.name, error }),
    };
  }

  #heard(since: number): void {
    const { clock, staleness, trust, events, bus, sync } = this.#options;
    if (this.#closed || since + staleness <= clock.elapsed()) return;
    if (!trust.hears) events.emit('busUp', { bus: bus.name });
    trust.hear(since);
    this.#expectBy(since + staleness);
    // A record of tags that was lost may be announced by nobody.
    sync().catch(() => undefined);
  }

  /** While it cannot be asked what was invalidated, anything may have been. */
  #look(): void {
    this.#options.sync().catch(() => this.#doubt('gap'));
  }

  #expectBy(instant: number): void {
    const { clock } = this.#options;
    if (this.#closed) return;
    this.#horizon?.cancel();
    this.#horizon = clock.setTimer(instant - clock.elapsed(), () => this.#lose('silence'), true);
  }

  #doubt(reason: 'gap' | 'silence'): void {
    const { trust, clock, doubted, events, bus } = this.#options;
    trust.doubt(clock.elapsed());
    // Memory is believed for a while as it is; `heard` may yet come, of an instant before this one.
    if (!trust.hears) return;
    doubted();
    events.emit('busGap', { bus: bus.name, reason });
  }

  #lose(reason: 'disconnected' | 'silence'): void {
    const { trust, clock, doubted, events, bus } = this.#options;
    this.#horizon?.cancel();
    if (trust.hears) {
      trust.lose(clock.elapsed());
      doubted();
      events.emit('busDown', { bus: bus.name, reason });
    }
    // It may be frozen, and would hold on to its connection for ever.
    if (reason === 'silence') this.#bus.reset();
  }
}
