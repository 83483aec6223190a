// The rooms and the direction of their imports; docs/architecture.md tells the same in prose.
// test/medium/architecture.medium-spec.ts plants a violation of each rule and sees it fire.
const FEATURES =
  '(chat|search|groups|presence|contacts|calls|attachments|notifications|push|ingest|admin|health|api-docs|console|cli)';
const CORE = '(database|journal|broker|hub|transport|auth|metrics)';
const DRIVERS = 'typeorm|mysql2|libsql|redis|ioredis|kafkajs|@platformatic';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule(
      'no-cycles',
      'Rooms form a tree, never a ring; a ring of types alone is gone when the code runs.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule(
      'enter-by-the-door',
      'Another room is entered by its index.ts; only common/, a set of leaves, has no door, and specs may look behind one.',
      { path: '^src/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      { path: '^src/(?!$1/|common/)[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    ),
    rule(
      'top-enters-by-the-door',
      'The files that wire the rooms enter each by its index.ts as well.',
      { path: '^src/[^/]+\\.ts$' },
      { path: '^src/(?!common/)[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    ),
    rule(
      'common-is-a-leaf',
      'common/ knows no room, and config/ only common/.',
      { path: '^src/(common|config)/' },
      { path: '^src/(?!common/|config/)' },
    ),
    rule(
      'common-knows-no-config',
      'common/ is pure: nothing in it is configured.',
      { path: '^src/common/' },
      { path: '^src/config/' },
    ),
    rule(
      'core-knows-no-feature',
      'The core never looks up at a feature.',
      { path: `^src/${CORE}/` },
      { path: `^src/${FEATURES}/` },
    ),
    rule(
      'store-knows-no-socket',
      'What stores and what carries between nodes knows neither sockets nor callers.',
      { path: '^src/(database|journal|broker)/' },
      { path: '^src/(hub|transport|auth)/' },
    ),
    rule(
      'hub-knows-no-wire',
      'The hub pushes through a port; the sockets are above it.',
      { path: '^src/hub/' },
      { path: '^src/transport/|node_modules/ws/' },
    ),
    rule(
      'dialects-stay-in-transport',
      'Only transport/ knows that there are dialects: no service, gateway or query may depend on one.',
      { path: '^src/(?!transport/)' },
      { path: '^src/transport/dialects/' },
    ),
    rule(
      'nobody-imports-the-top',
      'The wiring imports the rooms; no room imports the wiring.',
      { path: '^src/[^/]+/' },
      { path: '^src/[^/]+\\.ts$' },
    ),
    rule(
      'thin-edges',
      'Gateways and controllers declare, validate and call services; they know no store, no broker and no driver.',
      { path: '\\.(gateway|controller)\\.ts$' },
      { path: `\\.(entity|repository)\\.ts$|^src/(broker|database)/|node_modules/(${DRIVERS})/` },
    ),
    rule(
      'orm-stays-home',
      'Only entities, repositories and database/ know TypeORM.',
      { path: '^src/', pathNot: '\\.(entity|repository|spec)\\.ts$|^src/database/' },
      { path: 'node_modules/typeorm/' },
    ),
    rule(
      'protocol-is-pure',
      'The wire imports nothing.',
      { path: '^packages/protocol/' },
      { pathNot: '^packages/protocol/' },
    ),
    rule(
      'clients-know-no-server',
      'SDK and console never import the server.',
      { path: '^(packages|console)/' },
      { path: '^src/' },
    ),
    rule(
      'source-knows-no-test',
      'What is shipped never imports what tests it.',
      { path: '^(src|packages|console)/', pathNot: '\\.spec\\.ts$' },
      { path: '^test/|\\.spec\\.ts$|node_modules/vitest/' },
    ),
    rule(
      'examples-use-the-public-door',
      'An example imports what its reader can import.',
      { path: '^examples/' },
      { path: '^(src/(?!index\\.ts$)|test/)' },
    ),
    rule(
      'bench-measures-what-is-built',
      'The bench starts the built server like anybody; it knows the wire, and nothing behind it.',
      { path: '^bench/' },
      { path: '^src/' },
    ),
    rule(
      'nobody-imports-the-bench',
      'The bench is the last one in the row.',
      { pathNot: '^bench/' },
      { path: '^bench/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '^(packages/[^/]+|bench)/dist/|^coverage/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
