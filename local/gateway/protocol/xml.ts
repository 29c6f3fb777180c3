const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** One element; its content is escaped unless it is a list of elements. */
export function element(name: string, content: string | readonly string[]): string {
  const inner =
    typeof content === 'string' ? content.replaceAll(/[&<>"]/g, (each) => ENTITIES[each] ?? each) : content.join('');
  return `<${name}>${inner}</${name}>`;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
