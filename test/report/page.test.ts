/** The page of a report as text: what it holds, and that nothing in it is markup. */

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { reportPage, safeJson, servedPage } from '../../src/report/page.js';
import { readReport } from '../support/report/read-report.js';
import { manyServices, SUMMARY } from '../support/report/services.js';

describe('report/page', () => {
  const services = manyServices(70);
  const page = reportPage(SUMMARY, services);

  it('holds every Service, in its order', () => {
    const { head, details } = readReport(page);
    expect(head.services).to.deep.equal(services.map(({ row }) => row));
    expect(details).to.deep.equal(services.map(({ detail }) => detail));
  });

  it('allows its own script and style, and nothing else', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const rules = new Map(
      policy.split('; ').map((rule): [string, string] => {
        const [name = '', ...sources] = rule.split(' ');
        return [name, sources.join(' ').replaceAll('&#x3D;', '=')];
      }),
    );
    const hashOf = (text = ''): string =>
      `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(rules.get('default-src')).to.equal("'none'");
    expect(rules.get('connect-src')).to.equal("'none'");
    expect(rules.get('script-src')).to.equal(hashOf(/<script>(.*?)<\/script>/s.exec(page)?.[1]));
    expect(rules.get('style-src')).to.equal(hashOf(/<style>(.*?)<\/style>/s.exec(page)?.[1]));
    expect(page).to.not.match(/<[^>]* (?:on\w+|style)=/);
    expect(page.match(/https?:\/\/[^'" ]+/g)).to.deep.equal([
      'http://www.w3.org/2000/svg',
      'http://www.w3.org/2000/svg',
    ]);
  });

  it('has its script before the details, for which the table need not wait', () => {
    expect(page.indexOf('<script>')).to.be.below(page.indexOf('class="part"'));
  });

  it('served, it asks its server for the details', () => {
    const served = servedPage(
      SUMMARY,
      services.map(({ row }) => safeJson(row)),
    );
    expect(served).to.include("connect-src 'self'");
    expect(readReport(served)).to.deep.equal({
      head: { ...SUMMARY, services: services.map(({ row }) => row), partSize: 0 },
      details: [],
    });
  });

  it('escapes the title', () => {
    const title = '</title><script>alert(1)</script>';
    expect(reportPage({ ...SUMMARY, title }, [])).to.not.include(title);
  });

  for (const [text, shown] of [
    ['</script><!--', '</script><!--'],
    ['a\u202eb', 'a\\u202eb'],
    ['\u001b[2J', '\\u001b[2J'],
    ['\\u001b', '\\u001b'],
    ['"\\\u2028', '"\\\\u2028'],
    ['\u{e0041}', '\\ue0041'],
  ] as const)
    it(`JSON of ${JSON.stringify(text)} shows all of it`, () => {
      const json = safeJson({ text });
      expect(json).to.not.match(/<|[\p{Cf}\u2028]/u);
      expect(JSON.parse(json).text).to.equal(shown);
    });
});
