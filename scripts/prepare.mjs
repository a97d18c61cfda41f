// Installs what `npm test` and `npm run demo` need on a machine that has only git, Node and npm.
// Its arguments are the system tools that a script needs. It runs before anything is installed, on any
// version of Node: plain JavaScript, no packages.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const minNodeMajor = 22;

installPackages();
checkNode();
for (const tool of ['git', 'bash', ...process.argv.slice(2)]) installTool(tool);

function installPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const fresh =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  if (fresh) return;
  console.log('Installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed; see its output above.');
}

/** npm scripts run on the Node of the package "node", whose install script may be disabled. */
function checkNode() {
  const node = join(root, 'node_modules/.bin/node');
  const probe = spawnSync(existsSync(node) ? node : 'node', ['--version'], { encoding: 'utf8' });
  const major = Number(/^v(\d+)/.exec(probe.stdout ?? '')?.[1] ?? 0);
  if (major >= minNodeMajor) return;
  fail(
    `The project needs Node ${minNodeMajor} or later and npm did not install it. Run: npm rebuild node --ignore-scripts=false`,
  );
}

function installTool(tool) {
  if (isThere(tool)) return;
  const installers = [
    [
      'apt-get',
      [
        ['update', '-q'],
        ['install', '-q', '-y', tool],
      ],
    ],
    ['apk', [['add', '--no-cache', tool]]],
    ['dnf', [['install', '-q', '-y', tool === 'shellcheck' ? 'ShellCheck' : tool]]],
    ['brew', [['install', tool]]],
  ];
  const [manager, steps] = installers.find(([name]) => isThere(name)) ?? [];
  if (manager === undefined)
    fail(`"${tool}" is missing. Install it with this machine's package manager, then try again.`);
  const sudo = process.getuid?.() !== 0 && manager !== 'brew' ? ['sudo', '-n'] : [];
  const commands = steps.map((step) => [...sudo, manager, ...step]);
  const byHand = commands.map((command) => command.join(' ').replace(' -n', '')).join(' && ');
  console.log(`Installing ${tool} …`);
  for (const [command, ...args] of commands) {
    run(command, args, `"${tool}" is missing and could not be installed. Run: ${byHand}`, 'ignore');
  }
}

function isThere(tool) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, tool)));
}

function run(command, args, advice, stdout = 'inherit') {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', stdout, 'inherit'] });
  if (status !== 0) fail(advice);
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
