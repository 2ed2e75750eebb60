import { expect, test } from '@jest/globals';
import { findChromium } from '../src/index.ts';
import { run } from '../src/run.ts';

test('a browser is found in PATH or unpacked, and shows a page', async () => {
  const { executablePath, env, args } = await findChromium();
  const page = 'data:text/html,<script>document.write(6*7)</script>';
  const shown = await run(executablePath, ['--headless', ...args, '--dump-dom', page], { env });
  expect(shown).toContain('42</body>');
});
