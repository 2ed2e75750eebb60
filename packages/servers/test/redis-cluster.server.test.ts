import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedisCluster, type RedisCluster, type RedisServer } from '../src/index.ts';
import { waitUntil } from '../src/wait-until.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, replicas: 1, nodeTimeoutMs: 500 });
}, 60_000);
afterAll(async () => await cluster.stop());

test('every node of a started cluster says that the cluster is fine', async () => {
  expect(cluster.urls).toHaveLength(6);
  for (const node of cluster.nodes) {
    const info = await node.command('CLUSTER', 'INFO');
    expect(info).toContain('cluster_state:ok');
    expect(info).toContain('cluster_slots_ok:16384');
  }
});

test('a replica takes over from a killed master, which comes back as a replica', async () => {
  const [master, , , replica] = cluster.nodes;
  await master?.kill();
  await waitUntil('the replica is promoted', async () => (await replicationOf(replica)).includes('role:master'));
  await master?.restart();
  await waitUntil('it follows', async () => (await replicationOf(master)).includes('master_link_status:up'));
  expect(await replicationOf(master)).toContain(`master_port:${replica?.port}`);
}, 20_000);

async function replicationOf(node: RedisServer | undefined): Promise<string> {
  return (await node?.command('INFO', 'replication')) ?? '';
}
