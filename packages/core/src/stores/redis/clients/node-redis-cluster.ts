import type { ClientKind } from './own-client.ts';
import { givenOptions, killSwitch, replies, settings, socketOf } from './node-redis-settings.ts';

/** The part of a node-redis cluster (`createCluster`) that is used: another copy of the package fits as well. */
export interface NodeRedisClusterLike {
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: object): NodeRedisClusterLike;
  nodeClient(node: never): unknown;
  on(event: string, listener: (error: unknown) => void): unknown;
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean,
    args: readonly (string | Buffer)[],
    options?: object,
  ): Promise<unknown>;
  subscribe(channel: string, heard: (message: string) => void): Promise<unknown>;
}

interface ClusterOptions {
  readonly rootNodes: readonly { readonly socket?: object }[];
  readonly defaults?: { readonly socket?: object };
}

/** Milliseconds that a node which is asked for the slots may be silent before another one is asked. */
const discoveryTimeout = 1_000;

/** Duplicates of a node-redis cluster. */
export function nodeRedisCluster(client: NodeRedisClusterLike): ClientKind {
  const given = givenOptions<ClusterOptions>(client);
  return {
    sharded: true,
    make(owner) {
      const kill = killSwitch();
      const cluster = client.duplicate({
        ...(given === undefined ? {} : own(given, { ...socketOf(owner), signal: kill.signal })),
        useReplicas: false,
        // A master that is away is not to hold up the others when they are connected to.
        minimizeConnections: true,
        topologyRefreshOnReconnectionAttemptStrategy: 500,
      });
      cluster.on('error', (error) => owner.failed(error));
      cluster.on('node-error', (error) => owner.failed(error));
      return {
        connect: () => cluster.connect(),
        send: (key, command) => cluster.sendCommand(key, false, command, replies),
        subscribe(channel, heard) {
          // With `minimizeConnections` there is no other node that it has a connection to.
          cluster.on('node-error', () => owner.lost());
          // A node that leaves the cluster is let go without an error.
          cluster.on('node-disconnect', () => owner.lost());
          return cluster.subscribe(channel, heard);
        },
        destroy() {
          cluster.destroy();
          kill.abort();
        },
      };
    },
  };
}

function own({ rootNodes, defaults }: ClusterOptions, socket: object): ClusterOptions {
  return {
    rootNodes: rootNodes.map((node) => ({ ...node, socket: { ...node.socket, socketTimeout: discoveryTimeout } })),
    defaults: { ...defaults, ...settings, socket: { ...defaults?.socket, ...socket } },
  };
}
