/** The shells that GitLab's runner may find in an image, with the arguments that it runs them with. */
export const shells: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['bash', 'bash', ['-eo', 'pipefail', '-c']],
  ['dash', 'sh', ['-e', '-c']],
  ['busybox sh', 'busybox', ['sh', '-e', '-c']],
];
