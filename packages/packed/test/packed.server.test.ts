import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@cache/servers';

const repository = join(__dirname, '..', '..', '..');
const bin = join(repository, 'node_modules', '.bin');

let folder: string;
let tarballs: string[];
let redis: RedisServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cache-packed-'));
  redis = await startRedis();
  await run(process.execPath, ['.ci/packages.mjs', '--to', join(folder, 'tarballs')], repository);
  tarballs = (await readdir(join(folder, 'tarballs'))).map((name) => join(folder, 'tarballs', name));
}, 120_000);
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});

describe('a user of memory alone', () => {
  let project: string;

  beforeAll(async () => {
    project = await install('memory', tarballsOf('core', 'decorators'));
  }, 120_000);

  test('has nothing else installed', async () => {
    expect((await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual(['@cache']);
  });

  test.each(['memory.mjs', 'memory.cjs'])('caches, and is told what Redis would need: %s', async (program) => {
    const told =
      /^\(node:\d+\) CacheWarning: redisStore\(\{ url \}\) needs the package 'redis'; install redis@6\n[^\n]*\n$/;
    expect(await run(process.execPath, [program], project)).toMatch(told);
  });
});

describe('a user of everything', () => {
  let project: string;

  beforeAll(async () => {
    const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
    project = await install('everything', [
      ...tarballsOf('core', 'express', 'decorators'),
      `@types/node@${devDependencies['@types/node']}`,
      ...(await versions('core', 'redis')),
      ...(await versions('express', 'express', 'express-rate-limit', 'express-session')),
      ...(await versions('express', '@types/express', '@types/express-session')),
      ...(await versions('decorators', 'class-transformer', 'reflect-metadata')),
    ]);
  }, 120_000);

  test.each(['core', 'express', 'decorators'])('gets licence, README and caret ranges: %s', async (name) => {
    const home = join(project, 'node_modules', '@cache', name);
    expect((await readdir(home)).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
    const manifest = await readFile(join(home, 'package.json'), 'utf8');
    expect(manifest).not.toMatch(/workspace:|@cache\/source/);
    const { version, dependencies } = JSON.parse(manifest) as Manifest;
    if (name !== 'core') expect(dependencies['@cache/core']).toBe(`^${version}`);
  });

  test.each(['core', 'express', 'decorators'])('gets the sources that its maps name: %s', async (name) => {
    const home = join(project, 'node_modules', '@cache', name);
    const files = await readdir(home, { recursive: true });
    const maps = files.filter((file) => file.endsWith('.map'));
    const named = maps.map(async (file) => {
      const { sources } = JSON.parse(await readFile(join(home, file), 'utf8')) as { sources: string[] };
      return sources.map((source) => join(file, '..', source));
    });
    expect(maps.length).toBeGreaterThan(0);
    expect((await Promise.all(named)).flat().filter((source) => !files.includes(source))).toEqual([]);
  });

  test.each(['modules.mjs', 'commonjs.cjs'])('runs %s', async (program) => {
    expect(await run(process.execPath, [program], project)).toBe('');
  });

  test('may import and require in one process', async () => {
    const oneInstance = (await run(process.execPath, ['-p', 'process.features.require_module'], project)) === 'true\n';
    expect(await run(process.execPath, ['both.mjs'], project)).toBe(oneInstance ? 'one instance\n' : 'two instances\n');
    // As in Node before 20.19.
    const older = oneInstance ? ['--no-experimental-require-module'] : [];
    expect(await run(process.execPath, [...older, 'both.mjs'], project)).toBe('two instances\n');
  });

  test.each(['legacy', 'standard'])('compiles TypeScript with %s decorators, as ESM and as CommonJS', async (mode) => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      types: ['node'],
      experimentalDecorators: mode === 'legacy',
      emitDecoratorMetadata: mode === 'legacy',
      outDir: mode,
    };
    const config = `tsconfig.${mode}.json`;
    await writeFile(join(project, config), JSON.stringify({ compilerOptions, files: ['service.mts', 'service.cts'] }));
    await cp(join(project, 'service.ts'), join(project, 'service.mts'));
    await cp(join(project, 'service.ts'), join(project, 'service.cts'));

    expect(await run(join(bin, 'tsc'), ['-p', config], project)).toBe('');
    expect(await run(process.execPath, [join(mode, 'service.mjs')], project)).toBe('');
    expect(await run(process.execPath, [join(mode, 'service.cjs')], project)).toBe('');
  });

  test('runs Jest as it is', async () => {
    expect(await run(join(bin, 'jest'), ['packages.test.cjs'], project)).toMatch(/5 passed/);
  });
});

interface Manifest {
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

function tarballsOf(...names: string[]): string[] {
  return names.map((name) => tarballs.find((path) => path.includes(`cache-${name}-`))!);
}

/** What `npm install` is told, to get the versions of packages that one of ours is tested with. */
async function versions(owner: string, ...names: string[]): Promise<string[]> {
  const manifest = await readFile(join(repository, 'packages', owner, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(manifest) as Manifest;
  return names.map((name) => `${name}@${devDependencies[name]}`);
}

/** Makes a project outside the workspace, with packages. */
async function install(name: string, packages: string[]): Promise<string> {
  const project = join(folder, name);
  await cp(join(__dirname, '..', 'project'), project, { recursive: true });
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  const quickly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await run('npm', ['install', ...quickly, ...packages], project);
  return project;
}

/** Runs a program to its end, and gives what it printed; that is the error where it fails. */
async function run(file: string, args: string[], cwd: string): Promise<string> {
  const env = { ...process.env, REDIS_URL: redis.url };
  return await new Promise((resolve, reject) => {
    execFile(file, args, { cwd, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`${file} ${args.join(' ')}\n${stdout}${stderr}`));
    });
  });
}
