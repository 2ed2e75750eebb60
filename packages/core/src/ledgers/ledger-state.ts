import type {
  Claim,
  ClaimedRecord,
  ClaimRequest,
  DeadRecord,
  DirtyRecord,
  DirtyWrite,
  LedgerContext,
  LedgerFigures,
  Outcome,
  PutReply,
  Redrive,
  Settled,
  Unwritten,
} from '../model/ledger.ts';

/** A record as it waits: `first` is the version of the first write that nobody has claimed since. */
export interface Waiting extends DirtyRecord {
  readonly first: number;
}

/** All that is known of one dirty key. `pinned` is a claimed merge, on top of which `newest` comes. */
export interface Line {
  newest: Waiting | undefined;
  pinned: Waiting | undefined;
  due: number;
  attempts: number;
  /** The version that the attempts are of. */
  tried: number;
  error: string;
  flight: { readonly token: string; readonly record: Waiting; deadline: number } | undefined;
}

/** Two readings of the time: `at` in milliseconds for what is due, never going back; `micros` for versions. */
export interface Instant {
  readonly at: number;
  readonly micros: number;
}

/** For how many milliseconds an operation is known by its name. */
const remembered = 60_000;

/**
 * The state machine of a ledger: a key is queued or in flight, never both; a claimed merge is pinned, so that what was
 * handed to a writer once is handed out again as it was.
 */
export class LedgerState {
  readonly lines = new Map<string, Line>();
  readonly letters = new Map<string, DeadRecord>();
  last = 0;
  readonly #due: number;
  readonly #max: number;
  readonly #maxAge: number;
  readonly #leases = new Map<string, { readonly token: string; readonly until: number }>();
  readonly #operations = new Map<string, { readonly version: number; readonly until: number }>();

  constructor({ due, max, maxAge = Infinity }: Pick<LedgerContext, 'due' | 'max' | 'maxAge'>) {
    this.#due = due;
    this.#max = max;
    this.#maxAge = maxAge;
  }

