// What the components' program carries of the SDK: bundled by a test, and compared with the SDK itself.
export { createSts, stsUrl } from '../../src/exchange/sts.ts';
export { createAgents } from '../../src/exchange/transport.ts';
