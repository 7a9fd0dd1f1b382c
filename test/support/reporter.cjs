/**
 * Mocha's spec reporter for scripts/test. It writes its counts to the file of the reporter option
 * `counts`, as `passed failed skipped`, and what failed to the file of the option `failures`.
 * CommonJS, because mocha requires reporters.
 */

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { counts, failures } = options.reporterOptions ?? {};
    const failed = [];
    runner.on('fail', (test, error) =>
      failed.push(`${test.titlePath().join(' > ')}\n  ${error.message.replaceAll('\n', '\n  ')}\n`),
    );
    runner.once('end', () => {
      const { passes, failures: count, pending } = this.stats;
      if (counts !== undefined) writeFileSync(counts, `${passes} ${count} ${pending}\n`);
      if (failures !== undefined) writeFileSync(failures, failed.join(''));
    });
  }
};
