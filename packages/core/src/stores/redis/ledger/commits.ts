import { DurabilityError } from '../../../model/errors.ts';
import type { Durability } from '../../../model/ledger.ts';
import type { Command } from '../clients/own-client.ts';
import { RedisConnection, type RedisConnectionOptions } from '../connection.ts';
import { evaluate } from '../script.ts';
import * as scripts from './scripts.ts';
import { refused } from './server-check.ts';
import type { Shard } from './shard.ts';

/** How sure a write is to be, and its name. */
interface Terms {
  readonly durability: Exclude<Durability, 'accepted'>;
  readonly operation: string;
}

interface Waiting extends Terms {
  readonly args: Command;
  readonly key: string;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/**
 * Writes that are to be surer than accepted, on a connection of their own, since WAIT and WAITAOF hold it up: those that come
 * while one group waits are the next group, and wait once for all of them.
 */
export class Commits {
  readonly #options: RedisConnectionOptions;
  readonly #groups = new Map<string, Waiting[]>();
  #connection: RedisConnection | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** The reply of the script; rejects with `DURABILITY` where the write is accepted and no more. */
  put(shard: Shard, args: Command, key: string, terms: Terms): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const waiting = { args, key, ...terms, resolve, reject };
      const group = this.#groups.get(nameOf(shard, terms));
      if (group !== undefined) group.push(waiting);
      else {
        this.#groups.set(nameOf(shard, terms), [waiting]);
        void this.#run(shard, terms);
      }
    });
  }

  close(): void {
    this.#connection?.close();
  }

  async #run(shard: Shard, terms: Terms): Promise<void> {
    const name = nameOf(shard, terms);
    for (;;) {
      const group = this.#groups.get(name)!;
      if (group.length === 0) break;
      this.#groups.set(name, []);
      await this.#commit(shard, terms, group).catch((error: unknown) => {
        for (const each of group) each.reject(error);
      });
    }
    this.#groups.delete(name);
  }

  async #commit(shard: Shard, { durability }: Terms, group: readonly Waiting[]): Promise<void> {
    const { version } = await shard.ready();
    if (durability === 'fsynced' && (version[0] < 7 || (version[0] === 7 && version[1] < 2))) {
      throw refused(`durability: 'fsynced' needs WAITAOF, which Redis ${version.join('.')} has not; it came with 7.2`);
    }
    const connection = (this.#connection ??= new RedisConnection(this.#options));
    const puts = await Promise.allSettled(
      group.map(({ args, key }) => {
        return shard.within(evaluate(connection, scripts.put, [...shard.keys, shard.leaseKey(key)], args));
      }),
    );
    const accepted = group.filter((each, at) => {
      const outcome = puts[at]!;
      if (outcome.status === 'rejected') each.reject(outcome.reason);
      else if (isAccepted(outcome.value)) return true;
      else each.resolve(outcome.value);
      return false;
    });
    if (accepted.length === 0) return;
    const shortfall = await this.#wait(connection, shard, durability, accepted);
    for (const each of accepted) {
      const { value } = puts[group.indexOf(each)] as PromiseFulfilledResult<[Buffer, number, Buffer, Buffer]>;
      if (shortfall === undefined) each.resolve(value);
      else each.reject(new DurabilityError(Number(value[3].toString()), shortfall, { key: each.key }));
    }
  }

  /** What is missing, as a sentence; `undefined` if nothing is. */
  async #wait(
    connection: RedisConnection,
    shard: Shard,
    durability: Terms['durability'],
    accepted: readonly Waiting[],
  ): Promise<string | undefined> {
    // 1: the writes were accepted · 2: the connection was lost, or the server · 3: another one is waited for, which has
    // written nothing yet, and so is content at once. Hence one more write there, which also tells whether it has ours.
    const names = accepted.map(({ operation }) => operation);
    const [first, ms] = [shard.keys[0]!, String(Math.ceil(this.#options.deadline / 2))];
    const command = durability === 'fsynced' ? ['WAITAOF', '1', '0', ms] : ['WAIT', String(durability.replicated), ms];
    try {
      const [knows, reached] = await shard.within(
        Promise.all([evaluate(connection, scripts.touch, shard.keys, names), connection.command(first, command)]),
      );
      if (knows !== 1) return 'the server was replaced by one that has not got the write';
      const count = Array.isArray(reached) ? Number(reached[0]) : Number(reached);
      const wanted = durability === 'fsynced' ? 1 : durability.replicated;
      if (count >= wanted) return undefined;
      const place = durability === 'fsynced' ? 'disks' : 'replicas';
      return `the write is accepted, but was on ${count} of ${wanted} ${place} after ${ms} ms; make it again under the same opId, or take it as it is`;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `the write was accepted, but nobody could be asked where it is: ${reason}`;
    }
  }
}

function nameOf({ keys }: Shard, { durability }: Terms): string {
  return `${keys[0]} ${durability === 'fsynced' ? durability : durability.replicated}`;
}

function isAccepted(reply: unknown): boolean {
  return (reply as readonly Buffer[])[0]!.toString() === 'accepted';
}
