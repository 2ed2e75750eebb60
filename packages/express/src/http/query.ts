/** The parameters that count, or those that do not, by their names as clients write them. */
export type QueryRule = { readonly allow: ReadonlySet<string> } | { readonly ignore: ReadonlySet<string> };

interface Parameter {
  readonly name: string;
  readonly text: string;
}

/**
 * The part of a query that tells two responses apart: without the parameters that do not count, sorted by name.
 * Nothing is decoded: a parameter counts by its name as the client wrote it, so a disguised name is never left out.
 */
export function canonicalQuery(query: string, rule: QueryRule | undefined): string {
  const all = query.split('&').filter((text) => text !== '');
  const parameters = all.map(parameterOf).filter((each) => rule === undefined || counts(each, rule));
  // Parameters of one name keep their order, which handlers see. Names such as `a[]`, `a.b` or `%61` may mean the
  // same parameter as `a`: a query that has one keeps its order whole.
  if (parameters.every(({ name }) => /^[\w-]+$/.test(name))) {
    parameters.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  }
  return parameters.map(({ text }) => text).join('&');
}

function parameterOf(text: string): Parameter {
  const equals = text.indexOf('=');
  return { name: equals < 0 ? text : text.slice(0, equals), text };
}

function counts({ name, text }: Parameter, rule: QueryRule): boolean {
  if ('allow' in rule) return rule.allow.has(name);
  // A parser that takes `;` for a separator would find another parameter within an ignored one.
  return !rule.ignore.has(name) || text.includes(';');
}
