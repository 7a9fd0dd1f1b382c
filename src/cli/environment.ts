/** The environment variables that the program reads: the help and the man page list these. */

/** The variables with what they do. Those of systemd are not for people. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  KUBECONFIG: 'kubeconfigs for objects of a cluster, with a colon between them',
  HTTPS_PROXY: 'proxy for an API server; also HTTP_PROXY, and NO_PROXY for servers without one',
  NO_COLOR: 'no colours, unless --color says otherwise',
  VIPC_PAGER: 'pager for what a terminal cannot show at once, else PAGER; cat for none',
  XDG_STATE_HOME: 'where input that the kernel refused is kept, else TMPDIR',
  XTABLES_LOCKFILE: 'lock of iptables-legacy, instead of /run/xtables.lock',
  VIPC_DEBUG: '1: print the stack of a defect',
};
