// Compiles every TypeScript fence of the Markdown pages as a user would, against the built packages.
//
//   ```ts            a module of its own
//   ```ts continued  part of the module of the fence before it
//   ```ts cache.ts   a module that others on the page import as './cache.js'
//   ```ts run        its module is also run, and has to exit with 0
//   ```ts legacy     its module is compiled with experimentalDecorators
//
// `<!-- context` … `-->` holds declarations that a reader need not see (`declare const db: …`). They head each module that
// begins after it on the page, until another context comment replaces them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { files } from './files.mjs';

/**
 * A module has the lines of its page, empty but for its fences: a position in the one is a position in the other.
 * @typedef {{ page: string, name: string, lines: string[], run: boolean, legacy: boolean }} Module
 */

/**
 * @param {string} page
 * @returns {Module[]}
 */
function modulesOf(page) {
  /** @type {Module[]} */
  const modules = [];
  const text = readFileSync(page, 'utf8').split('\n');
  let context = text.map(() => '');
  /** @type {{ end: RegExp, lines?: string[] } | undefined} */
  let block;

  for (const [index, line] of text.entries()) {
    if (block) {
      if (block.end.test(line)) block = undefined;
      else if (block.lines) block.lines[index] = line;
      continue;
    }
    const [comment, code = '', end] = /^\s*<!-- context\b:?(.*?)(-->)?$/.exec(line) ?? [];
    if (comment) {
      context = text.map(() => '');
      context[index] = code;
      if (!end) block = { end: /^\s*-->/, lines: context };
      continue;
    }
    const [, fence, language = '', info = ''] = /^\s*(`{3,}|~{3,})\s*(\w*)(.*)$/.exec(line) ?? [];
    if (!fence) continue;
    block = { end: new RegExp(`^\\s*${fence}\\s*$`) };
    if (!['ts', 'typescript'].includes(language)) continue;

    const marks = new Set(info.split(/\s+/).filter(Boolean));
    if (!marks.delete('continued')) {
      modules.push({ page, name: `${index + 1}.ts`, lines: [...context], run: false, legacy: false });
    }
    const module = modules.at(-1);
    if (!module) throw new SyntaxError(`${page}:${index + 1}: there is no fence to continue`);
    if (marks.delete('run')) module.run = true;
    if (marks.delete('legacy')) module.legacy = true;
    for (const mark of marks) {
      const taken = modules.some((other) => other.name === mark);
      if (taken || !/^[\w-]+\.ts$/.test(mark))
        throw new SyntaxError(`${page}:${index + 1}: "${mark}" cannot mark a fence`);
      module.name = mark;
    }
    block.lines = module.lines;
  }
  return modules;
}

/**
 * Makes the published packages, and whatever a package of the workspace depends on, importable from `folder`.
 * @param {string} folder
 */
function linkPackages(folder) {
  for (const manifest of files()) {
    if (!/^(packages|examples)\/[^/]+\/package\.json$/.test(manifest)) continue;
    const home = dirname(manifest);
    const { name, private: hidden, dependencies, devDependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
    const targets = Object.keys({ ...dependencies, ...devDependencies })
      .filter((dependency) => !dependency.startsWith('@cache/'))
      .map((dependency) => [dependency, join(home, 'node_modules', dependency)]);
    if (!hidden) targets.push([name, home]);
    for (const [link = '', target = ''] of targets) {
      const path = join(folder, 'node_modules', link);
      mkdirSync(dirname(path), { recursive: true });
      if (!existsSync(path)) symlinkSync(resolve(target), path, 'junction');
    }
  }
}

/**
 * Puts the page and its line where `text` names a module.
 * @param {string} text
 */
const inPages = (text) =>
  text
    .replaceAll(/(?:file:\/\/)?[^\s(]*\/src\/([^\s:(]+\.md)\/[\w-]+\.ts/g, '$1')
    .replaceAll(/(\.md)\((\d+),(\d+)\)/g, '$1:$2:$3');

/**
 * @param {string} program
 * @param {string[]} args
 * @param {number} [timeout] in milliseconds
 */
function succeeds(program, args, timeout) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout,
    killSignal: 'SIGKILL',
  });
  if (status === 0) return true;
  console.error(inPages(`${error ?? ''}${stdout}${stderr}`));
  process.exitCode = 1;
  return false;
}

/**
 * @param {string} folder
 * @param {Module[]} modules
 */
function check(folder, modules) {
  /** @param {Module} module */
  const source = ({ page, name }) => join(folder, 'src', page, name);

  for (const module of modules) {
    mkdirSync(dirname(source(module)), { recursive: true });
    writeFileSync(source(module), module.lines.join('\n'));
  }
  for (const legacy of [false, true]) {
    const chosen = modules.filter((module) => module.legacy === legacy);
    if (chosen.length === 0) continue;
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      moduleDetection: 'force',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      experimentalDecorators: legacy,
      sourceMap: true,
      rootDir: 'src',
      outDir: 'out',
    };
    const project = join(folder, `tsconfig-${legacy}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: chosen.map((module) => resolve(source(module))) }));
    if (!succeeds('node_modules/.bin/tsc', ['-p', project, '--pretty', 'false'])) continue;

    for (const module of chosen.filter((each) => each.run)) {
      const program = join(folder, 'out', module.page, module.name.replace(/ts$/, 'js'));
      if (!succeeds(process.execPath, ['--enable-source-maps', program], 20_000)) {
        console.error(`${module.page}: running ${module.name} failed`);
      }
    }
  }
}

const pages = [...files()].filter((path) => /^(CONTRIBUTING|(.+\/)?README)\.md$|^docs\/.*\.md$/.test(path));
const modules = pages.flatMap(modulesOf);

mkdirSync('.cache', { recursive: true });
const folder = mkdtempSync('.cache/fences-');
try {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  linkPackages(folder);
  check(folder, modules);
} finally {
  rmSync(folder, { recursive: true });
}
