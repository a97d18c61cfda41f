// Replaces @aws-sdk/client-sts/dist-es/STSClient.js; the imports are resolved from there.
// The commands, the protocol, the endpoints, the middleware stack and the signature are the SDK's. Omitted is
// what a CI job does not need or this program does itself: retries, the default credential chain, the shared
// config files, SigV4a, logging, and the list of features in the user agent.
import { getHostHeaderPlugin } from '@aws-sdk/core/client';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import { Client } from '@smithy/core/client';
import { resolveEndpointConfig } from '@smithy/core/endpoints';
import { getContentLengthPlugin } from '@smithy/core/protocols';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import { SignatureV4 } from '@smithy/signature-v4';
import { resolveClientEndpointParameters } from './endpoint/EndpointParameters';
import { defaultEndpointResolver } from './endpoint/endpointResolver';
import { errorTypeRegistries } from './schemas/schemas_0';

/* global AWS_OIDC_VERSION */

export class STSClient extends Client {
  constructor(configuration) {
    const config = resolveEndpointConfig(
      resolveClientEndpointParameters({ ...settings, ...protocol(), ...configuration }),
    );
    super(config);
    for (const plugin of [getSchemaSerdePlugin, getContentLengthPlugin, getHostHeaderPlugin]) {
      this.middlewareStack.use(plugin(config));
    }
    this.middlewareStack.add(nameProgram, { step: 'build' });
    // the ID token authenticates the first request; only requests for chained roles have keys
    if (config.credentials) this.middlewareStack.add(sign(config), { step: 'finalizeRequest' });
  }
}

const settings = {
  serviceId: 'STS',
  apiVersion: '2011-06-15',
  endpointProvider: defaultEndpointResolver,
  urlParser: (url) => new URL(url),
  streamCollector,
  bodyLengthChecker: (body) => Buffer.byteLength(body),
  utf8Encoder: (bytes) => Buffer.from(bytes).toString(),
};

const protocol = () => ({
  protocol: AwsQueryProtocol,
  protocolSettings: {
    defaultNamespace: 'com.amazonaws.sts',
    errorTypeRegistries,
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    version: '2011-06-15',
    serviceTarget: 'AWSSecurityTokenServiceV20110615',
  },
});

const nameProgram = (next) => (args) => {
  args.request.headers['user-agent'] = `aws-oidc/${AWS_OIDC_VERSION}`;
  return next(args);
};

const sign =
  ({ credentials, region }) =>
  (next) =>
  async (args) => {
    const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
    return next({ ...args, request: await signer.sign(args.request) });
  };

class Sha256 {
  #hash;
  constructor(secret) {
    // loaded here, because only requests for chained roles are signed
    const { createHash, createHmac } = require('node:crypto');
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data) {
    this.#hash.update(data);
  }
  async digest() {
    return this.#hash.digest();
  }
}

const maxAnswerBytes = 1_048_576;

/** Reads a response. The SDK's own function loads web streams first, and has no size limit. */
function streamCollector(stream) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let bytes = 0;
    stream.on('error', reject).on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('data', (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) stream.destroy(new Error('the answer is too long'));
    });
  });
}
