// Loaded before a program (node -r): records each file that the program opens or looks for.
const fs = require('node:fs');

const { appendFileSync } = fs;
const names = [
  'open',
  'openSync',
  'readFile',
  'readFileSync',
  'stat',
  'statSync',
  'lstat',
  'access',
  'accessSync',
  'existsSync',
];
const { OPENED_FILES: list } = process.env;
let inside = false;

for (const object of [fs, fs.promises]) {
  for (const name of names.filter((name) => name in object)) {
    const original = object[name];
    object[name] = function (path, ...rest) {
      // reading a file opens it, too
      if (!inside && typeof path !== 'number') {
        inside = true;
        appendFileSync(list, `${path}\n`);
        inside = false;
      }
      return original.call(this, path, ...rest);
    };
  }
}
