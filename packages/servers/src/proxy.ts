import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { LOOPBACK } from './free-port.ts';
import { reset } from './reset.ts';
import { noFaults, pass, type Way } from './wire.ts';

/** Where connections go. */
export interface ProxyOptions {
  /** The port of a server on the loopback address. */
  readonly target: number;
}

/** A TCP proxy whose wire fails on demand. Faults add up, and hold for connections made later too, until `resume()`. */
export interface TcpProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** How many connections are open. */
  readonly connections: number;
  /** How many bytes of replies have been dropped; more than none tells that the server has executed a command. */
  readonly droppedBytes: number;
  /** The same address as that one, but through the proxy: `proxy.through(redis.url)`. */
  through(url: string): string;
  /** All that is sent arrives that many milliseconds later, each way or one way only. */
  delay(ms: number, way?: Way): void;
  /** Breaks all open connections; the client sees a reset. New ones are accepted. */
  cut(): void;
  /** Nothing passes either way, not even that a side has hung up; connections stay, and new ones are accepted. */
  stall(): void;
  /** Commands arrive and are executed, but their replies are lost. */
  dropReplies(): void;
  /** Replies arrive in pieces of at most that many bytes. */
  splitEvery(bytes: number): void;
  /** Ends all faults: what was held back passes, and connections that have lost replies are cut, as TCP would. */
  resume(): void;
  /** Breaks all connections and accepts no more. */
  stop(): Promise<void>;
}

/** One connection of a client and the one to the server that it is passed on to. */
interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  hasLostReplies: boolean;
}

/** Starts a proxy on a free port. */
export async function startProxy({ target }: ProxyOptions): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  const faults = noFaults();
  let droppedBytes = 0;
  let openGate = (): void => undefined;

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ port: target, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
    const connection: Connection = { client, server, hasLostReplies: false };
    connections.add(connection);
    for (const socket of [client, server]) socket.unref().once('close', () => connections.delete(connection));
    function onLost(bytes: number): void {
      connection.hasLostReplies = true;
      droppedBytes += bytes;
    }
    pass(client, server, 'requests', faults, onLost);
    pass(server, client, 'replies', faults, onLost);
  });
  listener.listen(0, LOOPBACK);
  await once(listener, 'listening');
  listener.unref();
  const { port } = listener.address() as AddressInfo;

  function cut(chosen: Iterable<Connection>): void {
    for (const { client, server } of chosen) {
      reset(client);
      reset(server);
    }
  }

  function stall(): void {
    openGate();
    faults.passable = new Promise((resolve) => (openGate = resolve));
  }

  function resume(): void {
    cut([...connections].filter(({ hasLostReplies }) => hasLostReplies));
    Object.assign(faults, noFaults());
    openGate();
  }

  async function stop(): Promise<void> {
    cut(connections);
    if (!listener.listening) return;
    const closed = once(listener.ref(), 'close');
    listener.close();
    await closed;
  }

  return {
    host: LOOPBACK,
    port,
    get connections() {
      return connections.size;
    },
    get droppedBytes() {
      return droppedBytes;
    },
    through: (url) => Object.assign(new URL(url), { port: String(port) }).href,
    delay: (ms, way) =>
      Object.assign(faults.delayMs, way === undefined ? { requests: ms, replies: ms } : { [way]: ms }),
    cut: () => cut(connections),
    stall,
    dropReplies: () => void (faults.dropsReplies = true),
    splitEvery(bytes) {
      if (!(bytes >= 1)) throw new RangeError('A piece of a reply has at least one byte: splitEvery(1)');
      faults.pieceBytes = bytes;
    },
    resume,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
