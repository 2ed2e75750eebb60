import { expect, test } from '@jest/globals';
import { seededRandom } from '../../src/testing/random.ts';
import { chaos, type Outcome, type Subject } from './run.ts';

/** `pnpm test:chaos` wants more. */
const wanted = process.env['CHAOS_WRITES'];
const short = { writes: 500, longest: 5_000, perBlow: 20 };
const shorter = { ...short, writes: 100, longest: 2_500 };
const long = { writes: Number(wanted), longest: 3_600_000, perBlow: 200 };
const seed = Number(process.env['CHAOS_SEED'] ?? 1);

async function play(subject: Subject, form: typeof short): Promise<Outcome> {
  const random = seededRandom(seed);
  const outcome = await chaos(subject, { ...form, random: () => random.integer(1e9) / 1e9 });
  const { accepted, blows, seconds, said } = outcome;
  if (wanted !== undefined)
    console.log(`${subject}: ${accepted} accepted`, { ...blows, ...seconds }, said.slice(0, 1_000));
  return outcome;
}

const nothing = { lost: [], stale: [], reordered: [], miscounted: [], misburied: [], staleReads: [] };

test.each(['redis', 'files'] as const)(
  'with a ledger in %s nothing that was accepted is lost, stale, out of order or counted twice, whoever dies',
  async (subject) => {
    const form = wanted !== undefined ? long : subject === 'files' ? shorter : short;
    const { accepted, blows, said: _said, seconds: _seconds, ...faults } = await play(subject, form);
    expect(faults).toEqual(nothing);
    expect([blows.torn, accepted > 20]).toEqual([0, true]);
  },
  3_600_000,
);

test('with a queue that is pushed to and popped from the same checker finds much', async () => {
  const { lost, stale, reordered } = await play('queue', shorter);
  expect(lost.length + stale.length + reordered.length).toBeGreaterThan(0);
}, 3_600_000);
