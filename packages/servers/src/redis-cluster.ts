import { startRedis, type RedisServer } from './redis.ts';
import { allOrNone, orStopAll, stopAll } from './server-group.ts';
import { waitUntil } from './wait-until.ts';

/** The shape of a cluster; all nodes run on this machine. */
export interface RedisClusterOptions {
  /** How many share the slots, at least 3; by default 3. */
  readonly masters?: number;
  /** How many follow each master; by default 1. */
  readonly replicas?: number;
  /** After how many milliseconds of silence a node counts as failed; by default 1000. */
  readonly nodeTimeoutMs?: number;
  /** Further arguments of every node. */
  readonly args?: readonly string[];
}

/** A Redis cluster of our own, of which each node can be frozen, killed and restarted. */
export interface RedisCluster extends AsyncDisposable {
  /** First those that started as masters, in the order of their slots, then those that started as replicas. */
  readonly nodes: readonly RedisServer[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;

/** Starts a cluster and resolves when every node says `cluster_state:ok` and every replica follows its master. */
export async function startRedisCluster({
  masters = 3,
  replicas = 1,
  nodeTimeoutMs = 1_000,
  args = [],
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)];
  // On a busy machine a replica may have heard nothing for long, and is to take the place of its master all the same.
  settings.push('--cluster-replica-validity-factor', '0');
  const fastSync = ['--repl-diskless-sync-delay', '0'];
  const nodes = await allOrNone(
    Array.from({ length: masters * (1 + replicas) }, async () =>
      startRedis({ args: [...settings, ...fastSync, ...args] }),
    ),
  );
  await orStopAll(nodes, async () => {
    await introduce(nodes);
    const ids = await Promise.all(nodes.map(async (node) => await node.command('CLUSTER', 'MYID')));
    await Promise.all(
      nodes.map(async (node, index) =>
        index < masters
          ? await node.command('CLUSTER', 'ADDSLOTS', ...slotsOf(index, masters))
          : await node.command('CLUSTER', 'REPLICATE', ids[index % masters] ?? ''),
      ),
    );
    await Promise.all(nodes.map(async (node) => await agreement(node, masters * replicas)));
  });
  const stop = async () => await stopAll(nodes);
  return { nodes, urls: nodes.map(({ url }) => url), stop, [Symbol.asyncDispose]: stop };
}

/** Every node meets every other, rather than hearing of it by gossip a second later. */
async function introduce(nodes: readonly RedisServer[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    // Nodes without distinct epochs would first have to settle whose word counts. One that knows another takes none.
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const [index, node] of nodes.entries()) {
    for (const { host, port } of nodes.slice(index + 1)) await node.command('CLUSTER', 'MEET', host, String(port));
  }
  for (const node of nodes) {
    await waitUntil(`the node at port ${node.port} knows all others`, async () => {
      const known = await node.command('CLUSTER', 'NODES');
      return known.trim().split('\n').length === nodes.length && !known.includes('handshake');
    });
  }
}

function slotsOf(index: number, masters: number): string[] {
  const first = Math.floor((SLOTS * index) / masters);
  const end = Math.floor((SLOTS * (index + 1)) / masters);
  return Array.from({ length: end - first }, (_, offset) => String(first + offset));
}

async function agreement(node: RedisServer, replicas: number): Promise<void> {
  await waitUntil(`the cluster is whole for the node at port ${node.port}`, async () => {
    const [state, known, replication] = await Promise.all([
      node.command('CLUSTER', 'INFO'),
      node.command('CLUSTER', 'NODES'),
      node.command('INFO', 'replication'),
    ]);
    const followers = known.match(/\bslave\b/g)?.length ?? 0;
    return (
      state.includes('cluster_state:ok') && followers === replicas && !replication.includes('master_link_status:down')
    );
  });
}
