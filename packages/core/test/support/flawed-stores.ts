import { randomUUID } from 'node:crypto';
import type { SharedSpace, SharedStore } from '@cache/core';
import { SharedStoreModel } from '@cache/core/testing';

/** A shared store that breaks a promise, and the name of a case that has to find it out. */
export interface Flaw {
  readonly flaw: string;
  readonly breaks: RegExp;
  readonly make: () => SharedStore;
}

type Methods = Partial<SharedSpace>;

function flaw(what: string, breaks: RegExp, change: (space: SharedSpace, namespace: string) => Methods): Flaw {
  const store = new SharedStoreModel().store();
  const open: SharedStore['open'] = (context) => {
    const space = store.open(context);
    return { ...space, ...change(space, context.namespace) };
  };
  return { flaw: what, breaks, make: () => ({ ...store, open }) };
}

/** Stores a frame whatever there is. */
async function set(space: SharedSpace, address: string, value: { frame: Uint8Array; ttl: number }): Promise<'filled'> {
  const [before, token] = [randomUUID(), randomUUID()];
  await space.evict([address]);
  await space.lease(address, { token: before, ttl: 1_000 });
  if ((await space.fill(address, { token: before, ...value })) === 'filled') return 'filled';
  await space.mark([address], token, 1_000);
  await space.commit(address, token, value);
  return 'filled';
}

const day = 86_400_000;

