// Loaded before a program (node -r): sends it a signal at one step of its work, always the same one.
const fs = require('node:fs');
const http = require('node:http');

const { STEP: step, SIGNAL: signal } = process.env;
const hit = (name) => name === step && process.kill(process.pid, signal);

const after = (name, original, matches = () => true) =>
  function (...args) {
    const result = original.apply(this, args);
    if (matches(args)) hit(name);
    return result;
  };

// the first opening only tries whether the directory takes a file
let opened = 0;
fs.openSync = after('the new file is made', fs.openSync, ([path]) => {
  if (String(path).endsWith('.partial')) opened++;
  return opened === Number(process.env.OPENINGS);
});
fs.writeFileSync = after('the new file is written', fs.writeFileSync);
fs.renameSync = after('the new file has its name', fs.renameSync);

const { end } = http.ClientRequest.prototype;
http.ClientRequest.prototype.end = function (...args) {
  this.prependListener('response', (response) => {
    response.on('end', () => {
      hit('the answer is there');
      if (response.statusCode === 500) hit('a pause before the next attempt');
    });
  });
  const result = end.apply(this, args);
  setImmediate(() => hit('the request is sent'));
  return result;
};

hit('the program begins');
