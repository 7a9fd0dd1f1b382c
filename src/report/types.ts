/** What the page of a report shows: data that vipc writes and the script of the page reads. */

/** How it stands. In the page a shape and a word say the same as the colour. */
export type State = 'problem' | 'warning' | 'unknown' | 'note' | 'ok';

/** Something that was found, or asked and answered. */
export interface ReportFinding {
  readonly state: State;
  /** The command that says the same: `explain`, `lint`, `verify`, `agent`. */
  readonly source: string;
  /** One sentence without a final full stop. */
  readonly text: string;
  /** What to do about it; `''`: nothing is known. */
  readonly hint: string;
  /** The command that shows more; `''`: none. */
  readonly next: string;
  /** `cluster.yaml:7:9`, or `''`. */
  readonly place: string;
  /** More about it, line by line: a packet and the rules that decide. */
  readonly lines: readonly string[];
}

/** One Service in the table: a list, because there are many. */
export type ServiceRow = readonly [
  name: string,
  state: State,
  type: string,
  addresses: readonly string[],
  ports: readonly string[],
  /** Endpoints that get traffic of some client here, of all that there are. */
  used: number,
  endpoints: number,
  /** Findings that are problems, warnings or unknown. */
  findings: number,
];

/** What becomes of the connections of one kind of client at one address. */
export interface ReachedFrom {
  readonly verdict: 'answered' | 'refused' | 'dropped' | 'elsewhere';
  /** The pool of endpoints; `''`: none. */
  readonly pool: 'cluster' | 'local' | '';
  /** What each of them gets, `1/3`; `''`: nothing. */
  readonly share: string;
  readonly masquerade: boolean;
  readonly words: string;
}

/** One address and port that a Service answers on. */
export interface ReportAddress {
  readonly kind: string;
  readonly where: string;
  /** Networks that may use it; empty: everybody. */
  readonly sources: readonly string[];
  /** In the order of {@link ReportHead.clients}. */
  readonly clients: readonly ReachedFrom[];
  /** What becomes of sources in none of these networks, whoever they are; absent: there is none. */
  readonly excluded?: ReachedFrom;
  /** Whether verify found that rules do something else. */
  readonly refuted: boolean;
}

/** One endpoint of a Service port. */
export interface ReportEndpoint {
  readonly target: string;
  /** Its node, and its Pod where the input has it. */
  readonly place: string;
  /** What it gets of connections by policy Cluster and by policy Local; `''`: nothing. */
  readonly cluster: string;
  readonly local: string;
  /** Why it gets nothing; `''`: it gets something. */
  readonly unused: string;
}

/** Rules of one chain, each as its tool prints it and in words. */
export interface ReportRules {
  readonly table: string;
  readonly chain: string;
  readonly rules: readonly (readonly [line: string, words: string])[];
}

/** One port of a Service in one family. */
export interface ReportPort {
  /** `http 80/TCP`. */
  readonly title: string;
  readonly family: string;
  readonly addresses: readonly ReportAddress[];
  readonly endpoints: readonly ReportEndpoint[];
  readonly rules: readonly ReportRules[];
}

/** Everything that the page shows of one Service. */
export interface ServiceDetail {
  readonly name: string;
  readonly state: State;
  readonly type: string;
  readonly addresses: readonly string[];
  /** `app=web`; `''`: none. */
  readonly selector: string;
  readonly findings: readonly ReportFinding[];
  /** Questions whose answer is that nothing is wrong, or that the input does not say. */
  readonly answered: readonly ReportFinding[];
  readonly policies: readonly string[];
  readonly ports: readonly ReportPort[];
  /** Parts of its slices that are no endpoint: slice, part and reason. */
  readonly leftOut: readonly (readonly [string, string, string])[];
}

/** A list under a heading, such as the last syncs of an agent. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What stands in its place where there are no rows. */
  readonly none: string;
}

/** What the page needs at once. */
export interface ReportHead {
  /** `node worker-1 in zone zone-1`. */
  readonly title: string;
  readonly version: string;
  /** When it was made, as RFC 3339. */
  readonly made: string;
  /** Names with texts: the mode, the files. */
  readonly facts: readonly (readonly [string, string])[];
  /** What was found about the whole. */
  readonly findings: readonly ReportFinding[];
  readonly tables: readonly ReportTable[];
  /** Kinds of clients: what they are called, and who they are. */
  readonly clients: readonly (readonly [string, string])[];
  /** Whether rules are those of a dump or a kernel, and which; `''`: those that were compiled. */
  readonly rulesOf: string;
  readonly services: readonly ServiceRow[];
  /** How many Services each part of the details has; 0: the server of the page has them. */
  readonly partSize: number;
}
