// Of the functions that rules of endpoints may call, the one that the rules of STS call.
import { partition } from './lib/aws/partition';

export const awsEndpointFunctions = { partition };
