/** One condition key's value: a string where the key is single-valued, a list where AWS documents it as multivalued. */
export type ContextValue = string | readonly string[];
export type ContextLayer = Readonly<Record<string, ContextValue | undefined>>;

/**
 * The condition keys of one request. Names of keys are not case-sensitive, values are (IAM User Guide, "Condition"), so
 * names are held in lower case.
 */
export type RequestContext = Pick<ReadonlyMap<string, ContextValue>, 'get'>;

/** Later layers win; an `undefined` takes the key away again. */
export function requestContext(...layers: readonly ContextLayer[]): RequestContext {
  const context = new Map<string, ContextValue>();
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined) context.delete(key.toLowerCase());
      else context.set(key.toLowerCase(), value);
    }
  }
  return context;
}
