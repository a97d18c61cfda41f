/** The shells that GitLab's runner may find in an image, with its arguments for them. */
export const shells: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['bash', 'bash', ['-eo', 'pipefail', '-c']],
  ['dash', 'sh', ['-e', '-c']],
  ['busybox sh', 'busybox', ['sh', '-e', '-c']],
];
