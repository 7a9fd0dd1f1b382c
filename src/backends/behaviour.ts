/** What a mode does in the version of kube-proxy that is followed. */

import type { ModeBehaviour } from '../model/behaviour.js';
import type { Profile } from '../profiles/types.js';
import type { Backend } from './backend.js';

/** The behaviour of a mode as this profile has it. */
export function behaviourOf(
  { name, behaviour }: Pick<Backend, 'name' | 'behaviour'>,
  { nftables }: Pick<Profile, 'nftables'>,
): ModeBehaviour {
  if (name !== 'nftables' || typeof nftables === 'string') return behaviour;
  return {
    ...behaviour,
    // A chain for each endpoint masquerades what it sends to itself, wherever it is.
    hairpins: nftables.layout === 'chains' ? 'all' : behaviour.hairpins,
    refusesLoopbackNodePorts: nftables.localhostNodePorts,
    refusesNodeFirst: nftables.baseChains === 'early',
  };
}
