// The subset of JSON Schema 2020-12 that docs/openapi.json uses. An unknown keyword is an error; annotations and
// keywords beside a $ref are ignored.

const typeOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const isOfType = (type, value) => (type === "integer" ? Number.isInteger(value) : typeOf(value) === type);
const annotations = ["description", "format", "contentMediaType", "default"];

const keywords = {
  type: (types, value) => [types].flat().some((type) => isOfType(type, value)),
  const: (wanted, value) => value === wanted,
  enum: (all, value) => all.includes(value),
  minimum: (least, value) => typeof value !== "number" || value >= least,
  maximum: (most, value) => typeof value !== "number" || value <= most,
  minItems: (least, value) => value.length >= least,
  maxItems: (most, value) => value.length <= most,
  uniqueItems: (_, value) => new Set(value).size === value.length,
  required: (names, value) => names.every((name) => Object.hasOwn(value, name)),
};

/** Follows a reference such as `#/a/b` in the document. */
export function resolve(document, node) {
  if (!node.$ref) return node;
  const keys = node.$ref.split("/").slice(1);
  return resolve(document, keys.reduce((at, key) => at[key], document));
}

/** The violations of the schema by `value`, as texts. */
export function violations(document, schema, value, at = "$") {
  if (schema === false) return [`${at} is not allowed`];
  const here = resolve(document, schema);
  const found = [];
  const check = (below, what, where) => found.push(...violations(document, below, what, where));
  for (const [keyword, argument] of Object.entries(here)) {
    if (annotations.includes(keyword)) continue;
    if (keyword === "properties") {
      for (const [name, below] of Object.entries(argument)) if (Object.hasOwn(value, name)) check(below, value[name], `${at}.${name}`);
    } else if (keyword === "additionalProperties") {
      const others = Object.keys(value).filter((name) => !Object.hasOwn(here.properties ?? {}, name));
      for (const name of others) check(argument, value[name], `${at}.${name}`);
    } else if (keyword === "prefixItems") {
      argument.forEach((below, i) => i < value.length && check(below, value[i], `${at}[${i}]`));
    } else if (keyword === "items") {
      value.slice(here.prefixItems?.length ?? 0).forEach((item, i) => check(argument, item, `${at}[${i}]`));
    } else if (keyword === "oneOf") {
      const matching = argument.filter((below) => violations(document, below, value, at).length === 0).length;
      if (matching !== 1) found.push(`${at} matches ${matching} schemas of oneOf`);
    } else if (!keywords[keyword]) {
      throw new Error(`${at}: unknown keyword: ${keyword}`);
    } else if (!keywords[keyword](argument, value)) {
      found.push(`${at}: ${JSON.stringify(value)} violates ${keyword} ${JSON.stringify(argument)}`);
      if (keyword === "type") return found; // the other keywords assume the right type
    }
  }
  return found;
}
