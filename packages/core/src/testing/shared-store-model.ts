import { type Clock, systemClock } from '../model/clock.ts';
import type { SharedSpace, SharedStore } from '../model/store.ts';
import { NamespaceModel } from './namespace-model.ts';

/** What lies between a process and the model: called before an operation is executed, and before its reply arrives. */
export type Wire = (step: `${'request' | 'reply'} ${keyof SharedSpace}`) => Promise<void>;

const immediate: Wire = () => Promise.resolve();

/**
 * A shared store in memory, which does what the contract says as plainly as that can be done. Stores made from one
 * model are the processes that share it; each may have a wire of its own.
 */
export class SharedStoreModel {
  readonly #clock: Clock;
  readonly #namespaces = new Map<string, NamespaceModel>();

  /** On the system's clock, unless a test brings its own. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The store as one process sees it, by the name of `'model'` and with a deadline of 150 ms. */
  store(wire: Wire = immediate): SharedStore {
    return {
      name: 'model',
      scope: 'shared',
      capabilities: { conditionalFill: true },
      deadline: 150,
      open: ({ namespace }) => this.space(wire, namespace),
    };
  }

  /** A namespace, by default that of a cache which names none, as one process sees it. */
  space(wire: Wire = immediate, namespace = 'cache'): SharedSpace {
    const model = this.#namespace(namespace);
    const call = async <T>(name: keyof SharedSpace, run: () => T): Promise<T> => {
      await wire(`request ${name}`);
      const reply = run();
      await wire(`reply ${name}`);
      return reply;
    };
    return {
      read: (addresses) => call('read', () => model.read(addresses)),
      lease: (address, request) => call('lease', () => model.lease(address, request)),
      extend: (address, token, ttl) => call('extend', () => model.extend(address, token, ttl)),
      fill: (address, request) => call('fill', () => model.fill(address, request)),
      replace: (address, request) => call('replace', () => model.replace(address, request)),
      release: (address, token) => call('release', () => model.release(address, token)),
      mark: (addresses, token, ttl) => call('mark', () => addresses.forEach((each) => model.mark(each, token, ttl))),
      commit: (address, token, value) => call('commit', () => model.commit(address, token, value)),
      evict: (addresses) => call('evict', () => model.evict(addresses)),
      invalidate: (tags) => call('invalidate', () => model.invalidate(tags)),
      tags: (since) => call('tags', () => model.tags(since)),
      ping: () => call('ping', () => undefined),
      reset: () => undefined,
      close: () => Promise.resolve(),
    };
  }

  /** Loses the records of tags, as a server does that evicts them. */
  loseTags(): void {
    for (const model of this.#namespaces.values()) model.loseTags();
  }

  #namespace(name: string): NamespaceModel {
    const known = this.#namespaces.get(name) ?? new NamespaceModel(this.#clock);
    this.#namespaces.set(name, known);
    return known;
  }
}
