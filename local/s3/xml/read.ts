/** REST-XML request bodies: a small tree, without attributes and namespaces, of which S3's documents make no use. */
import { SaxesParser } from 'saxes';
import { refuse } from '../errors.ts';

export class XmlNode {
  readonly name: string;
  readonly children: XmlNode[] = [];
  text = '';

  constructor(name: string) {
    this.name = name;
  }

  all(name: string): readonly XmlNode[] {
    return this.children.filter((child) => child.name === name);
  }

  one(name: string): XmlNode | undefined {
    const found = this.all(name);
    if (found.length > 1) throw refuse.malformedXml();
    return found[0];
  }

  /** Text of the one child of that name, as it stands: an object key may begin or end with a space. */
  verbatim(name: string): string | undefined {
    return this.one(name)?.text;
  }

  get(name: string): string | undefined {
    return this.verbatim(name)?.trim();
  }

  required(name: string): string {
    const text = this.verbatim(name);
    if (text === undefined) throw refuse.malformedXml();
    return text;
  }
}

/** Throws `MalformedXML` for anything not well-formed, for a document type, and for another root than `root`. */
export function readXml(body: Buffer, root: string): XmlNode {
  const top = new XmlNode('');
  const open: XmlNode[] = [top];
  const parser = new SaxesParser();
  parser.on('error', () => {
    throw refuse.malformedXml();
  });
  parser.on('doctype', () => {
    throw refuse.malformedXml();
  });
  parser.on('opentag', (tag) => {
    const node = new XmlNode(tag.name.replace(/^.*:/, ''));
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const text = (part: string): void => {
    const node = open.at(-1);
    if (node) node.text += part;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.write(body.toString('utf8')).close();
  const document = top.children[0];
  if (document?.name !== root) throw refuse.malformedXml();
  return document;
}
