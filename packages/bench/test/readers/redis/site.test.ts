import { describe, expect, test } from '@jest/globals';
import { Site } from '../../../src/readers/redis/site.ts';

function siteWithLog() {
  const log: string[] = [];
  const server = {
    url: 'redis://127.0.0.1:1',
    command: async (...words: string[]) => {
      log.push(words.join(' '));
      return 'OK';
    },
    stop: async () => void log.push('stop'),
  };
  return { site: new Site(server), log };
}

describe('a site', () => {
  test('ends the connections of one part, the latest first, and empties Redis for the next', async () => {
    const { site, log } = siteWithLog();
    site.atEnd(() => log.push('first'));
    site.atEnd(async () => log.push('second'));
    await site.clear();
    await site.clear();
    expect(log).toEqual(['second', 'first', 'FLUSHALL', 'FLUSHALL']);
  });

  test('stops Redis at its end, be it that a connection cannot be ended', async () => {
    const { site, log } = siteWithLog();
    site.atEnd(() => {
      throw new Error('gone already');
    });
    site.atEnd(() => log.push('other'));
    await site.close();
    expect(log).toEqual(['other', 'stop']);
  });
});
