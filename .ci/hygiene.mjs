// What no other gate sees.
import { readFileSync } from 'node:fs';
import { files } from './files.mjs';

/** @type {[RegExp, string][]} */
const banned = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'finish it, or open an issue'],
  [/\b(test|it|describe)\.(only|skip|todo|failing)\b/, 'every test runs, everywhere'],
  [/@ts-(ignore|nocheck)\b/, '@ts-expect-error tells when it is no longer needed'],
  [/\b(oxlint|eslint)-disable(?!.* -- \S)/, 'add the reason, after " -- "'],
  [/^(<{7}|>{7})( |$)/, 'finish the merge'],
];

for (const path of files()) {
  // This folder names what it bans.
  if (!/\.([cm]?[jt]s|lua)$/.test(path) || path.startsWith('.ci')) continue;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    for (const [pattern, advice] of banned) {
      const found = pattern.exec(line);
      if (!found) continue;
      console.error(`${path}:${index + 1}:${found.index + 1}: ${found[0]}: ${advice}`);
      process.exitCode = 1;
    }
  }
}
