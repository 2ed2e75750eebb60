import { type Bus, type Channel, channelBus, type ChannelContext } from '@cache/core';

interface Connection {
  readonly context: ChannelContext;
  connected: boolean;
}

/** A bus between the caches of one test, which can lose messages, break and freeze. */
export class BusModel {
  /** Every message that was sent, in order. */
  readonly sent: string[] = [];
  /** How often somebody asked for a new connection. */
  resets = 0;
  #connections: Connection[] = [];
  #loses: (message: string, receiver: number) => boolean = () => false;
  #frozen = false;

  bus(): Bus {
    return channelBus(this.channel());
  }

  channel(): Channel {
    return {
      name: 'model bus',
      open: (context) => {
        const connection: Connection = { context, connected: false };
        this.#connections.push(connection);
        void Promise.resolve().then(() => this.#connect(connection));
        return {
          publish: async (message) => this.#send(connection, message),
          reset: () => {
            this.resets += 1;
            this.#disconnect(connection);
            void Promise.resolve().then(() => this.#connect(connection));
          },
          close: async () => {
            this.#connections = this.#connections.filter((each) => each !== connection);
          },
        };
      },
    };
  }

  /** Messages are not given to these receivers (by the order in which they opened), until told otherwise. */
  lose(loses: (message: string, receiver: number) => boolean): void {
    this.#loses = loses;
  }

  /** Nothing arrives any more, and nobody is told. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
  }

  disconnect(): void {
    for (const connection of this.#connections) this.#disconnect(connection);
  }

  connect(): void {
    for (const connection of this.#connections) this.#connect(connection);
  }

  #connect(connection: Connection): void {
    if (connection.connected || !this.#connections.includes(connection)) return;
    connection.connected = true;
    connection.context.connected();
  }

  #disconnect(connection: Connection): void {
    if (!connection.connected) return;
    connection.connected = false;
    connection.context.disconnected();
  }

  #send(from: Connection, message: string): void {
    if (!from.connected) throw new Error('not connected');
    this.sent.push(message);
    if (this.#frozen) return;
    this.#connections.forEach((to, index) => {
      if (to.context.namespace !== from.context.namespace || !to.connected || this.#loses(message, index)) return;
      void Promise.resolve().then(() => to.context.receive(message));
    });
  }
}
