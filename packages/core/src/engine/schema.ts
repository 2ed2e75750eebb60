/** What any validator of the Standard Schema (version 1, standardschema.dev) has: zod, valibot, arktype and others. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly validate: (value: unknown) => unknown;
  };
}

/** What is wrong with a value, in words that do not repeat it; `undefined` for nothing. */
export function faultIn(schema: StandardSchema, value: unknown): string | undefined {
  const result = schema['~standard'].validate(value) as Result | PromiseLike<unknown>;
  if (isPromise(result)) {
    result.then(undefined, () => undefined);
    return 'its schema answers with a promise; give one that validates at once';
  }
  if (result.issues === undefined) return undefined;
  const places = result.issues.slice(0, 5).map(({ path }) => (path ?? []).map(nameOf).join('.') || 'the value itself');
  return `its schema refuses it at ${places.join(', ')}`;
}

// Not by `instanceof`: a test runner has classes of its own, and a schema may bring a promise of its own making.
function isPromise(result: Result | PromiseLike<unknown>): result is PromiseLike<unknown> {
  return 'then' in result && typeof result.then === 'function';
}

interface Result {
  readonly issues?: readonly { readonly path?: readonly unknown[] }[];
}

function nameOf(segment: unknown): string {
  return String(typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment);
}
