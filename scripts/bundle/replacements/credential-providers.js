export { fromTemporaryCredentials } from './fromTemporaryCredentials';
