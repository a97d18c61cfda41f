import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/command-line/run.ts';
import { competingVariables, tokenVariables, variables } from '../../src/environment-variables.ts';
import { inputNames, variableOf } from '../../src/exchange/inputs.ts';
import { fakeIo } from '../support/fake-io.ts';
import { expectSection, markdownTable } from '../support/generated-section.ts';
import { root } from '../support/run-program.ts';

const page = 'docs/reference.md';
const commands = commandsBelow(
  createProgram(fakeIo({}), () => {}),
  [],
);

/** A command with the names that lead to it. */
type Named = readonly [names: readonly string[], command: Command];

function commandsBelow(command: Command, names: readonly string[]): readonly Named[] {
  const below = command.commands.flatMap((one) => commandsBelow(one, [...names, one.name()]));
  return names.length === 0 ? below : [[names, command], ...below];
}

/** A cell of a table: "|" would end it. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '\\<');

function flagTable(command: Command): string {
  const flags = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');
  const rows = flags.map(({ flags: flag, description, argChoices, defaultValue }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.map((one) => `\`${one}\``).join(', ')}`;
    const fallback = typeof defaultValue === 'string' ? ` (default: \`${defaultValue}\`)` : '';
    return [`\`${flag}\``, cell(description) + choices + fallback];
  });
  return markdownTable(['flag', 'meaning'], rows);
}

describe('docs/reference.md', () => {
  it('lists every variable, with its meaning', () => {
    const rows = Object.entries(variables).map(([name, meaning]) => [`\`${name}\``, meaning]);
    expectSection(page, 'variables', markdownTable(['variable', 'meaning'], rows));
    const competing = competingVariables.map((name) => `\`${name}\``).join(', ');
    expectSection(page, 'competing variables', `${competing}.`);
  });

  it.each(
    commands
      .filter(([, { commands: parts }]) => parts.length === 0)
      .map(([names, command]) => [names.join(' '), command] as const),
  )('lists every flag of %s', (name, command) => {
    const usage = command.registeredArguments.map((one) =>
      one.required ? `<${one.name()}>` : `[${one.name()}]`,
    );
    const heading = ['aws-oidc', name, ...usage].join(' ');
    const { length } = command.createHelp().visibleOptions(command);
    const table = length > 1 ? `\n\n${flagTable(command)}` : '';
    expectSection(page, name, `\`${heading}\`: ${cell(command.description())}${table}`);
  });
});

describe('the list of variables', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'environment-variables.ts')
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
    .join('\n');
  // read under a name that is put together, or by Node or a library
  const indirect = [/_PROXY$/, /^AWS_ENDPOINT_URL$/, /^AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN)$/];

  it.each(Object.keys(variables))('has only variables that are read: %s', (name) => {
    const isToken = (tokenVariables as readonly string[]).includes(name);
    const isInput = inputNames.some((input) => variableOf(input) === name);
    if (isToken || isInput || indirect.some((pattern) => pattern.test(name))) return;
    expect(sources).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe('help', () => {
  it.each(commands.map(([names, command]) => [names.join(' '), command] as const))(
    'of %s fits 100 columns and describes each flag',
    (_, command) => {
      let text = '';
      command.configureOutput({ writeOut: (more) => (text += more), getOutHelpWidth: () => 100 });
      command.outputHelp();
      expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
      expect(text).not.toContain('<value>');
    },
  );
});
