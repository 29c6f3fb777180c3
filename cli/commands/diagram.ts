import { Command, Option } from 'commander';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { draw } from '../diagram/draw.ts';
import { drawingOf } from '../diagram/model.ts';
import { writeText } from '../files.ts';
import { type ProfileName, synthesized } from '../templates/synthesized.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly config: string;
  readonly profile?: ProfileName;
  readonly out: string;
  readonly force?: boolean;
}

export const DIAGRAM_TITLE = 'Parapet, as its templates have it';

export const command = new Command('diagram')
  .description(
    'Draw a deployment from its own templates, as one SVG: flows, what each function may touch, data, doors, watching.',
  )
  .option('--config <file>', 'the deployment’s configuration', CONFIGURATION_FILE)
  .addOption(
    new Option('--profile <profile>', 'this profile in place of the configured one').choices(['sandbox', 'production']),
  )
  .requiredOption('--out <file>', 'the picture')
  .option('--force', 'replace a picture that is there')
  .action(async ({ config, profile, out, force = false, json = false }: Options) => {
    const { deployment } = await synthesized(config, profile);
    const drawing = drawingOf(deployment);
    writeText(out, draw(drawing, DIAGRAM_TITLE), { force });
    const functions = drawing.flows.reduce((sum, flow) => sum + flow.functions.length, 0);
    answer(
      { json },
      [
        `${out}: ${drawing.flows.length} flows, ${functions} functions, ${drawing.buckets.length} buckets, ${drawing.tables.length} tables`,
      ],
      { file: out, drawing },
    );
  });
