/**
 * Mocha's spec reporter that also writes its counts to the file of the reporter option `counts`, as
 * `passed failed skipped`, for the last line of scripts/test. CommonJS, because mocha requires reporters.
 */

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = options.reporterOptions?.counts;
    if (file === undefined) return;
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
};
