import { promised, promisedThat } from '../contract.ts';
import type { SharedStoreContractOptions } from './options.ts';
import { type Cases, frameOf, lettersAt, leased, long, put, type Scene } from './scene.ts';

/** No two of these are one address, although careless stores take some of them for one. */
const addresses = [
  ...['a', 'A', 'a ', ' a', 'a:', ':a', 'a:b', 'a::b', 'a/b', '../a', 'a*', 'a?', '*', '?', '[a]', '%61', '%', '\\'],
  ...['a\0', 'a\n', 'a\r\n', 'a\t', '"a"', "'a'", '!', '!a', '-1', '0', '00', 'null', 'undefined'],
  ...['é', 'e\u0301', 'ß', 'ss', 'I', 'ı', '\u{1F600}', '\uFEFFa', '\u200Da', '__proto__', 'constructor', 'toString'],
  ...['x'.repeat(2_047), `${'x'.repeat(2_047)}y`, 'x'.repeat(2_048), '\u{1F600}'.repeat(512)],
];

const sizes = [0, 1, 63, 64, 65, 4_096, 65_537, 2 ** 20];

/** Bytes of every value, zeros and line ends among them. */
function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + size) % 256);
}

export function frames({ foreign }: SharedStoreContractOptions): Cases {
  return foreign === undefined ? ours : { ...ours, ...amongOthers(foreign) };
}

const ours: Cases = {
  'read gives frames in the order of the addresses, twice for one that is asked for twice': async ({ space }) => {
    await put(space, 'a', 'x');
    await put(space, 'b', 'y');
    const came = await lettersAt(space, 'b', 'none', 'a', 'b', 'a', 'none');
    promised('each frame comes in the place of its address', came, ['y', undefined, 'x', 'y', 'x', undefined]);
    promised('one address may be asked for', await lettersAt(space, 'a'), ['x']);
    promised('no address may be asked for', await lettersAt(space), []);
  },

  'read takes a thousand addresses at once': async ({ space }) => {
    const many = Array.from({ length: 1_000 }, (_, index) => `address ${index}`);
    await put(space, many[0]!, 'x');
    await put(space, many[999]!, 'y');
    const came = await lettersAt(space, ...many);
    promised('there is a place for each', came.length, 1_000);
    promised('the frames are in their places', [came[0], came[1], came[999]], ['x', undefined, 'y']);
  },

  'addresses may have any characters and 2 KiB, and no two are taken for one': async ({ space }) => {
    const letters = addresses.map((_, index) => String.fromCharCode(0x30 + index));
    for (const [index, address] of addresses.entries()) {
      promised(`${JSON.stringify(address.slice(0, 40))} is empty`, await leased(space, address, 't'), 'granted');
      await space.fill(address, { token: 't', frame: frameOf(letters[index]!), ttl: long });
    }
    promised('each address has its own frame', await lettersAt(space, ...addresses), letters);
    for (const address of addresses) await space.evict([address]);
    const empty = addresses.map(() => undefined);
    promised('each address can be evicted', await lettersAt(space, ...addresses), empty);
  },

  'frames of any bytes, from none to 1 MiB, come back as they were filled': async ({ space }) => {
    for (const size of sizes) {
      const address = `${size} bytes`;
      await space.lease(address, { token: 't', ttl: long });
      await space.fill(address, { token: 't', frame: bytes(size), ttl: long });
      await comesBack(space, address, bytes(size));
    }
  },

  'frames of any bytes, from none to 1 MiB, come back as they were committed': async ({ space }) => {
    for (const size of sizes) {
      const address = `${size} bytes`;
      await space.mark([address], 't', long);
      await space.commit(address, 't', { frame: bytes(size), ttl: long });
      await comesBack(space, address, bytes(size));
    }
  },

  'a frame may be a part of a larger buffer': async ({ space }) => {
    const whole = bytes(300);
    await space.lease('a', { token: 't', ttl: long });
    await space.fill('a', { token: 't', frame: whole.subarray(100, 200), ttl: long });
    await comesBack(space, 'a', whole.slice(100, 200));
  },
};

async function comesBack(space: Scene['space'], address: string, frame: Uint8Array): Promise<void> {
  const [read] = (await space.read([address])).frames;
  promisedThat(`read gives the ${frame.length} bytes that were stored`, same(read, frame), read);
  const reply = await space.lease(address, { token: 'reader', ttl: long });
  const leased = reply.state === 'filled' ? reply.frame : undefined;
  promisedThat(`lease gives the ${frame.length} bytes that were stored`, same(leased, frame), reply);
  const seen = await space.lease(address, { token: 'reader', ttl: long, seen: frame });
  promised(`a frame of ${frame.length} bytes that was seen does not count`, seen, { state: 'granted' });
}

function same(came: Uint8Array | undefined, frame: Uint8Array): boolean {
  return came instanceof Uint8Array && Buffer.compare(came, frame) === 0;
}

function amongOthers(foreign: NonNullable<SharedStoreContractOptions['foreign']>): Cases {
  return {
    'an address that holds something foreign counts as empty, and disturbs no other': async ({ space, namespace }) => {
      await put(space, 'ours', 'x');
      await foreign(namespace, 'theirs');
      const came = await lettersAt(space, 'ours', 'theirs', 'ours');
      promised('what is foreign is not read', came, ['x', undefined, 'x']);
      const state = await leased(space, 'theirs', 't');
      promisedThat('what is foreign is no value', !state.startsWith('filled'), state);
      promised('what is foreign can be told to go', await space.evict(['theirs', 'ours']), 'done');
      await space.mark(['theirs'], 'w', long);
      await space.commit('theirs', 'w');
      promised('the others are deleted', await lettersAt(space, 'ours'), [undefined]);
    },
  };
}
