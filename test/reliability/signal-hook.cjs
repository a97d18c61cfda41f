// Loaded before a program (node -r): sends it a signal at exactly one step of its work.
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

// the first opening only checks that a file can be created
let opened = 0;
fs.openSync = after('the new file is created', fs.openSync, ([path]) => {
  if (String(path).endsWith('.partial')) opened++;
  return opened === Number(process.env.OPENINGS);
});
fs.writeFileSync = after('the new file is written', fs.writeFileSync);
fs.renameSync = after('the new file is renamed', fs.renameSync);

const { end } = http.ClientRequest.prototype;
http.ClientRequest.prototype.end = function (...args) {
  this.prependListener('response', (response) => {
    response.on('end', () => {
      hit('the response has arrived');
      if (response.statusCode === 500) hit('the program waits to retry');
    });
  });
  const result = end.apply(this, args);
  setImmediate(() => hit('the request is sent'));
  return result;
};

hit('the program starts');
