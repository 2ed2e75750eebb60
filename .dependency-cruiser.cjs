const { peerDependencies } = require('./packages/core/package.json');

const core = '^packages/core/src/';
const entries = `${core}(index|redis|testing)[.]ts$`;
const parts = 'stores|buses|serializers|strategies|ledgers|fences';
const drivers = [...Object.keys(peerDependencies), 'ioredis', '@redis/[^/]+'].join('|');

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const rules = [
  { name: 'no-cycle', comment: 'Types count.', from: {}, to: { circular: true } },
  { name: 'resolvable', from: {}, to: { couldNotResolve: true } },

  {
    name: 'model-knows-nothing',
    from: { path: `${core}model/` },
    to: { path: core, pathNot: `${core}model/` },
  },
  {
    name: 'layers-know-the-model',
    from: { path: `${core}layers/` },
    to: { path: core, pathNot: `${core}(model|layers)/` },
  },
  {
    name: 'engine-knows-model-and-layers',
    from: { path: `${core}engine/` },
    to: { path: core, pathNot: `${core}(model|layers|engine)/` },
  },
  {
    name: 'parts-are-strangers',
    comment: 'A store, bus, serializer, strategy or ledger knows what lies below, never another kind of part.',
    from: { path: `${core}(${parts})/` },
    to: { path: core, pathNot: `${core}(model|engine|layers|$1)/` },
  },
  {
    name: 'siblings-are-strangers',
    comment: 'What has a folder of its own within stores, ledgers … keeps to it.',
    from: { path: `${core}(${parts})/([^/]+)/` },
    to: { path: `${core}$1/[^/]+/`, pathNot: `${core}$1/$2/` },
  },
  {
    name: 'entries-are-for-users',
    from: { path: core, pathNot: entries },
    to: { path: entries },
  },
  {
    name: 'every-folder-has-a-layer',
    comment: 'A new folder needs a rule of its own here.',
    from: { path: `${core}[^/]+/`, pathNot: `${core}(model|engine|layers|testing|${parts})/` },
    to: {},
  },
  {
    name: 'contracts-know-the-facade',
    comment: 'The suites make caches as users do, over memory; they are to prove any strategy and any store.',
    from: { path: `${core}testing/` },
    to: {
      path: core,
      pathNot: [
        `${core}(model|testing)/`,
        `${core}(cache|create-cache)[.]ts$`,
        `${core}engine/(counting|records|resource|source|strategy)[.]ts$`,
        `${core}stores/memory/memory-store[.]ts$`,
        `${core}ledgers/memory-ledger[.]ts$`,
      ],
    },
  },
  {
    name: 'contracts-are-for-tests',
    from: { path: core, pathNot: `${core}testing(/|[.]ts$)` },
    to: { path: `${core}testing/` },
  },
  {
    name: 'root-entry-needs-no-driver',
    comment:
      'A user of the memory store, or of the contract suites, installs nothing else, and has no types of a driver.',
    from: { path: `${core}(index|testing)[.]ts$` },
    to: { path: `(^|node_modules/)(${drivers})(/|$)`, reachable: true },
  },

  {
    name: 'responses-need-no-sessions',
    comment: 'Who only caches responses installs neither, and has no types of them.',
    from: { path: '^packages/express/src/index[.]ts$' },
    to: { path: '(^|node_modules/)(@types/)?express-(session|rate-limit)(/|$)', reachable: true },
  },
  {
    name: 'packages-by-name',
    from: { path: '^((?:packages|examples)/[^/]+)/' },
    to: { path: '^(packages|examples)/', pathNot: '^$1/', dependencyTypes: ['local'] },
  },
  {
    name: 'satellites-use-the-root-entry',
    from: { path: '^packages/(express|decorators)/src/' },
    to: { path: '^packages/', pathNot: ['^packages/$1/src/', `${core}index[.]ts$`] },
  },
  {
    name: 'published-sources-stand-alone',
    comment: 'No test, and no package that is not published.',
    from: { path: '^packages/(core|express|decorators)/src/' },
    to: { path: '^(packages/(?!(core|express|decorators)/src/)|examples/)' },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@cache/source', 'types', 'import', 'node', 'default'],
    },
  },
};
