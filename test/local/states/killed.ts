/** Run by the durability test: starts an execution whose second task never ends, and waits to be killed. */
import { bench, invoke, jsonata } from './support.ts';

const [folder = ''] = process.argv.slice(2);
const own = bench({
  folder,
  handlers: {
    first: () => 'done',
    second: () => {
      console.log('in the second task');
      return new Promise<never>(() => setInterval(() => {}, 1_000));
    },
  },
});
const definition = jsonata({
  First: invoke('first', { Assign: { first: '{% $states.result.Payload %}' }, Next: 'Second' }),
  Second: invoke('second', { Output: { first: '{% $first %}', second: '{% $states.result.Payload %}' } }),
});
own.engine.start(own.machine(definition), 'killed', '{}');
