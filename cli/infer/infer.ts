/** Reads two live schemas and drafts the contract of their equivalence. Of rows it reads nothing but the types of a sample of documents. */
import { SIDES, type SideName } from '../../shared/equivalence/relation.ts';
import { Problem } from '../../shared/problem.ts';
import { type EndpointUrls, ofSide, openUrl } from '../sweep/endpoints.ts';
import { type Draft, draftContract } from './draft.ts';
import { datasetOf, endpointOfUrl } from './endpoint.ts';
import type { DraftSide } from './side.ts';

export async function inferContract(urls: EndpointUrls, dataset: string | undefined): Promise<Draft> {
  const places = { source: endpointOfUrl(urls.source, 'source'), target: endpointOfUrl(urls.target, 'target') };
  const read = async (side: SideName): Promise<DraftSide & { readonly identity: string }> => {
    const { url, endpoint } = places[side];
    try {
      const engine = await openUrl(url, endpoint, {});
      try {
        return { endpoint, schema: await engine.schema(), identity: await engine.identity() };
      } finally {
        await engine.close();
      }
    } catch (error) {
      throw error instanceof Problem ? ofSide(side, error) : error;
    }
  };
  const [source, target] = await Promise.all(SIDES.map(read));
  if (source === undefined || target === undefined) throw new Problem('internal-failure');
  if (source.identity === target.identity) throw new Problem('endpoint-same');
  return draftContract(dataset ?? datasetOf(source.endpoint), { source, target });
}
