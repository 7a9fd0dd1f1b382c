/** The page of a report in a real browser: what a person does with it, and what it must not do. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { metricsServer } from '../../src/agent/serving/metrics-server.js';
import { NodeReport } from '../../src/agent/serving/node-report.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { systemClock } from '../../src/host/clock.js';
import { reportPage } from '../../src/report/page.js';
import type { ShownService } from '../../src/report/service.js';
import { syncReport } from '../agent/reports.js';
import { Stage } from '../agent/serving/stage.js';
import { openBrowser, requireBrowser, type TestBrowser } from '../support/report/browser.js';
import { manyServices, SUMMARY, shownService } from '../support/report/services.js';
import { until } from '../support/until.js';

const HOSTILE =
  'x/<img src=x onerror="document.title=1">\u202e</script><script>document.title=2</script>';

describe('the page of a report', () => {
  let folder: string;
  let browser: TestBrowser;
  let page: Page;

  before(async function () {
    requireBrowser(this);
    folder = mkdtempSync(join(tmpdir(), 'vipc-report-'));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  /** Opens a report of these Services. */
  async function open(services: readonly ShownService[], at = ''): Promise<void> {
    const path = join(folder, 'report.html');
    writeFileSync(path, reportPage(SUMMARY, services));
    page = await browser.open(`file://${path}${at}`);
  }

  const names = (): Promise<string[]> => page.locator('.services tbody th a').allTextContents();
  const count = (): Promise<string | null> => page.locator('#count').textContent();

  afterEach(async () => {
    await page?.close();
    expect(browser.errors()).to.deep.equal([]);
    expect(browser.requests()).to.deep.equal([]);
  });

  it('searches 10,000 Services, of which few are in the document', async () => {
    await open(manyServices(10_000));
    expect(await count()).to.equal('10,000 Services');
    expect((await names()).length).to.be.within(10, 100);
    await page.keyboard.press('/');
    await page.keyboard.type('SVC-0123 tcp');
    expect(await count()).to.equal('10 of 10,000 Services');
    expect((await names())[3]).to.equal('test/svc-01233');
    await page.locator('#search').fill('10.96.39.15');
    expect(await names()).to.deep.equal(['test/svc-09999']);
    await page.locator('#search').fill('nothing like it');
    await page.getByText('No Service matches.').waitFor();
    await page.getByRole('button', { name: 'Show all Services' }).click();
    expect(await count()).to.equal('10,000 Services');
  });

  it('shows the last of 10,000 where its address is opened, and where one scrolls to the end', async () => {
    await open(manyServices(10_000), '#/test%2Fsvc-09999');
    await page.getByRole('heading', { name: 'test/svc-09999' }).waitFor();
    await page.getByRole('link', { name: 'All Services' }).click();
    const last = page.getByRole('link', { name: 'test/svc-09999' });
    // A page that was opened a moment ago may not take a key yet.
    await until(
      async () => {
        await page.keyboard.press('End');
        return last.isVisible();
      },
      () => 'the last row is not in sight',
    );
    expect((await names()).length).to.be.within(10, 100);
  });

  it('opens a Service, and comes back to where one was', async () => {
    await open(manyServices(200));
    await page.locator('#search').fill('svc-0015');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'test/svc-00151' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).to.equal('service');
    expect(await page.title()).to.include('test/svc-00151');
    expect(await page.locator('.matrix td').allTextContents()).to.deep.equal(
      Array(3).fill('Answered1/2 to each of 2 endpoints, source kept'),
    );
    expect(await page.getByRole('img', { name: /^Paths of http/ }).count()).to.equal(1);
    await page.getByText('1 rule in 1 chain').click();
    expect(await page.locator('.rules code').textContent()).to.equal('-A KUBE-SVC-X');
    await page.keyboard.press('Escape');
    await page.locator('.services').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('test/svc-00151');
    expect(await count()).to.equal('10 of 200 Services');
  });

  /** Opens a Service with a second address, which is for these networks alone. */
  async function openGuarded(sources: readonly string[]): Promise<void> {
    const { row, detail } = shownService('shop/web', 1, 'ok');
    const [port] = detail.ports;
    if (port === undefined) throw new Error('no port');
    const words = 'dropped: it is in none of the source ranges';
    const dropped = { verdict: 'dropped', pool: '', share: '', masquerade: false, words } as const;
    const addresses = port.addresses.flatMap((one) => [
      one,
      { ...one, kind: 'load balancer', sources, excluded: dropped },
    ]);
    await open([{ row, detail: { ...detail, ports: [{ ...port, addresses }] } }]);
    await page.getByRole('link', { name: 'shop/web' }).click();
    await page.locator('.matrix').waitFor();
  }

  it('draws the networks that may use an address, and what becomes of others', async () => {
    await openGuarded(['10.0.0.0/8', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24']);
    const boxes = page.locator('.picture.wide .box');
    const texts = (of: number): Promise<string[]> =>
      boxes.nth(of).locator('text').allTextContents();
    expect(await texts(0)).to.deep.equal(['cluster IP', '10.96.0.1:80']);
    expect(await texts(1)).to.deep.equal([
      ...['load balancer', '10.96.0.1:80', 'only from 10.0.0.0/8'],
      ...['and 192.0.2.0/24', 'and 198.51.100.0/24', 'and 1 more'],
    ]);
    expect(await page.locator('.picture.wide .box.dropped text').allTextContents()).to.deep.equal([
      ...['dropped', 'it is in none of the', 'source ranges'],
    ]);
    expect(await page.locator('.picture.wide .label').allTextContents()).to.deep.equal([
      ...['all clients', 'source ranges', 'other sources', '1/2', '1/2'],
    ]);
  });

  it('has a column for sources that are in no source range, where there are ranges', async () => {
    await openGuarded(['10.0.0.0/8']);
    expect(await page.locator('.matrix thead th').last().textContent()).to.equal(
      'From other sourcesin none of the source ranges',
    );
    const cells = await page.locator('.matrix tr td:last-child').allTextContents();
    expect(cells).to.deep.equal(['no source ranges', 'Droppedit is in none of the source ranges']);
  });

  it('shows the Services of one state, and orders them', async () => {
    await open(manyServices(40));
    await page.getByRole('button', { name: 'Problem 4' }).click();
    expect(await names()).to.deep.equal(['09', '19', '29', '39'].map((n) => `test/svc-000${n}`));
    await page.getByRole('button', { name: 'Service', exact: true }).click();
    expect((await names())[0]).to.equal('test/svc-00039');
    expect(await page.locator('th[aria-sort=descending]').textContent()).to.equal('Service');
  });

  it('shows a hostile name, and runs nothing of it', async () => {
    await open([shownService(HOSTILE, 1, 'problem')]);
    const shown = HOSTILE.replace('\u202e', '\\u202e');
    expect(await names()).to.deep.equal([shown]);
    await page.getByRole('link', { name: shown }).click();
    await page.getByRole('heading', { name: shown }).waitFor();
    expect(await page.locator('#main img').count()).to.equal(0);
    expect(await page.title()).to.include('onerror');
  });

  it('says that there is no Service, and that one is not there', async () => {
    await open([]);
    await page.getByText('The input has no Service.').waitFor();
    await page.evaluate("location.hash = '#/a%2Fb'");
    await page.getByText('This report has no Service a/b.').waitFor();
  });

  it('is printed with all rows, and with what is folded', async () => {
    await open(manyServices(500));
    await page.evaluate('dispatchEvent(new Event("beforeprint")) && undefined');
    expect((await names()).length).to.equal(500);
    await page.evaluate('dispatchEvent(new Event("afterprint")) && undefined');
    expect((await names()).length).to.be.below(100);
    await page.getByRole('link', { name: 'test/svc-00003' }).click();
    await page.locator('details.rules').waitFor();
    await page.evaluate('dispatchEvent(new Event("beforeprint")) && undefined');
    expect(await page.locator('details:not([open])').count()).to.equal(0);
  });

  it('served by an agent, asks it for a Service, and for nothing else', async () => {
    const report = new NodeReport({
      ...{ mode: 'iptables', profile: defaultConfig.profile, version: '1', clock: systemClock },
    });
    report.observer.synced?.(syncReport());
    const stage = new Stage();
    const server = metricsServer({
      ...{ mode: 'iptables', version: '1', clock: systemClock, report },
      ...{ profile: defaultConfig.profile, configz: {}, flags: {}, metrics: async () => '' },
    });
    const address = `http://127.0.0.1:${await stage.serve(server)}/`;
    page = await browser.open(address);
    await page.getByRole('heading', { name: 'Last syncs' }).waitFor();
    await page.getByRole('link', { name: 'default/web' }).click();
    await page.getByRole('heading', { name: 'default/web' }).waitFor();
    expect(await page.locator('.matrix td').first().textContent()).to.include('Answered');
    expect(browser.requests()).to.deep.equal([address, `${address}service?name=default%2Fweb`]);
    await page.close();
    await stage.end();
  });

  it('shows nothing wider than a telephone, with the picture from top to bottom', async () => {
    await openGuarded(['10.0.0.0/8', '2001:db8:1111:2222:3333:4444:5555:6660/124']);
    for (const width of [360, 861]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.locator('.picture.narrow').isVisible()).to.equal(true);
      expect(await page.locator('.picture.wide').isVisible()).to.equal(false);
      await page.evaluate(
        'for (const one of document.querySelectorAll("details")) one.open = true',
      );
      // Neither the page nor a part of it that scrolls by itself.
      expect(
        await page.evaluate(
          `[...document.querySelectorAll('*')]
            .filter((e) => e instanceof HTMLElement && e.clientWidth > 1 && e.scrollWidth > e.clientWidth)
            .map((e) => e.outerHTML)`,
        ),
      ).to.deep.equal([]);
    }
    await page.setViewportSize({ width: 360, height: 800 });
    // Rows are blocks, and still rows for those who do not see them.
    const row = page.getByRole('table', { name: 'Who reaches what' }).getByRole('row').nth(1);
    expect(await row.getByRole('cell').count()).to.equal(4);
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('.matrix tr:first-child td')].map((e) => getComputedStyle(e, '::before').content)",
      ),
    ).to.deep.equal(['pod', 'node', 'outside', 'other sources'].map((who) => `"From ${who}" / ""`));
  });

  it('fits into a narrow window, and follows the colours that one chooses', async () => {
    await open(manyServices(20));
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide).to.be.at.most(390);
    // What gives way to names is still read out.
    const first = page.getByRole('row').nth(1);
    expect(await first.getByRole('cell', { name: 'OK' }).count()).to.equal(1);
    expect((await first.getByText('OK').boundingBox())?.width).to.equal(1);
    const cut = await page.evaluate(
      "[...document.querySelectorAll('.services tbody a')].filter((a) => a.scrollWidth > a.parentElement.clientWidth).length",
    );
    expect(cut).to.equal(0);
    const ground = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    expect(await ground()).to.equal(light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await ground()).to.not.equal(light);
  });
});
