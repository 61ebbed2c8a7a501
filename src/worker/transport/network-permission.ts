/**
 * Whether Node's permission model forbids this process the network: --permission without --allow-net. Node's own calls
 * fail then; system calls of ours would go round it. Before Node 25 the model does not know of the network.
 */
export function networkIsForbidden(): boolean {
  const { permission } = process as Partial<Pick<NodeJS.Process, "permission">>;
  return permission !== undefined && process.allowedNodeEnvironmentFlags.has("--allow-net") && !permission.has("net");
}
