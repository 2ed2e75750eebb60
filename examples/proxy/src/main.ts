import { parseArgs } from 'node:util';
import { proxy } from './proxy.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '8080' }, safe: { type: 'boolean', default: false } },
});
const [origin] = positionals;
if (origin === undefined) {
  console.error('Say what to stand in front of: node dist/main.js http://127.0.0.1:8000 --port 8080 [--safe]');
  process.exitCode = 1;
} else {
  const app = proxy(new URL(origin), { mode: values.safe ? 'safe' : 'strict', heuristics: true });
  app.listen(Number(values.port), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${values.port} answers for ${origin}`);
  });
}
