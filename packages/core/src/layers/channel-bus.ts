import { randomUUID } from 'node:crypto';
import type { Bus, BusContext, OpenBus } from '../model/bus.ts';
import type { Channel, OpenChannel } from '../model/channel.ts';
import type { Timer } from '../model/clock.ts';
import type { TagClock } from '../model/entry.ts';
import { type Announcement, decodeMessage, encodeMessage } from './bus-message.ts';
import { withDeadline } from './deadline.ts';
import { Publishers } from './publishers.ts';

/** So many beats go out in the time that a change may go unheard of. */
const beatsWithinStaleness = 4;
/** For how many milliseconds the last message of all is waited for. */
const patienceAtEnd = 100;

/**
 * A bus over a channel that may lose messages, freeze or break: what each process says of its changes, numbered.
 *
 * Every message has its publisher's number, so that a gap shows; since the last message leaves no gap, every publisher
 * beats; and each process listens for its own beats, so that it notices when it is itself that hears nothing.
 */
export function channelBus(channel: Channel): Bus {
  return { name: channel.name, tells: 'all', open: (context) => new ChannelBus(channel, context) };
}

class ChannelBus implements OpenBus {
  readonly #context: BusContext;
  readonly #name: string;
  /** Of this process, and of no other. */
  readonly #self = randomUUID();
  readonly #channel: OpenChannel;
  readonly #publishers: Publishers;
  readonly #waiting = new Set<string>();
  #sent = 0;
  /** By `Clock.elapsed`; `Infinity` while it is not. */
  #connectedAt = Infinity;
  #closed = false;
  #beat: Timer | undefined;

  constructor(channel: Channel, context: BusContext) {
    const { namespace, clock, staleness } = context;
    this.#context = context;
    this.#name = channel.name;
    // Looked at with every beat, so that a change which its publisher could not tell costs no more than the bound.
    this.#publishers = new Publishers(clock, staleness / 2);
    this.#channel = channel.open({
      namespace,
      clock,
      receive: (message) => this.#receive(message),
      connected: () => this.#connect(),
      disconnected: () => this.#disconnect(),
      report: (error) => context.report(error),
    });
  }

  /** Those of one turn leave as one message. */
  announce(addresses: readonly string[]): void {
    if (this.#waiting.size === 0) queueMicrotask(() => this.#flush());
    for (const address of addresses) this.#waiting.add(address);
  }

  announceTags(tags: readonly string[], clock: TagClock): void {
    void this.#publish({ kind: 'tags', tags, clock });
  }

  reset(): void {
    this.#beat?.cancel();
    this.#publishers.clear();
    this.#channel.reset();
  }

  async close(): Promise<void> {
    const told = this.#publish({ kind: 'bye' });
    this.#closed = true;
    this.#beat?.cancel();
    // Who is not told takes the silence for a gap.
    await withDeadline(this.#context.clock, patienceAtEnd, this.#name, told).catch(() => undefined);
    await this.#channel.close();
  }

  #flush(): void {
    const addresses = [...this.#waiting];
    this.#waiting.clear();
    void this.#publish({ kind: 'keys', addresses });
  }

  /** What cannot be sent shows as a gap or as silence, and the channel itself reports that it is not connected. */
  async #publish(announcement: Announcement): Promise<void> {
    if (this.#closed) return;
    this.#sent += 1;
    const message = encodeMessage({ publisher: this.#self, number: this.#sent, announcement });
    await this.#channel.publish(message).catch(() => undefined);
  }

  #receive(text: string): void {
    if (this.#closed) return;
    const message = decodeMessage(text);
    // What is not understood may tell of a change.
    if (message === undefined) return this.#context.missed('gap');
    const { publisher, announcement } = message;
    if (publisher === this.#self) {
      if (announcement.kind === 'beat') this.#heardSelf(announcement.sentAt);
      return;
    }
    if (this.#publishers.heard(message) === 'gap') this.#context.missed('gap');
    if (announcement.kind === 'keys') this.#context.changed(announcement.addresses);
    if (announcement.kind === 'tags') this.#context.invalidated(announcement.tags, announcement.clock);
    if (announcement.kind === 'bye') this.#publishers.forget(publisher);
  }

  /** A beat that comes back tells that all was heard which was said before it left. */
  #heardSelf(sentAt: number): void {
    if (sentAt >= this.#connectedAt) this.#context.heard(sentAt);
  }

  #connect(): void {
    if (this.#closed) return;
    this.#connectedAt = this.#context.clock.elapsed();
    this.#context.listening();
    this.#goOn();
  }

  #disconnect(): void {
    this.#connectedAt = Infinity;
    this.#beat?.cancel();
    this.#publishers.clear();
    this.#context.lost();
  }

  #goOn(): void {
    const { clock, staleness } = this.#context;
    this.#beat?.cancel();
    this.#beat = clock.setTimer(staleness / beatsWithinStaleness, () => this.#goOn(), true);
    if (this.#publishers.dropSilent()) this.#context.missed('silence');
    void this.#publish({ kind: 'beat', sentAt: clock.elapsed() });
  }
}
