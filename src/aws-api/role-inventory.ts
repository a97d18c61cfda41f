import {
  type AttachedPolicy,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateListRoles,
  type Role,
} from '@aws-sdk/client-iam';
import { awsFailure, isDenied, isMissing } from './aws-failure.ts';
import type { AwsConnection } from './connection.ts';

/** A role with its policies, in the shape of RoleDetail; what could not be read is absent. */
export interface InventoriedRole extends Role {
  readonly RolePolicyList:
    | readonly { readonly PolicyName: string; readonly PolicyDocument?: string }[]
    | undefined;
  readonly AttachedManagedPolicies: readonly AttachedPolicy[] | undefined;
}

/** A managed policy with its default version, in the shape of ManagedPolicyDetail. */
export interface InventoriedPolicy {
  readonly Arn: string;
  readonly PolicyVersionList: readonly [{ readonly IsDefaultVersion: true; readonly Document: string }];
}

/** An identity provider, in the shape of the output of get-open-id-connect-provider, with its ARN. */
export interface InventoriedProvider {
  readonly Arn: string;
  readonly Url: string | undefined;
  readonly ClientIDList: readonly string[] | undefined;
  readonly ThumbprintList: readonly string[] | undefined;
}

/**
 * Reads the roles and identity providers of one account. Actions that are not permitted are collected in `denied`, and
 * what they would return is left out; without `iam:ListRoles`, nothing can be read.
 */
export class RoleInventory {
  readonly denied = new Set<string>();
  readonly #client: IAMClient;

  constructor(connection: AwsConnection) {
    this.#client = new IAMClient(connection);
  }

  /**
   * All roles with their trust policies, but without their policies and last use.
   *
   * @throws {AwsOidcError} also if `iam:ListRoles` is not permitted
   */
  async *roles(): AsyncGenerator<Role> {
    try {
      for await (const { Roles = [] } of paginateListRoles({ client: this.#client, pageSize: 1000 }, {}))
        yield* Roles;
    } catch (error) {
      throw awsFailure('iam:ListRoles', error);
    }
  }

  /** The same role with its policies and its last use. */
  async details(role: Role): Promise<InventoriedRole> {
    const name = { RoleName: role.RoleName };
    const [whole, inline, attached] = await Promise.all([
      this.#permitted('iam:GetRole', () => this.#client.send(new GetRoleCommand(name))),
      this.#inlinePolicies(role),
      this.#permitted('iam:ListAttachedRolePolicies', async () => {
        const found: AttachedPolicy[] = [];
        for await (const page of paginateListAttachedRolePolicies({ client: this.#client }, name))
          found.push(...(page.AttachedPolicies ?? []));
        return found;
      }),
    ]);
    return { ...role, ...whole?.Role, RolePolicyList: inline, AttachedManagedPolicies: attached };
  }

  /** The default version of a managed policy; undefined if that is not permitted, or it does not exist. */
  async managedPolicy(arn: string): Promise<InventoriedPolicy | undefined> {
    const found = await this.#permitted('iam:GetPolicy', () =>
      this.#client.send(new GetPolicyCommand({ PolicyArn: arn })),
    );
    const VersionId = found?.Policy?.DefaultVersionId;
    if (VersionId === undefined) return undefined;
    const version = await this.#permitted('iam:GetPolicyVersion', () =>
      this.#client.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId })),
    );
    const Document = version?.PolicyVersion?.Document;
    return Document === undefined
      ? undefined
      : { Arn: arn, PolicyVersionList: [{ IsDefaultVersion: true, Document }] };
  }

  /** Undefined if listing them is not permitted. */
  async providers(): Promise<readonly InventoriedProvider[] | undefined> {
    const list = await this.#permitted('iam:ListOpenIDConnectProviders', () =>
      this.#client.send(new ListOpenIDConnectProvidersCommand({})),
    );
    const arns = list?.OpenIDConnectProviderList?.flatMap(({ Arn }) => Arn ?? []);
    return arns && (await Promise.all(arns.map((arn) => this.#provider(arn))));
  }

  async #provider(arn: string): Promise<InventoriedProvider> {
    const found = await this.#permitted('iam:GetOpenIDConnectProvider', () =>
      this.#client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
    );
    const { Url, ClientIDList, ThumbprintList } = found ?? {};
    return { Arn: arn, Url, ClientIDList, ThumbprintList };
  }

  async #inlinePolicies({ RoleName }: Role): Promise<InventoriedRole['RolePolicyList']> {
    const names = await this.#permitted('iam:ListRolePolicies', async () => {
      const found: string[] = [];
      for await (const page of paginateListRolePolicies({ client: this.#client }, { RoleName }))
        found.push(...(page.PolicyNames ?? []));
      return found;
    });
    if (names === undefined) return undefined;
    return await Promise.all(
      names.map(async (PolicyName) => {
        const command = new GetRolePolicyCommand({ RoleName, PolicyName });
        const found = await this.#permitted('iam:GetRolePolicy', () => this.#client.send(command));
        return {
          PolicyName,
          ...(found?.PolicyDocument !== undefined && { PolicyDocument: found.PolicyDocument }),
        };
      }),
    );
  }

  /** Undefined if the action is denied, or if what it asks for was deleted meanwhile. */
  async #permitted<T>(action: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (!isDenied(error)) throw awsFailure(action, error);
      this.denied.add(action);
      return undefined;
    }
  }
}