  put(write: DirtyWrite, now: Instant): PutReply {
    const { key, op, payload, operation, given, lease } = write;
    const line = this.lines.get(key);
    const known = operation === undefined ? undefined : this.#operations.get(operation);
    if (known !== undefined && known.until > now.at) return this.#accepted(known.version);
    const isLeased = lease === undefined || this.#holder(key, now) === lease;
    if (!isLeased || (given !== undefined && given !== (line?.newest?.version ?? 0))) {
      return { state: 'changed', current: this.read(key), dirty: this.lines.size };
    }
    if (line === undefined && (this.lines.size >= this.#max || this.#isBehind(now))) {
      return { state: 'full', dirty: this.lines.size };
    }
    const version = this.#next(now, write.above);
    const newest = line?.newest;
    const isFirst = newest === undefined || newest === line?.flight?.record;
    const record = { key, op, payload, version, first: isFirst ? version : newest.first };
    this.#queue(key, line, record, now.at + this.#due);
    this.#leases.delete(key);
    if (operation !== undefined) this.#remember(operation, version, now);
    return this.#accepted(version);
  }

  read(key: string): Unwritten | undefined {
    const line = this.lines.get(key);
    return line && { newest: line.newest && recordOf(line.newest), pinned: line.pinned && recordOf(line.pinned) };
  }

  lease(key: string, token: string, ttl: number, now: Instant): 'granted' | 'held' | 'dirty' {
    if (this.lines.has(key)) return 'dirty';
    if (this.#holder(key, now) !== undefined) return 'held';
    for (const [other, { until }] of this.#leases) if (until <= now.at) this.#leases.delete(other);
    this.#leases.set(key, { token, until: now.at + ttl });
    return 'granted';
  }

  unlease(key: string, token: string, now: Instant): boolean {
    return this.#holder(key, now) === token && this.#leases.delete(key);
  }

  claim({ token, max, lease, all }: ClaimRequest, { at }: Instant): Claim {
    // Those that are due, and those that are nearly due, which go with them.
    const [due, near]: [Line[], Line[]] = [[], []];
    let next = Infinity;
    for (const line of this.lines.values()) {
      if (due.length === max) break;
      if (line.flight !== undefined && line.flight.deadline <= at) {
        line.flight = undefined;
        line.due = at;
      }
      next = Math.min(next, line.flight?.deadline ?? line.due);
      if (line.flight !== undefined) continue;
      if (all || line.due <= at) due.push(line);
      else if (line.due <= at + this.#due / 4 && near.length < max) near.push(line);
    }
    const taken = due.length === 0 ? [] : [...due, ...near].slice(0, max);
    const records = taken.map((line): ClaimedRecord => {
      const record = line.pinned ?? line.newest!;
      if (record.op === 'merge' && line.pinned === undefined) {
        line.pinned = record;
        line.newest = undefined;
      }
      line.flight = { token, record, deadline: at + lease };
      return { ...recordOf(record), attempts: line.tried === record.version ? line.attempts : 0 };
    });
    const wait = next === Infinity ? undefined : Math.max(0, next - at);
    return { records, next: records.length > 0 ? 0 : wait, dirty: this.lines.size };
  }

  ack(token: string, outcome: Outcome, now: Instant): Settled {
    const line = this.lines.get(outcome.key);
    const flight = line?.flight;
    if (line === undefined || flight?.token !== token) return 'lost';
    line.flight = undefined;
    const { record } = flight;
    if (outcome.result === 'retry') {
      const attempts = line.tried === record.version ? line.attempts : 0;
      const first = attempts === 0 ? '' : line.error;
      Object.assign(line, { tried: record.version, attempts: attempts + Number(outcome.counts) });
      line.error = first || outcome.error;
      this.#requeue(outcome.key, line, now.at + outcome.after);
      return 'again';
    }
    const isNewest = line.newest === record;
    const healed = line.pinned === record ? line.newest !== undefined && line.newest.op !== 'merge' : !isNewest;
    const attempts = line.tried === record.version ? line.attempts : 0;
    if (line.pinned === record) line.pinned = undefined;
    else if (isNewest) line.newest = undefined;
    Object.assign(line, { attempts: 0, tried: 0, error: '' });
    if (outcome.result === 'dead' && !healed) this.#bury({ ...recordOf(record), attempts, error: outcome.error });
    const state = this.#requeue(outcome.key, line, now.at + this.#due);
    if (outcome.result === 'ok') return state;
    return healed ? 'healed' : 'dead';
  }

  extend(token: string, key: string, lease: number, { at }: Instant): boolean {
    const flight = this.lines.get(key)?.flight;
    if (flight?.token !== token) return false;
    flight.deadline = at + lease;
    return true;
  }

  /** Whether some write of that version or a lower one has not reached the source. */
  hasBefore(mark: number): boolean {
    for (const line of this.lines.values()) if (firstOf(line) <= mark) return true;
    return false;
  }

  /** Up to `max` letters after the one of that id, the oldest first. */
  dead(max: number, after?: string): DeadRecord[] {
    const letters = [...this.letters.values()];
    const begin = after === undefined ? 0 : letters.findIndex(({ id }) => id === after) + 1;
    return letters.slice(begin, begin + max);
  }

  redrive(id: string, now: Instant): Redrive {
    const letter = this.letters.get(id);
    if (letter === undefined) return 'gone';
    const line = this.lines.get(letter.key);
    const isMerge = letter.op === 'merge';
    if (isMerge ? line?.newest !== undefined : line !== undefined) return isMerge ? 'busy' : 'superseded';
    const version = isMerge ? this.#next(now) : letter.version;
    this.#queue(letter.key, line, { ...recordOf(letter), version, first: version }, now.at);
    // Whoever has read the key as clean has not seen this.
    this.#leases.delete(letter.key);
    this.letters.delete(id);
    return 'redriven';
  }

  figures({ micros }: Instant): LedgerFigures {
    let [claimed, oldest] = [0, Infinity];
    for (const line of this.lines.values()) {
      if (line.flight !== undefined) claimed += 1;
      oldest = Math.min(oldest, firstOf(line));
    }
    const age = oldest === Infinity ? 0 : Math.max(0, (micros - oldest) / 1_000);
    return { dirty: this.lines.size, claimed, dead: this.letters.size, oldest: age };
  }

  /** Whether the key whose turn is next has been waiting for too long. */
  #isBehind({ micros }: Instant): boolean {
    const [next] = this.lines.values();
    if (next === undefined || this.#maxAge === Infinity) return false;
    return micros - firstOf(next) > this.#maxAge * 1_000;
  }

  #accepted(version: number): PutReply {
    return { state: 'accepted', version, dirty: this.lines.size };
  }

  /** Never lower than one given before, be the clock set back. */
  #next({ micros }: Instant, above = 0): number {
    this.last = Math.max(micros, this.last + 1, above + 1);
    return this.last;
  }

  #queue(key: string, line: Line | undefined, newest: Waiting, due: number): void {
    if (line === undefined) {
      const rest = { pinned: undefined, flight: undefined, attempts: 0, tried: 0, error: '' };
      this.lines.set(key, { newest, due, ...rest });
      return;
    }
    line.newest = newest;
    // Coalesced writes keep the first one's instant, or a key that is always written would never be due.
    if (line.flight === undefined) line.due = Math.min(line.due, due);
  }

  #requeue(key: string, line: Line, due: number): 'clean' | 'again' {
    // Behind those that have not had their turn: a key that is always written must not keep them waiting.
    this.lines.delete(key);
    if (line.newest === undefined && line.pinned === undefined) return 'clean';
    line.due = due;
    this.lines.set(key, line);
    return 'again';
  }

  #bury(record: Omit<DeadRecord, 'id'>): void {
    const id = `${record.version}-${record.key}`;
    this.letters.set(id, { ...record, id });
  }

  #holder(key: string, { at }: Instant): string | undefined {
    const lease = this.#leases.get(key);
    return lease !== undefined && lease.until > at ? lease.token : undefined;
  }

  #remember(operation: string, version: number, { at }: Instant): void {
    for (const [oldest, { until }] of this.#operations) {
      if (until > at) break;
      this.#operations.delete(oldest);
    }
    this.#operations.set(operation, { version, until: at + remembered });
  }
}

/** The version of the first write of a key that has not reached the source. */
function firstOf({ flight, pinned, newest }: Line): number {
  return Math.min(flight?.record.first ?? Infinity, pinned?.first ?? Infinity, newest?.first ?? Infinity);
}

function recordOf({ key, op, payload, version }: DirtyRecord): DirtyRecord {
  return { key, op, payload, version };
}
