import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import 'reflect-metadata';

beforeEach(() => {
  jest.resetModules();
  for (const name of ['class-transformer', 'class-transformer/cjs/storage.js']) jest.dontMock(name);
});

class Plain {
  readonly id = '1';
}

/** The package and ours, as a process has them that begins now. */
async function load() {
  const { Exclude, Expose, Transform, Type } = await import('class-transformer');
  const { loadTransformer } = await import('../src/class-transformer.ts');
  return { Exclude, Expose, Transform, Type, loadTransformer };
}

describe('the decorators of class-transformer', () => {
  test('are known, of each kind, on the class and on those that it extends', async () => {
    const { Exclude, Expose, Transform, Type, loadTransformer } = await load();
    const decorators = [Exclude(), Expose(), Transform(() => 1), Type(() => Plain)];
    const transformer = await loadTransformer();
    for (const decorate of decorators) {
      class Base {
        readonly field = 1;
      }
      class Derived extends Base {}
      expect([Base, Derived].map((type) => transformer!.concerns(type))).toEqual([false, false]);
      decorate(Base.prototype, 'field');
      expect([Base, Derived].map((type) => transformer!.concerns(type))).toEqual([true, true]);
    }
    class Exposed {}
    Expose()(Exposed);
    expect([transformer!.concerns(Exposed), transformer!.concerns(Plain)]).toEqual([true, false]);
  });

  test.each<[string, () => unknown]>([
    ['is another copy, as in a bundle', () => ({ defaultMetadataStorage: kinds(() => new Map()) })],
    ['is of another version', () => ({ defaultMetadataStorage: {} })],
    ['has another place', () => missing('class-transformer/cjs/storage.js')],
  ])('are taken to be on every class where what they write to %s', async (_what, storage) => {
    await import('class-transformer');
    jest.doMock('class-transformer/cjs/storage.js', storage);
    const { transformer } = await loadOurs();
    expect(transformer!.concerns(Plain)).toBe(true);
  });

  test('cannot be on any class where the package is missing', async () => {
    jest.doMock('class-transformer', () => missing('class-transformer'));
    expect((await loadOurs()).transformer).toBeUndefined();
  });

  test('are not given up for a package that is there and broken', async () => {
    jest.doMock('class-transformer', () => {
      throw new TypeError('broken');
    });
    await expect(loadOurs()).rejects.toThrow('broken');
  });

  async function loadOurs() {
    const { loadTransformer } = await import('../src/class-transformer.ts');
    return { transformer: await loadTransformer() };
  }
});

function kinds(make: () => unknown): Record<string, unknown> {
  const names = ['_typeMetadatas', '_transformMetadatas', '_exposeMetadatas', '_excludeMetadatas'];
  return Object.fromEntries(names.map((name) => [name, make()]));
}

function missing(name: string): never {
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}
