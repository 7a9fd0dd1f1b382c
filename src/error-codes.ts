/**
 * The exit codes of the program and the codes of its errors, for the help and docs/reference.md.
 */

/** The exit code of a command. */
export type ExitCode = 0 | 1 | 2 | 64 | 75 | 78 | 130;

/** What went wrong, as a word that stays the same across versions. */
export type ErrorCode =
  | 'usage'
  | 'unusable-input'
  | 'no-input'
  | 'bad-config'
  | 'other-settings'
  | 'bad-template'
  | 'bad-plan'
  | 'no-output'
  | 'no-cluster'
  | 'unsupported'
  | 'no-tool'
  | 'forbidden'
  | 'unreadable-rules'
  | 'refused'
  | 'not-verified'
  | 'timeout'
  | 'port-taken'
  | 'defect'
  | 'locked'
  | 'stale-plan'
  | 'contention'
  | 'interrupted';

interface ExitMeaning {
  /** With every command, but for one that says it otherwise. */
  readonly common: string;
  readonly except?: string;
  /** With these commands besides. */
  readonly of?: Readonly<Record<string, string>>;
}

/**
 * Few exit codes, so that a script can branch on them. As with `kubectl diff`, 1 is a difference
 * and above 1 an error; 64, 75 and 78 are those of sysexits.h, 130 is 128 + SIGINT.
 */
const MEANINGS: Readonly<Record<ExitCode, ExitMeaning>> = {
  0: { common: 'done', of: { diff: 'no differences', verify: 'proven' } },
  1: {
    common: 'done, but something was left out, which stderr names',
    except: 'verify',
    of: {
      diff: 'differences',
      trace: 'something on the way is not understood',
      explain: 'a client gets no answer, or there is no such Service',
      lint: 'findings that `--fail-on` names',
      verify: 'refuted',
      test: 'a packet is not as expected',
      agent: 'its configuration file changed',
    },
  },
  2: {
    common: 'failed; the error says why, and `error.code` with `-o json`',
    of: {
      verify:
        'a rule on the way is not understood, an object was left out, or a named Service is not there',
    },
  },
  64: { common: 'the command line is wrong' },
  75: { common: 'another program holds the lock or changed the rules: try again' },
  78: {
    common:
      'the configuration is wrong or needs what this machine cannot do: a restart does not help',
  },
  130: { common: 'interrupted between two transactions' },
};

/** What each exit code means, with any command. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = meanings(({ common, of = {} }) =>
  [common, ...Object.entries(of).map(([command, text]) => `\`${command}\`: ${text}`)].join('; '),
);

/** What each exit code means with one command. */
export function exitCodesOf(command: string): Readonly<Record<ExitCode, string>> {
  return meanings(({ common, except, of = {} }) =>
    [except === command ? [] : common, of[command] ?? []].flat().join('; '),
  );
}

function meanings(text: (meaning: ExitMeaning) => string): Readonly<Record<ExitCode, string>> {
  const entries = Object.entries(MEANINGS).map(([code, one]) => [code, text(one)] as const);
  return Object.fromEntries(entries) as Record<ExitCode, string>;
}

/** Every error code with its exit code. */
export const ERROR_CODES: Readonly<
  Record<ErrorCode, { readonly exitCode: ExitCode; readonly meaning: string }>
> = {
  usage: { exitCode: 64, meaning: 'the command line is wrong' },
  'unusable-input': {
    exitCode: 2,
    meaning:
      'the input has nothing usable, or an invalid object under `--strict`; a test is wrong, or there is none',
  },
  'no-input': { exitCode: 2, meaning: 'an input cannot be read' },
  'bad-config': {
    exitCode: 78,
    meaning: 'a file of configuration, host facts or suppressions is wrong',
  },
  'other-settings': {
    exitCode: 78,
    meaning:
      "the node's kube-proxy is configured otherwise, and neither `--config` nor `--cluster-cidr` is given",
  },
  'bad-template': { exitCode: 2, meaning: 'a template is wrong' },
  'bad-plan': { exitCode: 2, meaning: 'a file is not a plan, or would do more than a plan may' },
  'no-output': { exitCode: 2, meaning: 'an output cannot be written' },
  'no-cluster': { exitCode: 2, meaning: 'no API server can be reached, or it refuses' },
  unsupported: { exitCode: 78, meaning: 'not in this version, or not on this machine' },
  'no-tool': { exitCode: 2, meaning: 'iptables or nft is missing, too old or not usable' },
  forbidden: { exitCode: 2, meaning: 'not root' },
  'unreadable-rules': {
    exitCode: 2,
    meaning: 'the rules cannot be read whole: an unknown table is never an empty one',
  },
  refused: {
    exitCode: 2,
    meaning: 'the kernel refuses the rules of the node; nothing was changed',
  },
  'not-verified': { exitCode: 2, meaning: 'loaded, but the kernel holds something else' },
  timeout: { exitCode: 2, meaning: 'a program did not end in time and was killed' },
  'port-taken': {
    exitCode: 2,
    meaning: 'a port of the agent is taken, and `bindAddressHardFail` is set',
  },
  defect: { exitCode: 2, meaning: 'a defect of vipc' },
  locked: { exitCode: 75, meaning: 'another program holds the lock; it is named' },
  'stale-plan': {
    exitCode: 75,
    meaning: 'the rules changed since the plan was made; nothing was changed',
  },
  contention: { exitCode: 75, meaning: 'another program keeps changing the rules' },
  interrupted: { exitCode: 130, meaning: 'interrupted between two transactions' },
};
