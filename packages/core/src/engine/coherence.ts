import { withDeadline } from '../layers/deadline.ts';
import type { Bus, OpenBus } from '../model/bus.ts';
import type { Clock, Timer } from '../model/clock.ts';
import type { TagClock } from '../model/entry.ts';
import type { Events } from '../model/events.ts';
import { type Announcement, decodeMessage, encodeMessage } from './bus-message.ts';
import { Publishers } from './publishers.ts';
import type { Trust } from './trust.ts';

export interface CoherenceOptions {
  readonly bus: Bus;
  readonly namespace: string;
  /** Of this process, and of no other. */
  readonly self: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly trust: Trust;
  /** Milliseconds that a change may go unheard of. */
  readonly staleness: number;
  /** Another process has changed what these addresses hold. */
  readonly changed: (addresses: readonly string[]) => void;
  /** Another process has invalidated tags, at this instant of their record. */
  readonly invalidated: (tags: readonly string[], clock: TagClock) => void;
  /** What memory believed because nothing was heard of it has to be looked at once more. */
  readonly doubted: () => void;
  /** Looks at the record of tags, which may have been lost, or have what was never announced. */
  readonly sync: () => Promise<void>;
}

/** So many beats go out in the time that a change may go unheard of. */
const beatsWithinStaleness = 4;
/** For how many milliseconds the last message of all is waited for. */
const patienceAtEnd = 100;

/**
 * Has the memories of several processes agree, over a bus that may lose messages, freeze or break (docs/consistency.md).
 *
 * Every message has its publisher's number, so that a gap shows; since the last message leaves no gap, every publisher
 * beats; and each process listens for its own beats, so that it notices when it is itself that hears nothing. Whatever
 * is amiss, memory is no longer believed.
 */
export class Coherence {
  readonly #options: CoherenceOptions;
  readonly #bus: OpenBus;
  readonly #publishers: Publishers;
  #sent = 0;
  readonly #waiting = new Set<string>();
  /** By `Clock.elapsed`; `Infinity` while it is not. */
  #connectedAt = Infinity;
  #closed = false;
  #beat: Timer | undefined;
  /** Ends what is heard, unless a beat of our own comes back before. */
  #horizon: Timer | undefined;

  constructor(options: CoherenceOptions) {
    const { bus, namespace, clock, events, staleness } = options;
    this.#options = options;
    // Looked at with every beat, so that a change which its publisher could not tell costs no more than the bound.
    this.#publishers = new Publishers(clock, staleness / 2);
    this.#bus = bus.open({
      namespace,
      clock,
      receive: (message) => this.#receive(message),
      connected: () => this.#connect(),
      disconnected: () => this.#disconnect(),
      report: (error) => events.emit('storeError', { store: bus.name, error }),
    });
  }

  /** Tells the other processes that these addresses have changed. Those of one turn leave as one message. */
  announce(addresses: readonly string[]): void {
    if (this.#waiting.size === 0) queueMicrotask(() => this.#flush());
    for (const address of addresses) this.#waiting.add(address);
  }

  announceTags(tags: readonly string[], clock: TagClock): void {
    void this.#publish({ kind: 'tags', tags, clock });
  }

  async close(): Promise<void> {
    const { clock, bus } = this.#options;
    const told = this.#publish({ kind: 'bye' });
    this.#closed = true;
    this.#beat?.cancel();
    this.#horizon?.cancel();
    // Who is not told takes the silence for a gap.
    await withDeadline(clock, patienceAtEnd, bus.name, told).catch(() => undefined);
    await this.#bus.close();
  }

  #flush(): void {
    const addresses = [...this.#waiting];
    this.#waiting.clear();
    void this.#publish({ kind: 'keys', addresses });
  }

  /** What cannot be sent shows as a gap or as silence, and the bus itself reports that it is not connected. */
  async #publish(announcement: Announcement): Promise<void> {
    if (this.#closed) return;
    this.#sent += 1;
    const message = encodeMessage({ publisher: this.#options.self, number: this.#sent, announcement });
    await this.#bus.publish(message).catch(() => undefined);
  }

  #receive(text: string): void {
    if (this.#closed) return;
    const { self, changed, invalidated } = this.#options;
    const message = decodeMessage(text);
    if (message === undefined) {
      // What is not understood may tell of a change.
      this.#doubt('gap');
      return;
    }
    const { publisher, announcement } = message;
    if (publisher === self) {
      if (announcement.kind === 'beat') this.#heardSelf(announcement.sentAt);
      return;
    }
    if (this.#publishers.heard(message) === 'gap') this.#doubt('gap');
    if (announcement.kind === 'keys') changed(announcement.addresses);
    if (announcement.kind === 'tags') invalidated(announcement.tags, announcement.clock);
    if (announcement.kind === 'bye') this.#publishers.forget(publisher);
  }

  #connect(): void {
    if (this.#closed) return;
    this.#connectedAt = this.#options.clock.elapsed();
    this.#goOn();
  }

  #disconnect(): void {
    this.#connectedAt = Infinity;
    this.#lose('disconnected');
  }

  /** A beat that comes back tells that all was heard which was said before it left. */
  #heardSelf(sentAt: number): void {
    const { clock, staleness, trust, events, bus } = this.#options;
    const left = sentAt + staleness - clock.elapsed();
    if (sentAt < this.#connectedAt || left <= 0) return;
    if (!trust.hears) events.emit('busUp', { bus: bus.name });
    trust.hear(sentAt);
    this.#horizon?.cancel();
    this.#horizon = clock.setTimer(left, () => this.#lose('silence'), true);
  }

  #goOn(): void {
    const { clock, staleness, sync } = this.#options;
    this.#beat?.cancel();
    this.#beat = clock.setTimer(staleness / beatsWithinStaleness, () => this.#goOn(), true);
    if (this.#publishers.dropSilent()) this.#doubt('silence');
    void this.#publish({ kind: 'beat', sentAt: clock.elapsed() });
    // A first beat that does not come back is as telling as any other.
    this.#horizon ??= clock.setTimer(staleness, () => this.#lose('silence'), true);
    // A record of tags that was lost is announced by nobody.
    sync().catch(() => undefined);
  }

  /** A message was missed, or may have been; those to come will be heard. */
  #doubt(reason: 'gap' | 'silence'): void {
    const { trust, clock, doubted, events, bus } = this.#options;
    if (!trust.hears) return;
    trust.doubt(clock.elapsed());
    doubted();
    events.emit('busGap', { bus: bus.name, reason });
  }

  /** Nothing is heard any longer. */
  #lose(reason: 'disconnected' | 'silence'): void {
    const { trust, clock, doubted, events, bus } = this.#options;
    this.#beat?.cancel();
    this.#horizon?.cancel();
    this.#horizon = undefined;
    this.#publishers.clear();
    if (trust.hears) {
      trust.lose(clock.elapsed());
      doubted();
      events.emit('busDown', { bus: bus.name, reason });
    }
    // It may be frozen, and would hold on to its connection for ever.
    if (reason === 'silence') this.#bus.reset();
  }
}
