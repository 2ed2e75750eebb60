import { DurabilityError } from '../../../model/errors.ts';
import type { Durability, PutReply } from '../../../model/ledger.ts';
import { RedisConnection, type RedisConnectionOptions } from '../connection.ts';
import { evaluate } from '../script.ts';
import type { PutBatch, Putting } from './put-batch.ts';
import { touch } from './scripts/writing.ts';
import { refused } from './server-check.ts';
import type { Shard } from './shard.ts';

/** Surer than accepted. */
export type Sure = Exclude<Durability, 'accepted'>;

/** Writes that are to be surer than accepted, on a connection of their own, since WAIT and WAITAOF hold it up. */
export class Commits {
  readonly #options: RedisConnectionOptions;
  #connection: RedisConnection | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** What came of each write: `DURABILITY` where it is accepted and no more. Waits once for all of them. */
  async put(
    shard: Shard,
    putting: Putting,
    batch: PutBatch,
    durability: Sure,
  ): Promise<(PutReply | DurabilityError)[]> {
    const { version } = await shard.ready();
    if (durability === 'fsynced' && (version[0] < 7 || (version[0] === 7 && version[1] < 2))) {
      throw refused(`durability: 'fsynced' needs WAITAOF, which Redis ${version.join('.')} has not; it came with 7.2`);
    }
    const connection = (this.#connection ??= new RedisConnection(this.#options));
    const replies = await putting.put(batch, connection);
    if (replies.every(({ state }) => state !== 'accepted')) return replies;
    const shortfall = await this.#wait(connection, shard, durability, namesOf(batch, replies));
    if (shortfall === undefined) return replies;
    return replies.map((reply, at) => {
      if (reply.state !== 'accepted') return reply;
      return new DurabilityError(reply.version, shortfall, { key: batch.writes[at]!.key });
    });
  }

  close(): void {
    this.#connection?.close();
  }

  /** What is missing, as a sentence; `undefined` if nothing is. */
  async #wait(
    connection: RedisConnection,
    shard: Shard,
    durability: Sure,
    names: readonly string[],
  ): Promise<string | undefined> {
    // 1: the writes were accepted · 2: the connection was lost, or the server · 3: another one is waited for, which has
    // written nothing yet, and so is content at once. Hence one more write there, which also tells whether it has ours.
    const [first, ms] = [shard.keys[0]!, String(Math.ceil(this.#options.deadline / 2))];
    const command = durability === 'fsynced' ? ['WAITAOF', '1', '0', ms] : ['WAIT', String(durability.replicated), ms];
    try {
      const [knows, reached] = await shard.within(
        Promise.all([evaluate(connection, touch, shard.keys, names), connection.command(first, command)]),
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

/** Under which the server knows the writes that it accepted: those that have no name of their own by that of the call. */
function namesOf({ name, writes }: PutBatch, replies: readonly PutReply[]): string[] {
  const accepted = writes.filter((_, at) => replies[at]!.state === 'accepted');
  return [...new Set(accepted.map(({ operation }) => operation ?? name))];
}
