import { describe, expect, test } from '@jest/globals';
import { Origin } from '../../support/origin.ts';
import { settled, versions } from '../../support/stage.ts';

const fresh = { headers: { 'Cache-Control': 'max-age=60' } };

describe.each(versions)('RFC 9111 §4.4 on %s', (_name, framework) => {
  const unsafe = ['POST', 'PUT', 'PATCH', 'DELETE', 'M-SEARCH'];

  test.each(unsafe)('a %s that succeeds invalidates its target', async (method) => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/a?x=1');
    await origin.fetch('/b');
    expect(await origin.status('/a?x=1', {}, method)).toBe('shop; fwd=method');
    expect(await origin.status('/a?x=1')).toContain('uri-miss');
    expect(await origin.status('/b')).toContain('hit');
  });

  test.each(unsafe)('a %s that fails does not', async (method) => {
    const origin = new Origin(framework, [fresh, { status: 500 }]);
    await origin.fetch('/a');
    await origin.fetch('/a', {}, method);
    expect(await origin.status('/a')).toContain('hit');
  });

  test.each(['OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'SEARCH'])(
    'a %s changes nothing, and invalidates nothing',
    async (method) => {
      const origin = new Origin(framework, [fresh]);
      await origin.fetch('/a');
      await origin.fetch('/a', {}, method);
      expect(await origin.status('/a')).toContain('hit');
    },
  );

  test.each(['Location', 'Content-Location'])('what %s names goes too, in the same origin', async (field) => {
    const origin = new Origin(framework, [fresh]);
    const host = `localhost:${origin.port}`;
    for (const place of ['/dir/new', 'new', `http://${host}/dir/new`]) {
      await origin.answering(fresh).fetch('/dir/new');
      expect(await origin.status('/dir/new')).toContain('hit');
      await origin.answering({ status: 201, headers: { [field]: place } }).fetch('/dir/list', {}, 'POST');
      expect(await origin.answering(fresh).status('/dir/new')).toContain('uri-miss');
    }
    for (const place of [
      `http://evil.example/dir/new`,
      `https://${host}/dir/new`,
      '//evil/dir/new',
      'http://[',
      '\\\\',
    ]) {
      await origin.answering({ status: 201, headers: { [field]: place } }).fetch('/dir/list', {}, 'POST');
      expect(await origin.answering(fresh).status('/dir/new')).toContain('hit');
    }
  });

  test('a path that begins with two slashes is one of this origin', async () => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/dir/new');
    await origin
      .answering({ status: 201, headers: { Location: '//evil.example/dir/new' } })
      .fetch('//evil.example/dir/list', {}, 'POST');
    expect(await origin.answering(fresh).status('/dir/new')).toContain('hit');
  });

  test('all variants of the target go', async () => {
    const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: 'X-Kind' } }]);
    for (const kind of ['a', 'b']) await origin.fetch('/', { 'x-kind': kind });
    await origin.fetch('/', {}, 'DELETE');
    for (const kind of ['a', 'b']) expect(await origin.status('/', { 'x-kind': kind })).toContain('miss');
  });

  test('an answer that was being made while the target changed is not kept', async () => {
    let finish = (): void => undefined;
    const origin = new Origin(framework, [
      { act: (_req, res) => void (finish = () => res.set(fresh.headers).send('before')) },
      fresh,
    ]);
    const reading = origin.fetch('/');
    while (origin.runs === 0) await settled(1);
    await origin.fetch('/', {}, 'PUT');
    finish();
    expect(String((await reading).body)).toBe('before');
    expect(await origin.body()).toBe('run 3');
  });

  test('the answer to a write is held until a read sees it', async () => {
    const origin = new Origin(framework, [fresh]);
    for (let time = 0; time < 5; time += 1) {
      await origin.fetch('/');
      await origin.fetch('/', {}, 'PUT');
      const { runs } = origin;
      expect(await origin.body()).toBe(`run ${runs + 1}`);
    }
  });
});

describe.each(versions)('RFC 9875 on %s', (_name, framework) => {
  const grouped = (value: string) => ({ headers: { ...fresh.headers, 'Cache-Groups': value } });

  test('responses of a group are invalidated by what an unsafe request is answered with (§3)', async () => {
    const origin = new Origin(framework, [grouped('"users", "eu;west"')]);
    for (const path of ['/1', '/2']) await origin.fetch(path);
    await origin.answering(fresh).fetch('/3');
    await origin
      .answering({ headers: { 'Cache-Group-Invalidation': '"eu;west", "other"' } })
      .fetch('/list', {}, 'POST');
    for (const path of ['/1', '/2']) expect(await origin.status(path)).toContain('miss');
    expect(await origin.status('/3')).toContain('hit');
  });

  test.each<[string, string, string, number]>([
    ['a safe request', '"users"', 'GET', 200],
    ['a failure', '"users"', 'POST', 500],
    ['a field that is none', 'users', 'POST', 200],
    ['a list with an error', '"users", &', 'POST', 200],
    ['another group', '"Users"', 'POST', 200],
  ])('not by %s', async (_what, value, method, status) => {
    const origin = new Origin(framework, [grouped('"users"')]);
    await origin.fetch('/1');
    await origin.answering({ status, headers: { 'Cache-Group-Invalidation': value } }).fetch('/list', {}, method);
    expect(await origin.status('/1')).toContain('hit');
  });

  test('a group is of one origin', async () => {
    const origin = new Origin(framework, [grouped('"users"')]);
    await origin.fetch('/1', { host: 'a.example' });
    await origin
      .answering({ headers: { 'Cache-Group-Invalidation': '"users"' } })
      .fetch('/', { host: 'b.example' }, 'POST');
    expect(await origin.status('/1', { host: 'a.example' })).toContain('hit');
  });

  test('sixty-four groups of any length are minded', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `${'g'.repeat(190)} ${index}`);
    const origin = new Origin(framework, [grouped(names.map((name) => `"${name}"`).join(', '))]);
    await origin.fetch('/1');
    expect(await origin.status('/1')).toContain('hit');
    await origin.answering({ headers: { 'Cache-Group-Invalidation': `"${names[63]!}"` } }).fetch('/', {}, 'POST');
    expect(await origin.status('/1')).toContain('miss');
  });
});
