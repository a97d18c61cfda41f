// The reduced SDK in the components' program: bundled by a test, and compared with the SDK itself.
export { createSts, stsUrl } from '../../src/exchange/sts.ts';
export { createAgents } from '../../src/network/transport.ts';
