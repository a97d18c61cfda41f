import { randomBytes } from 'node:crypto';
import { StsRefusal } from './sts-errors.ts';

/** Credentials that the sandbox issued, and the session that they belong to. */
export interface IssuedKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly roleArn: string;
  /** arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION */
  readonly assumedRoleArn: string;
  /** AROA…:SESSION */
  readonly assumedRoleId: string;
  readonly chained: ChainedSession;
}

/** What a chained session carries. */
export interface ChainedSession {
  readonly tags: ReadonlyMap<string, string>;
  /** The keys of tags that the next session inherits. */
  readonly transitiveKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
}

const plainSession: ChainedSession = { tags: new Map(), transitiveKeys: [], sourceIdentity: undefined };

/** Issues credentials in AWS's format and remembers them. */
export class KeyStore {
  readonly #keys = new Map<string, IssuedKey>();
  /** The maximum lifetime of keys, to test expiry: it overrides the requested duration. */
  maxSeconds = Number.POSITIVE_INFINITY;

  get issued(): readonly IssuedKey[] {
    return [...this.#keys.values()];
  }

  issue(roleArn: string, sessionName: string, seconds: number, chained = plainSession): IssuedKey {
    const [, partition, , , account = '', resource = ''] = roleArn.split(':');
    const roleName = resource.slice(resource.lastIndexOf('/') + 1);
    const key: IssuedKey = {
      accessKeyId: `ASIA${randomText(16, /[A-Z2-7]/)}`,
      // real secret keys contain "+" and "/", which break naive shell code
      secretAccessKey: `${randomBytes(27).toString('base64')}+/+/`,
      sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(600).toString('base64')}==`,
      expiration: new Date(Date.now() + Math.min(seconds, this.maxSeconds) * 1000),
      roleArn,
      assumedRoleArn: `arn:${partition}:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      assumedRoleId: `AROA${randomText(17, /[A-Z2-7]/)}:${sessionName}`,
      chained,
    };
    this.#keys.set(key.accessKeyId, key);
    return key;
  }

  /** @throws {StsRefusal} if the key is unknown or expired */
  find(accessKeyId: string, sessionToken: string | undefined): IssuedKey {
    const key = this.#keys.get(accessKeyId);
    if (key === undefined || key.sessionToken !== sessionToken) throw new StsRefusal('unknownKey');
    if (key.expiration.getTime() <= Date.now()) throw new StsRefusal('expiredKey');
    return key;
  }
}

function randomText(length: number, allowed: RegExp): string {
  let text = '';
  while (text.length < length) {
    text += [...randomBytes(64).toString('latin1')].filter((character) => allowed.test(character)).join('');
  }
  return text.slice(0, length);
}