/** What people get wrong who write a store. */
export const flaws: Flaw[] = [
  flaw('gives frames in the order in which it finds them', /in the order of the addresses/, (space) => ({
    read: async (addresses) => {
      const { frames, clock } = await space.read(addresses);
      return { clock, frames: frames.filter((frame) => frame !== undefined) };
    },
  })),
  flaw('gives a frame once that is asked for twice', /in the order of the addresses/, (space) => ({
    read: (addresses) => space.read([...new Set(addresses)]),
  })),
  flaw('cannot be asked for nothing', /in the order of the addresses/, (space) => ({
    read: (addresses) => (addresses.length === 0 ? space.read(['?']) : space.read(addresses)),
  })),
  flaw('cuts long addresses', /any characters and 2 KiB/, (space) => ({
    lease: (address, request) => space.lease(address.slice(0, 1_024), request),
    fill: (address, request) => space.fill(address.slice(0, 1_024), request),
    read: (addresses) => space.read(addresses.map((each) => each.slice(0, 1_024))),
  })),
  flaw('normalizes addresses', /any characters and 2 KiB/, (space) => ({
    lease: (address, request) => space.lease(address.normalize(), request),
  })),
  flaw('keeps frames as text', /come back as they were filled/, (space) => ({
    fill: (address, request) =>
      space.fill(address, { ...request, frame: Buffer.from(Buffer.from(request.frame).toString()) }),
  })),
  flaw('keeps frames as text where writers bring them', /come back as they were committed/, (space) => ({
    commit: (address, token, value) =>
      space.commit(address, token, value && { ...value, frame: Buffer.from(Buffer.from(value.frame).toString()) }),
  })),
  flaw('keeps the whole of the buffer that a frame is a part of', /part of a larger buffer/, (space) => ({
    fill: (address, request) => space.fill(address, { ...request, frame: new Uint8Array(request.frame.buffer) }),
  })),
  flaw('takes a frame of no bytes for none', /any bytes.* filled/, (space) => ({
    read: async (addresses) => {
      const { frames, clock } = await space.read(addresses);
      return { clock, frames: frames.map((frame) => (frame?.length === 0 ? undefined : frame)) };
    },
  })),
  flaw('grants every lease', /to one token at a time/, () => ({ lease: async () => ({ state: 'granted' }) })),
  flaw('grants the lease of a filled address', /the frame is given instead/, (space) => ({
    lease: async (address, { token, ttl }) => {
      const [frame] = (await space.read([address])).frames;
      return space.lease(address, { token, ttl, ...(frame && { seen: frame }) });
    },
  })),
  flaw('takes any frame for one that was seen', /seen does not count/, (space) => ({
    lease: async (address, request) => {
      const [frame] = (await space.read([address])).frames;
      return space.lease(address, { ...request, ...(request.seen && frame && { seen: frame }) });
    },
  })),
  flaw('forgets the frame that was seen', /seen does not count/, (space) => ({
    lease: async (address, request) => {
      if (request.seen !== undefined) await space.evict([address]);
      return space.lease(address, request);
    },
  })),
  flaw('fills without looking at leases', /without the lease/, (space) => ({
    fill: (address, request) => set(space, address, request),
  })),
  flaw('replaces whatever is there', /and of no other/, (space) => ({
    replace: (address, request) => set(space, address, request),
  })),
  flaw('compares the head of a frame only', /last byte is another/, (space) => ({
    replace: async (address, request) => {
      const [frame] = (await space.read([address])).frames;
      const same = frame !== undefined && Buffer.from(frame.subarray(0, 64)).equals(request.seen.subarray(0, 64));
      return space.replace(address, { ...request, ...(same && { seen: frame }) });
    },
  })),
  flaw('replaces what somebody loads', /while somebody loads or writes/, (space) => ({
    replace: async (address, request) => {
      const [frame] = (await space.read([address])).frames;
      if (frame === undefined || !Buffer.from(frame).equals(request.seen)) return 'refused';
      return set(space, address, request);
    },
  })),
  flaw('keeps a lease after its fill', /and ends it/, (space) => ({
    fill: async (address, request) => {
      const filled = await space.fill(address, request);
      await space.lease(address, { token: request.token, ttl: day, seen: request.frame });
      return filled;
    },
  })),
  flaw('has anybody give leases back', /only its holder/, (space) => ({
    release: (address) => space.evict([address]).then(() => true),
  })),
  flaw('tells that what was lost was given back', /only its holder/, (space) => ({
    release: (address, token) => space.release(address, token).then(() => true),
  })),
  flaw('does not give leases back', /only its holder/, () => ({ release: async () => true })),
  flaw('tells that what was lost is extended', /neither extended nor given back/, (space) => ({
    extend: (address, token, ttl) => space.extend(address, token, ttl).then(() => true),
  })),
  flaw('deletes the frame of who gives the lease back', /leaves the frame as it was/, (space) => ({
    release: async (address, token) => {
      const released = await space.release(address, token);
      await space.evict([address]);
      return released;
    },
  })),
  flaw('never lets a lease run out', /a lease runs out/, (space) => ({
    lease: (address, request) => space.lease(address, { ...request, ttl: day }),
  })),
  flaw('lets fills come late', /nobody else took it/, (space) => ({
    lease: (address, request) => space.lease(address, { ...request, ttl: day }),
  })),
  flaw('forgets that writers overlapped when one of them dies', /was not alone, although/, (space) => {
    const dead = new Set<string>();
    return {
      mark: async (addresses, token, ttl) => (ttl < 10_000 ? void dead.add(token) : space.mark(addresses, token, ttl)),
    };
  }),
  flaw('never lets a frame expire', /a frame is forgotten/, (space) => ({
    fill: (address, request) => space.fill(address, { ...request, ttl: day }),
  })),
  flaw('takes milliseconds for seconds', /a frame is forgotten/, (space) => ({
    commit: (address, token, value) => space.commit(address, token, value && { ...value, ttl: value.ttl * 1_000 }),
  })),
  flaw('does not extend leases', /lease that is extended outlives/, () => ({ extend: async () => true })),
  flaw('does not extend markers', /marker that is extended outlives/, () => ({ extend: async () => true })),
  flaw('never lets a marker run out', /marker runs out/, (space) => ({
    mark: (addresses, token) => space.mark(addresses, token, day),
  })),
  flaw('has a marker end with the shortest', /not cut short/, (space) => {
    const tokens: string[] = [];
    return {
      mark: async (addresses, token, ttl) => {
        tokens.push(token);
        await space.mark(addresses, token, ttl);
        for (const each of tokens) await space.extend(addresses[0]!, each, ttl);
      },
    };
  }),
  flaw('does not delete what a writer begins to change', /deletes the frame and the lease/, (space) => ({
    mark: async (addresses, token, ttl) => {
      const { frames } = await space.read(addresses);
      await space.mark(addresses, token, ttl);
      if (frames[0] === undefined) return;
      await space.commit(addresses[0]!, token, { frame: frames[0], ttl: day });
    },
  })),
  flaw('knows no markers', /forbids fills/, (space) => ({
    mark: async (addresses) => void (await space.evict(addresses)),
  })),
  flaw('marks the first address alone', /marked at once/, (space) => ({
    mark: (addresses, token, ttl) => space.mark(addresses.slice(0, 1), token, ttl),
  })),
  flaw('stores what every writer brings', /writers that overlap/, (space) => ({
    commit: async (address, token, value) => {
      const committed = await space.commit(address, token, value);
      return value === undefined ? committed : set(space, address, value);
    },
  })),
  flaw('has the last writer win', /writers that overlap/, (space) => ({
    mark: async (addresses, token, ttl) => {
      for (const address of addresses) for (const other of ['w1', 'w2']) await space.commit(address, other);
      await space.mark(addresses, token, ttl);
    },
  })),
  flaw('keeps the marker of a writer that is done', /ends without a value/, (space) => ({
    commit: async (address, token, value) => {
      const committed = await space.commit(address, token, value);
      if (value === undefined) await space.mark([address], token, day);
      return committed;
    },
  })),
  flaw('leaves an address alone that is committed without a mark', /commit without a mark stores/, (space) => ({
    commit: async (address, token, value) =>
      (await space.extend(address, token, day)) ? space.commit(address, token, value) : 'refused',
  })),
  flaw('evicts the first address alone', /evict deletes the frames/, (space) => ({
    evict: (addresses) => space.evict(addresses.slice(0, 1)),
  })),
  flaw('evicts frames and not leases', /evict takes the lease away/, (space) => ({
    evict: async (addresses) => ((await space.read(addresses)).frames[0] ? space.evict(addresses) : 'done'),
  })),
  flaw('does not mind an eviction while a writer is at work', /evict leaves a writer at work/, (space) => ({
    evict: async (addresses) => {
      const { state } = await space.lease(addresses[0]!, { token: '?', ttl: 1 });
      return state === 'writing' ? 'done' : space.evict(addresses);
    },
  })),
  flaw('gives tags instants of whole seconds', /later instant/, (space) => ({
    invalidate: async (tags) => {
      const { generation, at } = await space.invalidate(tags);
      return { generation, at: Math.floor(at / 1_000_000) * 1_000_000 };
    },
  })),
  flaw('tells everybody all tags', /after an instant/, (space) => ({
    tags: () => space.tags({ generation: '', at: 0 }),
  })),
  flaw('tells who knows another generation only what is new', /another generation/, (space) => ({
    tags: async (since) => {
      const { clock, instants } = await space.tags({ generation: '', at: 0 });
      return { clock, instants: new Map([...instants].filter(([, at]) => at > since.at)) };
    },
  })),
  flaw('tells no clock', /read tells its clock/, (space) => ({
    read: async (addresses) => ({ frames: (await space.read(addresses)).frames, clock: undefined }),
  })),
  flaw('forgets tags that an earlier call named', /after an instant/, (space) => ({
    tags: async (since) => {
      const { clock, instants } = await space.tags(since);
      return { clock, instants: new Map([...instants].slice(-2)) };
    },
  })),
  flaw('has each process keep its own', /share all that is in it/, () => new SharedStoreModel().space()),
  flaw(
    'does not mind the namespace',
    /know nothing of one another/,
    (() => {
      const model = new SharedStoreModel();
      return () => model.space();
    })(),
  ),
  flaw('takes leases apart from looking whether there is one', /granted it once/, (space) => {
    const held = new Set<string>();
    return {
      lease: async (address) => {
        const taken = held.has(address);
        await space.ping();
        held.add(address);
        return { state: taken ? 'held' : 'granted' };
      },
    };
  }),
  flaw('loses all with its connection', /nothing in the store is lost/, (space) => {
    let current = space;
    return {
      read: (addresses) => current.read(addresses),
      fill: (address, request) => current.fill(address, request),
      reset: () => {
        current = new SharedStoreModel().space();
      },
    };
  }),
  flaw('gives its leases back when it closes', /takes nothing with it/, (space) => ({
    close: async () => void (await space.evict(['a', 'b', 'c'])),
  })),
  flaw('waits for what never comes before it closes', /may close while/, () => ({
    close: () => new Promise(() => undefined),
  })),
  flaw('grants a lease although a writer is at work, now and then', /random sequences/, (space) => ({
    lease: async (address, request) => {
      const reply = await space.lease(address, request);
      return reply.state === 'writing' && request.seen !== undefined ? { state: 'held' } : reply;
    },
  })),
];
