// In place of @aws-sdk/client-sts/dist-es/runtimeConfig.js; the imports are resolved from there.
// The same fields as the SDK's own, less what a CI job has no use for: the default credential chain,
// the shared config files, SigV4a, hashing in JavaScript, and the warning about older Nodes.
import { AwsSdkSigV4Signer } from '@aws-sdk/core/httpAuthSchemes';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import { NoAuthSigner } from '@smithy/core';
import { NoOpLogger } from '@smithy/core/client';
import { parseUrl } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultSTSHttpAuthSchemeProvider } from './auth/httpAuthSchemeProvider';
import { defaultEndpointResolver } from './endpoint/endpointResolver';
import { errorTypeRegistries } from './schemas/schemas_0';

/* global AWS_OIDC_VERSION */

class Sha256 {
  #hash;
  constructor(secret) {
    // loaded here: only chained roles are asked for with a signature
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

/** Reads an answer; the SDK's own way loads web streams first, and reads without end. */
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

export const getRuntimeConfig = (config) => ({
  runtime: 'node',
  serviceId: 'STS',
  apiVersion: '2011-06-15',
  protocol: AwsQueryProtocol,
  protocolSettings: {
    defaultNamespace: 'com.amazonaws.sts',
    errorTypeRegistries,
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    version: '2011-06-15',
    serviceTarget: 'AWSSecurityTokenServiceV20110615',
  },
  httpAuthSchemeProvider: defaultSTSHttpAuthSchemeProvider,
  httpAuthSchemes: [
    {
      schemeId: 'aws.auth#sigv4',
      identityProvider: (config) => config.getIdentityProvider('aws.auth#sigv4'),
      signer: new AwsSdkSigV4Signer(),
    },
    {
      schemeId: 'smithy.api#noAuth',
      identityProvider: () => async () => ({}),
      signer: new NoAuthSigner(),
    },
  ],
  signerConstructor: SignatureV4,
  sha256: Sha256,
  endpointProvider: defaultEndpointResolver,
  disableHostPrefix: false,
  urlParser: parseUrl,
  streamCollector,
  bodyLengthChecker: (body) => Buffer.byteLength(body),
  base64Decoder: (text) => Buffer.from(text, 'base64'),
  base64Encoder: (bytes) => Buffer.from(bytes).toString('base64'),
  utf8Decoder: (text) => Buffer.from(text),
  utf8Encoder: (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  logger: new NoOpLogger(),
  extensions: [],
  defaultsMode: async () => 'standard',
  retryMode: 'standard',
  defaultUserAgentProvider: async () => [['aws-oidc', AWS_OIDC_VERSION]],
  ...config,
});
