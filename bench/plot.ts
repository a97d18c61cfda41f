import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Draws a Vega-Lite specification: https://vega.github.io/vega-lite/docs/ */
export async function plotSvg(specification: TopLevelSpec): Promise<string> {
  const { spec } = compile({ background: 'white', padding: 12, ...specification });
  const view = new View(parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
