// Compares all that users can reach of the packages with the reports in packages/*/api, so that a change of it shows in a
// diff; `--update` writes the reports. It reads the declarations that `pnpm build` makes.
import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { published } from './published.mjs';

const update = process.argv.includes('--update');

/**
 * @param {string} home
 * @param {string} declarations
 */
function report(home, declarations) {
  const name = `${basename(declarations, '.d.ts')}.api.md`;
  const reportFolder = resolve(home, 'api');
  mkdirSync(reportFolder, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve(home, 'package.json'),
    configObject: {
      newlineKind: 'lf',
      projectFolder: resolve(home),
      mainEntryPointFilePath: resolve(home, declarations),
      compiler: { tsconfigFilePath: resolve(home, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: name, reportFolder, reportTempFolder: resolve('.cache/api', home) },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  });
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (errorCount > 0 || (apiReportChanged && !update)) {
    console.error(
      `${join(home, 'api', name)} is not what the package exports now; see what \`pnpm api\` changes in it`,
    );
    process.exitCode = 1;
  }
}

for (const { home, exports } of published) {
  for (const { types = '' } of Object.values(exports)) report(home, types);
}
