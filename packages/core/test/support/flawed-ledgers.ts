import { type Ledger, type LedgerBook, memoryLedger } from '@cache/core';

/** A ledger that breaks a promise, and the name of a case that has to find it out. */
export interface Flaw {
  readonly flaw: string;
  readonly breaks: RegExp;
  readonly make: () => Ledger;
}

function flaw(what: string, breaks: RegExp, change: (book: LedgerBook) => Partial<LedgerBook>): Flaw {
  const make = (): Ledger => {
    const ledger = memoryLedger();
    const open: Ledger['open'] = (context) => {
      const book = ledger.open(context);
      return { ...book, ...change(book) };
    };
    return { ...ledger, open };
  };
  return { flaw: what, breaks, make };
}

/** The record as anybody who may claim it would be given it, which is lost with the process: a queue with a pop. */
function popping(book: LedgerBook): Partial<LedgerBook> {
  return {
    claim: async (request) => {
      const claim = await book.claim(request);
      await book.ack(request.token, claim.records.map(({ key }) => ({ key, result: 'ok' as const }))); // prettier-ignore
      return claim;
    },
  };
}

/** What people get wrong who write a ledger. */
export const flaws: Flaw[] = [
  flaw('keeps payloads as text', /as it was made/, (book) => ({
    put: (write) => book.put({ ...write, payload: Buffer.from(Buffer.from(write.payload).toString()) }),
  })),
  flaw('trims keys', /any text and any bytes/, (book) => ({
    put: (write) => book.put({ ...write, key: write.key.trim().slice(0, 255) }),
  })),
  flaw('answers for the keys that it has', /in the order in which they are asked for/, (book) => ({
    read: async (keys) => (await book.read(keys)).filter((each) => each !== undefined),
  })),
  flaw('has no condition', /on condition of a version/, (book) => ({
    put: ({ given: _given, ...write }) => book.put(write),
  })),
  flaw('takes a read lease for a version', /under a read lease/, (book) => ({
    put: ({ lease: _lease, ...write }) => book.put(write),
  })),
  flaw('makes an operation as often as it is told', /made again/, (book) => ({
    put: ({ operation: _operation, ...write }) => book.put(write),
  })),
  flaw('forgets what it hands out', /tried again|whose lease ran out/, popping),
  flaw('hands out the newest merge when it is tried again', /the very one that was/, (book) => ({
    claim: async (request) => {
      const claim = await book.claim(request);
      const found = await book.read(claim.records.map(({ key }) => key));
      const records = claim.records.map((record, at) => ({ ...record, ...found[at]?.newest }));
      return { ...claim, records };
    },
  })),
  flaw('lets everybody settle', /the first one settles nothing/, (book) => {
    let last = '';
    return {
      claim: async (request) => {
        const claim = await book.claim(request);
        if (claim.records.length > 0) last = request.token;
        return claim;
      },
      ack: (_token, outcomes) => book.ack(last, outcomes),
    };
  }),
  flaw('extends nothing', /extended is held/, () => ({ extend: async (_token, keys) => [...keys] })),
  flaw('gives claims for ever', /whose lease ran out/, (book) => ({
    claim: (request) => book.claim({ ...request, lease: 600_000 }),
  })),
  flaw('counts every failure', /refusals of one version/, (book) => ({
    ack: (token, outcomes) => book.ack(token, outcomes.map((each) => ({ ...each, counts: true }))), // prettier-ignore
  })),
  flaw('does not wait before it tries again', /due after its time/, (book) => ({
    ack: (token, outcomes) => book.ack(token, outcomes.map((each) => ({ ...each, after: 0 }))), // prettier-ignore
  })),
  flaw('takes whatever comes', /full/, (book) => ({
    put: async (write) => {
      const reply = await book.put(write);
      return reply.state === 'full' ? { state: 'accepted', version: 1, dirty: reply.dirty } : reply;
    },
  })),
  flaw('says that all is done when nothing is queued', /a mark tells/, (book) => ({
    drain: async (mark) => {
      const [drained, { dirty, claimed }] = [await book.drain(mark), await book.stats()];
      return { ...drained, left: dirty > claimed };
    },
  })),
  flaw('drops what it gives up', /is a dead letter, with all/, (book) => ({
    ack: (token, outcomes) =>
      book.ack(token, outcomes.map(({ key, ...each }) => ({ key, ...(each.result === 'dead' ? { result: 'ok' } : each) }) as never)), // prettier-ignore
  })),
  flaw('lists the first letters only', /in portions/, (book) => ({ dead: (max) => book.dead(max) })),
  flaw('claims what is not due', /not due/, (book) => ({ claim: (request) => book.claim({ ...request, all: true }) })),
  flaw('goes on when it is closed', /a closed ledger/, () => ({ close: async () => undefined })),
];
