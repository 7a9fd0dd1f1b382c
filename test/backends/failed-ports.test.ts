/** A Service port whose rules cannot be rendered costs its Service alone, and is reported. */

import { expect } from 'chai';
import type { Layout } from '../../src/backends/layout.js';
import { servicesInError } from '../../src/diagnostics.js';
import { TemplateError } from '../../src/errors.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { snapshotOf } from '../model/support.js';
import { shop } from '../support/cases/apply-case.js';
import { TESTED_BACKENDS } from '../support/cases/backends.js';

for (const { mode } of TESTED_BACKENDS) {
  describe(`backends/${mode}/failed-ports`, () => {
    const snapshot = snapshotOf(...shop('a', 1, 2), ...shop('b', 2, 2));
    const plain = compileSnapshot(snapshot, 'IPv4', { mode });

    /** The layout, with an error for the ports of `shop/a`. */
    function failing(error: Error): Layout {
      const { layout } = plain;
      return {
        ...layout,
        portView: (port, context) => {
          if (port.id.startsWith('shop/a')) throw error;
          return layout.portView(port, context);
        },
      };
    }

    it('keeps every other Service and names the one that failed', () => {
      const layout = failing(new TypeError('x is undefined'));
      const first = compileSnapshot(snapshot, 'IPv4', { mode, layout });
      const again = compileSnapshot(snapshot, 'IPv4', { mode, layout }, first);
      for (const { ruleset, diagnostics } of [first, again]) {
        expect(servicesInError(diagnostics)).to.include('shop/a').and.not.include('shop/b');
        expect(diagnostics.map(({ message }) => message)).to.include(
          'Service shop/a cannot be compiled: x is undefined',
        );
        const others = ruleset.ports.filter(({ origin }) => !origin.startsWith('shop/a'));
        expect(others).to.deep.equal(
          plain.ruleset.ports.filter(({ origin }) => !origin.startsWith('shop/a')),
        );
        const own = ruleset.ports.filter(({ origin }) => origin.startsWith('shop/a'));
        expect(own.map(({ text }) => text)).to.deep.equal(own.map(() => ''));
      }
    });

    it('throws what a template of the operator throws', () => {
      const layout = failing(new TemplateError('port.hbs: no such helper'));
      expect(() => compileSnapshot(snapshot, 'IPv4', { mode, layout })).to.throw(
        TemplateError,
        'no such helper',
      );
    });
  });
}
