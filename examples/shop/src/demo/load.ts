import type { Client } from './client.ts';

/** What was asked during one phase of the load. */
export interface Phase {
  readonly name: string;
  sent: number;
  answered: number;
  errors: number;
  /** In milliseconds. */
  readonly latencies: number[];
}

/** A steady load that does not wait for answers: nine reads of products to one write of a cart. */
export interface Load {
  /** Requests from now on count for a new phase. */
  phase(name: string): void;
  readonly phases: readonly Phase[];
  /** Ends the load; resolves when all is answered. */
  stop(): Promise<void>;
}

/** Sends one request every `every` milliseconds. */
export function startLoad(client: Client, every: number): Load {
  const phases: Phase[] = [];
  const pending = new Set<Promise<void>>();
  let number = 0;

  async function request(phase: Phase): Promise<void> {
    number += 1;
    phase.sent += 1;
    try {
      const { status, ms } = await (number % 10 === 0
        ? client.put(`/carts/load-${number % 50}`, { items: [{ productId: number, quantity: 1 }] })
        : client.get(`/products/${300 + (number % 20)}`));
      phase.latencies.push(ms);
      if (status < 300) phase.answered += 1;
      else phase.errors += 1;
    } catch {
      phase.errors += 1;
    }
  }

  const timer = setInterval(() => {
    const phase = phases.at(-1);
    if (phase === undefined) return;
    const one = request(phase).finally(() => pending.delete(one));
    pending.add(one);
  }, every);

  return {
    phases,
    phase: (name) => void phases.push({ name, sent: 0, answered: 0, errors: 0, latencies: [] }),
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
    },
  };
}
