import { expect, test } from '@jest/globals';
import { type BusMessage, decodeMessage, encodeMessage } from '../../src/layers/bus-message.ts';

test.each<BusMessage['announcement']>([
  { kind: 'beat', sentAt: 12.5 },
  { kind: 'keys', addresses: ['user:7', ':report', 'user:a%7Bb'] },
  { kind: 'tags', tags: ['#org:7', '*'], clock: { generation: 'g', at: 1_700_000_000_000_000 } },
  { kind: 'bye' },
])('a message comes back as it was: %j', (announcement) => {
  const message = { publisher: 'p', number: 7, announcement };
  expect(decodeMessage(encodeMessage(message))).toEqual(message);
});

test.each([
  '',
  'null',
  '{}',
  '[]',
  '["p",1]',
  '["p",1,null]',
  '["p",1,{}]',
  '[1,1,{"kind":"bye"}]',
  '["p","1",{"kind":"bye"}]',
  '["p",1.5,{"kind":"bye"}]',
  '["p",1,{"kind":"beat"}]',
  '["p",1,{"kind":"keys"}]',
  '["p",1,{"kind":"keys","addresses":[1]}]',
  '["p",1,{"kind":"tags","tags":["a"]}]',
  '["p",1,{"kind":"tags","tags":["a"],"clock":null}]',
  '["p",1,{"kind":"tags","tags":["a"],"clock":{"generation":"g"}}]',
  '["p",1,{"kind":"other"}]',
])('what is no message is none: %s', (text) => {
  expect(decodeMessage(text)).toBeUndefined();
});
