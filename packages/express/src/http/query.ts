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
  // Parameters of one name keep their order, which handlers see; and so does a query with a name that may mean another.
  if (parameters.every(isPlain)) {
    parameters.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  }
  return parameters.map(({ text }) => text).join('&');
}

function parameterOf(text: string): Parameter {
  const equals = text.indexOf('=');
  return { name: equals < 0 ? text : text.slice(0, equals), text };
}

/** Whether a parameter is what it looks like: names such as `a[]`, `a.b` or `%61` may mean the same as `a`. */
function isPlain({ name }: Parameter): boolean {
  return /^[\w-]+$/.test(name);
}

function counts(parameter: Parameter, rule: QueryRule): boolean {
  const { name, text } = parameter;
  // A parser that takes `;` for a separator would find another parameter within one that is left out.
  if (text.includes(';')) return true;
  // Handlers see what is not allowed too, and would take a disguised name for the allowed one.
  return 'allow' in rule ? rule.allow.has(name) || !isPlain(parameter) : !rule.ignore.has(name);
}
