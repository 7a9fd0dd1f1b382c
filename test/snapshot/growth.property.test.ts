/** Hostile objects cost work in proportion to their size, from the text to the model. */

import { expect } from 'chai';
import { buildModel } from '../../src/model/build.js';
import { endpointsByPort } from '../../src/model/endpoints.js';
import { DEFAULT_PROFILE } from '../../src/profiles/profiles.js';
import { settings } from '../model/support.js';
import { growthTests } from '../support/operations/growth.js';
import { list } from '../support/operations/items.js';
import { cases, slice } from './growth.cases.js';
import { loadObjects, service } from './support.js';

const SPEC = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };

describe('snapshot: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);

  it('caps the collisions of one Service and counts the others', () => {
    const ports = list(100, (i) => ({ name: `p${i}`, port: i + 1 }));
    const services = ['a', 'b'].map((name) => service(name, { ...SPEC, ports }));
    const { diagnostics } = buildModel(loadObjects(services).snapshot, settings(), 'IPv4');
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(list(11, () => 'address-collision'));
    expect(diagnostics.at(-1)?.message).to.match(
      /^90 more address-collision about Service default\/b/,
    );
  });

  it('makes endpoints only for the ports that are asked for', () => {
    const { snapshot } = loadObjects([
      slice('s-1', { ports: [{ port: 1 }, { name: 'b', port: 2 }] }),
    ]);
    const slices = snapshot.slices.get('default/s') ?? [];
    const { policy } = DEFAULT_PROFILE;
    const reading = { family: 'IPv4' as const, nodeName: '', policy, zoneHints: true };
    expect([...endpointsByPort(slices, reading, []).keys()]).to.deep.equal(['/TCP', 'b/TCP']);
    const wanted = new Set(['b/TCP']);
    expect([...endpointsByPort(slices, reading, [], wanted).keys()]).to.deep.equal(['b/TCP']);
  });
});
